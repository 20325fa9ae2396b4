"""What of a kind is asked for, as the address says it: filter, order, columns, page, and the view it began from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dossiers.facts import facts
from dossiers.records.base import Record
from portal.numerals import page_number
from portal.views import named

SIZES = (25, 50, 100, 200)
USUAL = 100  # rows a page
OWN = ""  # people's own order


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a kind is asked for; it stands in the address."""

    words: str = ""
    fact: str = ""  # the words are looked for in this fact only
    sort: str = OWN
    down: bool = False
    lacking: bool = False  # only rows with a gap at the project's stage
    columns: tuple[str, ...] = ()  # facts to show, in this order; (): the usual ones
    view: str = ""  # the id of the saved view it began from, or views.PLAIN
    number: int = 1
    size: int = USUAL

    @classmethod
    def of(cls, said: Mapping[str, str], model: type[Record]) -> Asked:
        """The part of a kind a query string asks for; what it does not know is left out."""
        names = {f.name for f in facts(model)}
        number, size = said.get("page", ""), said.get("size", "")
        return cls(
            said.get("q", "").strip()[:200],
            said.get("in", "") if said.get("in") in names else "",
            said.get("sort", "") if said.get("sort") in names else OWN,
            said.get("down") == "yes",
            said.get("lacking") == "yes",
            chosen(said.get("columns", "").split(","), model),
            named(said.get("view", "")),
            page_number(number),
            int(size) if size in map(str, SIZES) else USUAL,
        )

    @classmethod
    def read(cls, query: str, model: type[Record]) -> Asked:
        """The same out of a query string, with or without its question mark."""
        return cls.of(dict(parse_qsl(query.lstrip("?"), keep_blank_values=True)), model)

    def address(self, **changed: Any) -> str:
        """The query string of this, with something changed (which leads to the first page again)."""
        said = {
            "q": self.words,
            "in": self.fact,
            "sort": self.sort,
            "down": "yes" if self.down else "",
            "lacking": "yes" if self.lacking else "",
            "columns": ",".join(self.columns),
            "view": self.view,
            "page": "",
            "size": "" if self.size == USUAL else str(self.size),
        }
        text = urlencode({name: value for name, value in (said | changed).items() if value}, safe=",")
        return f"?{text}" if text else ""

    @property
    def here(self) -> str:
        """The query string of this page of it."""
        return self.address(page=str(self.number) if self.number > 1 else "")

    @property
    def look(self) -> str:
        """What a saved view keeps: filter, order, columns and size, wherever one is in it."""
        return self.address(view="")

    @property
    def is_whole(self) -> bool:
        """Whether all rows stand in people's own order, so that they can be moved."""
        return not (self.words or self.lacking or self.sort or self.down)


def chosen(names: Sequence[str], model: type[Record]) -> tuple[str, ...]:
    """The facts of `names` that the model has, each once, behind those that name a record, which always show.

    () if none of them is a fact: then the usual columns show.
    """
    known = {f.name for f in facts(model)}
    wanted = [name for name in dict.fromkeys(names) if name in known]
    return tuple(dict.fromkeys([*(n for n in model.naming if n not in wanted), *wanted])) if wanted else ()


def moved(names: Sequence[str], name: str, steps: int) -> list[str]:
    """`names` with `name` moved by `steps`, as far as that goes."""
    order = list(names)
    if name in order:
        at = order.index(name)
        order.insert(max(0, at + steps), order.pop(at))
    return order
