"""Documents of a project: preview beside its gaps, Word, issues, and the house's own template."""
