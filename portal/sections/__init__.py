"""Work on a section of a document: its text, who sees to it, what was said of it, what changed since the last issue."""
