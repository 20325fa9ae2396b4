"""Telling people: notices in the portal, and by mail as each person wishes."""
