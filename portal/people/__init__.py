"""People: sign-in, accounts, roles, and who works on which project."""
