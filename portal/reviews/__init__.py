"""Reviews: several people score a project at a gate, independently; who has an interest learns nothing of it."""
