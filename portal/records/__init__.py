"""The facts of a project: records as people enter them."""
