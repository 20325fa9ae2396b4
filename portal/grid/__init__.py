"""The grid: the records of one kind as a table one types in, and a block pasted from a spreadsheet."""
