"""The portfolio at a glance: how projects flow, what they are worth and cost, and when they may arrive."""
