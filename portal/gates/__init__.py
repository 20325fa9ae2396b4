"""The gate sheet of a project: the evidence, what is still missing, and the decision."""
