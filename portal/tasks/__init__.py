"""What has to be done in a project, by whom and by when."""
