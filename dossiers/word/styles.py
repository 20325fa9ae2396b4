"""What a house template must bring itself, and what its fields may ask for.

Styles go by name: a template made in another language of Word has other ids for the same built-in styles
(`berschrift1` is named "heading 1" everywhere). The writer adds every other style it uses where a template lacks it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """A style: its name as Word stores it, and its kind (paragraph, character, table)."""

    name: str
    kind: str = "paragraph"


NEEDED: tuple[Style, ...] = (  # a document without these has no look of its own to lend
    Style("Normal"),
    Style("Title"),
    *(Style(f"heading {level}") for level in range(1, 5)),
    Style("caption"),
    Style("header"),
    Style("footer"),
)

# What DOCPROPERTY fields in headers, footers and covers may ask for: the properties the writer gives each document.
PROPERTIES: tuple[str, ...] = (
    "DocumentID",
    "Document",
    "Version",
    "Status",
    "ProductCode",
    "Product",
    "Sponsor",
    "Confidentiality",
    "Date",
    "Outline",
)
