"""What changed in a proposal since the gate sent it back: field by field, out of the trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import Fact, by_name, show
from dossiers.reading import Unreadable
from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from portal.models import Change, Decision, Project
from portal.records.queries import kept_value
from portal.stages import Verdict
from portal.trail import Deed, Unit, plain

MOST = 2_000  # changes looked at; a proposal has some sixty fields


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words: `mark` is "ins", "del" or "" for what stayed."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A field whose answer is another now than when it was submitted; texts as a reader meets them."""

    fact: Fact
    old: str
    new: str

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The two answers laid over each other, word by word."""
        return tuple(_pieces(self.old, self.new))


@dataclass(frozen=True, slots=True)
class Answered:
    """The verdict that sent the proposal back, and what was changed since the proposal it judged."""

    verdict: Decision
    fields: tuple[Changed, ...]

    @property
    def tied(self) -> tuple[str, ...]:
        """The lines of the gate sheet that the verdict names as what its reasons rest on."""
        named = frozenset(self.verdict.tied or ())
        return tuple(line["text"] for line in self.verdict.sheet or () if line["id"] in named)


def answered(session: Unit, project: Project) -> Answered | None:
    """How the last "revise" was answered so far; None if no gate sent it back, or once it was admitted.

    Three queries at most.
    """
    if project.standing_at not in (Stage.IDEA, Stage.PROPOSED):
        return None
    query = select(Decision).where(col(Decision.project_id) == project.id).order_by(col(Decision.serial))
    decisions = list(session.scalars(query))
    last = next((d for d in reversed(decisions) if d.verdict == Verdict.REVISE), None)
    if last is None:
        return None
    # What was judged is what stood when the project came to be proposed: submitted, or taken in so.
    judged = next(d for d in reversed(decisions) if d.target == Stage.PROPOSED and d.serial < last.serial)
    return Answered(last, tuple(_changed(session, project, judged)))


def _changed(session: Unit, project: Project, judged: Decision) -> Iterator[Changed]:
    proposal = session.scalars(select(Proposal).where(col(Proposal.project_id) == project.id)).first()
    if proposal is None:
        return
    query = select(Change).where(
        col(Change.row) == proposal.uid,
        col(Change.kind) == Proposal.kind(),
        col(Change.deed) == Deed.CHANGED.value,
        col(Change.at) > judged.at,
    )
    before: dict[str, str | None] = {}
    for change in session.scalars(query.order_by(col(Change.id)).limit(MOST)):
        before.setdefault(change.fact, change.old)
    for name, f in by_name(Proposal).items():
        if name in before and before[name] != plain(getattr(proposal, name)):
            yield Changed(f, _shown(f, before[name]), show(f, getattr(proposal, name)))


def _shown(f: Fact, kept: str | None) -> str:
    try:
        return show(f, kept_value(f, kept))
    except (Unreadable, ValueError):
        return kept or ""


def _pieces(old: str, new: str) -> Iterator[Piece]:
    before, after = _words(old), _words(new)
    for step, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if step == "equal":
            yield Piece("", "".join(before[a:b]))
            continue
        if b > a:
            yield Piece("del", "".join(before[a:b]))
        if d > c:
            yield Piece("ins", "".join(after[c:d]))


def _words(text: str) -> list[str]:
    """The words of a text, each with the blanks behind it; joined they are the text again."""
    words, begun = [], 0
    for at in range(1, len(text)):
        if text[at - 1].isspace() and not text[at].isspace():
            words.append(text[begun:at])
            begun = at
    return [*words, text[begun:]] if text else []
