"""One act on several projects: chosen in the table, shown project by project before it is done, and done whole."""
