"""People, permission, memory and pages around the dossiers."""
