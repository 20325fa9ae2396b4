"""Draft → Word: `write` gives the file, `anchors` the bookmark of each section, table and figure in it."""

from dossiers.word.writer import Unfinished, anchors, write

__all__ = ["Unfinished", "anchors", "write"]
