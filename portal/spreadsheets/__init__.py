"""Spreadsheets: the facts of a project as XLSX or CSV, and back after a look at what would change."""
