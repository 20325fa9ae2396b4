"""Verbs of the work on a section: write its text, take a step with it, say who sees to it, talk about it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dossiers.facts import Fact, Form
from dossiers.reading import Unreadable, clean
from dossiers.records.dossier import Narrative, NarrativeStatus
from portal.db import Refused, Stale, held
from portal.models import Comment, Project, SectionWork, now
from portal.records.actions import Adding, Unfit, fill
from portal.records.actions import Typed as Facts
from portal.records.names import Names
from portal.records.queries import since
from portal.rights import Asker, Right, may
from portal.sections import queries
from portal.sections.queries import At, Spot
from portal.sections.steps import Status, refusals, step
from portal.trail import Unit

_SAID = Fact("text", "Comment", Form.PROSE, max_length=4_000)


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it was typed, on the revision of its record that the person saw (0: there was none)."""

    text: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A step asked for: its name, the revision of the work that was seen (0: none), the seal of the words seen."""

    step: str
    revision: int
    seal: str


# ---------------------------------------------------------------- the text


def write(session: Unit, who: Asker, project: Project, at: At, typed: Typed) -> Narrative:
    """The text of the section with what was typed; its record is made if there is none. A new text is a draft again.

    Raises `Stale` if somebody changed the text since, `Unfit` with a sentence, `Refused` where no text is printed.
    """
    session.get(Project, project.id, with_for_update=True)  # two people who begin one text take turns
    spot = queries.spot(session, project, at)
    if not spot.takes_text:
        raise Refused("This section is complete from facts and prints no text of its own.")
    facts = _facts(who, typed)
    written = spot.written
    if written is None:
        made = _begin(session, project, spot, facts)
        _set(_row(session, project, at), who, Status.DRAFT)
        return made
    if (written.text or "") == facts["text"]:
        return written  # nothing of theirs is lost, and nothing is new
    if written.revision != typed.revision and "text" in since(session, written, typed.revision)[0]:
        raise Stale(written, {"text": typed.text}, written.values())
    row = held(session, Narrative, written.uid, written.revision)
    if not facts["text"]:
        facts = {"text": ""}
    fill(row, Facts(facts), Names(session, project.id))
    _set(_row(session, project, at), who, Status.DRAFT if row.text else Status.EMPTY)
    session.flush()
    return row


def _facts(who: Asker, typed: Typed) -> dict[str, str]:
    try:
        text = queries.read_text(typed.text)
    except Unreadable as why:
        raise Unfit({"text": str(why)}) from None
    return {"text": text, "status": NarrativeStatus.DRAFT.value, "author": who.person.name, "reviewed_by": ""}


def _begin(session: Unit, project: Project, spot: Spot, facts: dict[str, str]) -> Narrative:
    if not facts["text"]:
        raise Unfit({"text": "There is no text yet to save."})
    adding, substance = Adding(session, project, Narrative), spot.place.substance
    about = {"section_number": spot.planned.number, "language": "en"}
    if substance is not None:
        about["active_substance"] = str(substance.uid)
    key = spot.at.section if len(spot.at.section) <= 120 and spot.at.section not in adding.keys else ""
    made = adding.one(Facts(about | facts, key=key))
    assert isinstance(made, Narrative)
    return made


# ---------------------------------------------------------------- the work


def _row(session: Unit, project: Project, at: At, revision: int | None = None) -> SectionWork:
    """The row about the section, locked, made if there is none. Raises `Stale` unless at `revision` (None: any)."""
    session.get(Project, project.id, with_for_update=True)
    uid = queries.work_id(project, at)
    row = session.get(SectionWork, uid, with_for_update=True, populate_existing=True)
    if row is None:
        row = SectionWork(id=uid, project_id=project.id, outline=at.outline, section=at.section)
        session.add(row)
    elif revision is not None and row.revision != revision:
        raise Stale(row, {}, {})
    return row


def _set(row: SectionWork, who: Asker, status: Status) -> None:
    row.status, row.set_by, row.set_at = status.value, who.person.name, now()


def take(session: Unit, who: Asker, project: Project, at: At, asked: Asked) -> SectionWork:
    """The section one step further. Raises `Refused` with every reason against it, `Stale`, `LookupError`."""
    taken = step(asked.step)
    section = queries.as_composed(session, project, at)
    beside = queries.beside(session, who, project, at, section)
    reasons = refusals(taken, beside.case)
    if beside.sealed != asked.seal:
        reasons += ("The section changed while you read it. Read it again.",)
    if reasons:
        raise Refused(*reasons)
    row = _row(session, project, at, asked.revision)
    _set(row, who, taken.target)
    written = beside.spot.written
    if written is not None and written.text and taken.name != "submit":
        _tell(session, who, written, taken.name)
    row.sealed = beside.sealed
    session.flush()
    return row


def _tell(session: Unit, who: Asker, written: Narrative, name: str) -> None:
    """Let the text's own record say how far it is: it is part of the project file."""
    row = held(session, Narrative, written.uid, written.revision)
    status = {"review": NarrativeStatus.REVIEWED, "approve": NarrativeStatus.APPROVED}.get(name, NarrativeStatus.DRAFT)
    reader = who.person.name if name in ("review", "approve") else None
    if name == "approve" and row.reviewed_by:
        reader = row.reviewed_by
    row.fill({"status": status, "reviewed_by": reader})


def own(session: Unit, project: Project, at: At, owner: UUID | None, revision: int) -> SectionWork:
    """The section with the person who sees to it from now on; None for nobody. Raises `Refused`, `Stale`."""
    queries.spot(session, project, at)
    person = next((p for p in queries.members(session, project) if p.id == owner), None)
    if owner is not None and person is None:
        raise Refused("Only somebody who works on the project can see to a section. Add them under People first.")
    row = _row(session, project, at, revision)
    row.owner_id, row.owner = (person.id, person.name) if person else (None, "")
    session.flush()
    return row


# ---------------------------------------------------------------- talk


def comment(session: Unit, who: Asker, project: Project, at: At, text: str) -> Comment:
    """A comment on the section. Raises `Unfit` for one without words."""
    queries.spot(session, project, at)
    try:
        said = clean(_SAID, text, lines=True)
    except Unreadable as why:
        raise Unfit({"comment": str(why)}) from None
    if not said:
        raise Unfit({"comment": "Write what you want to say first."})
    by = who.person
    made = Comment(project_id=project.id, outline=at.outline, section=at.section, text=said, by_id=by.id, by=by.name)
    session.add(made)
    session.flush()
    return made


def resolve(session: Unit, who: Asker, project: Project, at: At, uid: UUID) -> Comment:
    """The comment, resolved; one that was resolved stays as it was. Raises `LookupError`, `Refused`."""
    row = session.get(Comment, uid, with_for_update=True, populate_existing=True)
    if row is None or (row.project_id, row.outline, row.section) != (project.id, at.outline, at.section):
        raise LookupError("This section has no such comment.")
    if row.by_id != who.person.id and not may(who, Right.WRITE, project):
        raise Refused("A comment is resolved by whoever made it, or by somebody who may write this project's sections.")
    if row.resolved_at is None:
        row.resolved_at, row.resolved_by = now(), who.person.name
        session.flush()
    return row
