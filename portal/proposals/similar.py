"""Earlier ideas that resemble this one by their words; only those that the person who asks may see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal.models import Project
from portal.proposals.queries import proposal_of
from portal.rights import Asker, visible_to
from portal.searching import resembling
from portal.trail import Unit

COMPARED = 500  # of the projects in sight those that share the most words
KINDS = ("project", Proposal.kind())  # where ideas are told
SHOWN = 5
SHARED = 2  # words at least
LIKE = 0.25  # share of the weight of this idea's words
WORD = re.compile(r"[^\W_][\w+-]*[\w+]")
# fmt: off
EMPTY = frozenset({
    "about", "after", "also", "and", "are", "both", "cell", "cells", "disease", "for", "from", "gene", "has", "have",
    "how", "into", "its", "may", "more", "new", "not", "of", "one", "other", "patient", "patients", "product", "that",
    "the", "their", "them", "then", "therapy", "they", "this", "those", "to", "treatment", "use", "used", "with",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class Similar:
    """A project that resembles the idea: key, title, and the words they share, the rarest first."""

    key: str
    title: str
    words: tuple[str, ...]


def similar(session: Unit, who: Asker, project: Project) -> tuple[Similar, ...]:
    """The projects most like `project` of those `who` may see, the closest first; three queries, whatever is there.

    The index of the search says which to compare. A word weighs the more the fewer of those use it.
    """
    own = proposal_of(session, project)
    mine = words(project.title, own.indication if own else None, own.moa if own else None)
    if len(mine) < SHARED:
        return ()
    near = resembling(session, who, mine, KINDS, COMPARED + 1)  # the idea itself is the nearest of all
    query = (
        select(col(Project.key), col(Project.title), col(Proposal.indication), col(Proposal.moa))
        .outerjoin(Proposal, col(Proposal.project_id) == col(Project.id))
        .where(visible_to(who), col(Project.id).in_(near), col(Project.id) != project.id)
    )
    others = [(key, title, words(title, *texts)) for key, title, *texts in session.execute(query)]
    return _closest(mine, others)


def _closest(mine: frozenset[str], others: Iterable[tuple[str, str, frozenset[str]]]) -> tuple[Similar, ...]:
    others = list(others)
    used = Counter(word for _, _, theirs in others for word in theirs & mine)
    weight = {word: log(1 + (len(others) + 1) / (used[word] + 1)) for word in mine}
    whole, found = sum(weight.values()), []
    for key, title, theirs in others:
        shared = sorted(mine & theirs, key=lambda word: (-weight[word], word))
        share = sum(weight[word] for word in shared) / whole
        if len(shared) >= SHARED and share >= LIKE:
            found.append((-share, key, Similar(key, title, tuple(shared[:6]))))
    return tuple(one for *_, one in sorted(found, key=lambda f: f[:2])[:SHOWN])


def words(*texts: str | None) -> frozenset[str]:
    """The words of texts that say something, in small letters; of two characters at least."""
    return frozenset(word for text in texts if text for word in WORD.findall(text.casefold())) - EMPTY
