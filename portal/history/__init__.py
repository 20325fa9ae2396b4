"""Who changed what in a project, when and why."""
