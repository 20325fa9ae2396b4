"""A draft on its way out: page numbers taken from a rendering, and the frozen inputs of an issued document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dossiers.blocks import Cover, Draft
from dossiers.office import pages
from dossiers.word import anchors, write

TRIES = 3  # contents entries of the same length: the second pass is a fixed point in all but odd cases


def paged(draft: Draft, template: bytes | None = None) -> Draft:
    """`draft` with the page of each section, table and figure, as LibreOffice lays it out.

    Costs one rendering per pass, two as a rule; do it once, when a document is issued. Raises `OfficeFault`.
    """
    known = anchors(draft)
    for _ in range(TRIES):
        found = tuple(sorted(pages(write(draft, template), known).items()))
        if found == draft.pages:
            break
        draft = replace(draft, pages=found)
    return draft


def final(draft: Draft, version: str, on: date, signers: tuple[tuple[str, str, str], ...]) -> Draft:
    """`draft` as it goes out: version, day and signers are frozen inputs of it, findings stay inside."""
    cover: Cover = replace(draft.cover, version=version, on=on, signers=signers, status="", final=True)
    return replace(draft, cover=cover, remarks=())


def as_draft(draft: Draft, version: str, on: date, signers: tuple[tuple[str, str, str], ...]) -> Draft:
    """`draft` going out as a draft: numbered and signed, its gaps and findings left visible."""
    cover: Cover = replace(draft.cover, version=f"{version} (draft)", on=on, signers=signers)
    return replace(draft, cover=cover)
