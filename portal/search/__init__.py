"""One field over everything somebody may see: projects, proposals and records."""
