"""Questions of the search page: what the address asks for, and the hits by project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from dossiers.records import RECORDS
from portal.numerals import page_number
from portal.searching import Hit, Sought

LONGEST = 200  # characters typed
PROJECT = "project"
CALLED = {PROJECT: ("Project", "Projects")} | {kind: model.called for kind, model in RECORDS.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; it stands in the address, so that links and Back work. `kind`: a table; empty: all."""

    words: str = ""
    kind: str = ""
    number: int = 1

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        """What a query string asks for; words it does not know are left out."""
        kind, number = said.get("kind", ""), said.get("page", "1")
        return cls(
            "".join(char if char.isprintable() else " " for char in said.get("q", "")).strip()[:LONGEST],
            kind if kind in CALLED else "",
            page_number(number),
        )

    @property
    def sought(self) -> Sought:
        """The question to the index."""
        return Sought(self.words, frozenset({self.kind}) if self.kind else None, page=self.number)

    def address(self, **change: Any) -> str:
        """The query string of this search with `change` made to it; another filter begins at page 1."""
        new = replace(self, **({"number": 1} | change))
        said = {"q": new.words, "kind": new.kind, "page": str(new.number) if new.number > 1 else ""}
        return "?" + urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one project, the best first. `whole`: the project itself is among them."""

    key: str
    project: str
    whole: Hit | None
    hits: tuple[Hit, ...]


def grouped(hits: Iterable[Hit]) -> tuple[Group, ...]:
    """The hits by project, in the order of each project's best."""
    by: dict[str, list[Hit]] = {}
    for hit in hits:
        by.setdefault(hit.key, []).append(hit)
    return tuple(
        Group(
            key,
            found[0].project,
            next((hit for hit in found if hit.kind == PROJECT), None),
            tuple(hit for hit in found if hit.kind != PROJECT),
        )
        for key, found in by.items()
    )
