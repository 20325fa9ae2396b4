"""Verbs around a gate: show evidence, answer, record the meeting, decide."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import show_date
from portal.db import Refused, held
from portal.gates.lines import Asked, meeting
from portal.gates.queries import decided, evidence, standing
from portal.gates.rules import attempt, in_force
from portal.intake.admission import follow
from portal.media import DOCX, PPTX, XLSX
from portal.models import Decision, Project, now
from portal.pace import stand
from portal.programme import Answer, Evidence, Meeting, Readiness, Task
from portal.rights import Asker
from portal.stages import Gate, Move, Said, Verdict, refusals, target
from portal.telling.actions import Told, tell_applicants
from portal.trail import Unit

LARGEST = 20_000_000  # bytes of one attached file
LONGEST_TERM = timedelta(days=183)
KINDS = {  # ending → (type as sent, how such a file begins)
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": (DOCX, (b"PK\x03\x04",)),
    "xlsx": (XLSX, (b"PK\x03\x04",)),
    "pptx": (PPTX, (b"PK\x03\x04",)),
    "png": ("image/png", (b"\x89PNG",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
}


def take(session: Unit, who: Asker, project: tuple[UUID, int], move: Move, said: Said) -> Decision:
    """The decision that `move` was made on a project, given as (id, revision seen).

    The decision is appended with the sheet it was made on, its conditions become tasks, and the project's stage is set,
    all in the same unit. Raises `Refused` with every reason why the move may not be made now, `Stale` if the project
    moved on since the sheet was read.
    """
    row = held(session, Project, *project)
    before = decided(session, row.id)
    judged, asked = standing(session, who.person, row, before)
    judged = replace(judged, said=said)
    if judged.barred:  # what the scores lack is none of the reasons that somebody in conflict may read
        judged = replace(judged, unshown=(), unmet=())
    reasons = refusals(move, judged, who.roles) + tuple(_too_late(said))
    if reasons:
        raise Refused(*reasons)
    leads_to = target(move, judged.course)
    made = _decision(row, move, said, asked)
    made.serial, made.target = len(before) + 1, leads_to.value
    made.by_id, made.by = who.person.id, who.person.name
    session.add(made)
    # A decision that leaves the stage as it was still counts the project's state: two deciders cannot both decide.
    stand(row, [*before, made])
    row.revision += 1 if leads_to.value == judged.course.stage.value else 0
    session.flush()
    _conditions(session, made, said)
    follow(session, row, made)
    if made.verdict:
        told = Told(
            f"{row.key}: {made.verdict.replace('_', ' ')} at {made.gate or 'this stage'}", said.reasons, "", row.id
        )
        tell_applicants(session, who.person, row, replace(told, link=f"/projects/{row.key}/gates"), said.tell)
    return made


def _too_late(said: Said) -> list[str]:
    latest, today = now().date() + LONGEST_TERM, now().date()
    return [
        f"“{t.text}” is due on {show_date(t.due)}; a condition is due within six months, and not in the past."
        for t in said.terms
        if t.due is not None and not today <= t.due <= latest
    ]


def _decision(row: Project, move: Move, said: Said, asked: Asked | None) -> Decision:
    """The decision with what the decider had before them; a hold or stop belongs to the gate that lies ahead."""
    beside = move.verdict in (Verdict.HOLD, Verdict.STOP)
    gate = move.gate or (asked.gate.id if asked and beside else "")
    made = Decision(
        project_id=row.id,
        serial=0,
        move=move.name,
        gate=gate,
        verdict=move.verdict.value if move.verdict else "",
        source=row.stage,
        target=row.stage,
        reasons=said.reasons.strip(),
        conditions=_spelt(said),
        evidence=said.evidence.strip(),
        by="",
    )
    if asked is not None and gate:
        known = {line.id for line in asked.lines}
        made.attempt, made.rulebook = asked.attempt, asked.book.version
        made.proposal = asked.card.proposal if asked.card else ""
        made.sheet = [
            {"id": x.id, "text": x.text, "green": x.is_green, "shown": x.shown}
            for x in asked.lines
            if x.kind != "scores"
        ]
        made.tied = [name for name in said.tied if name in known]
        made.told = said.tell
    return made


def _spelt(said: Said) -> str:
    """The conditions as the decision keeps them in words."""
    terms = (f"{t.text} ({t.owner.replace('_', ' ')}, by {show_date(t.due)})" for t in said.terms if t.due)
    return "\n".join([said.conditions.strip(), *terms]).strip()


def _conditions(session: Unit, made: Decision, said: Said) -> None:
    for term in said.terms:
        session.add(
            Task(
                project_id=made.project_id,
                title=term.text[:300],
                owner_role=term.owner,
                due=term.due,
                origin=f"condition:{made.id}",
                gate=made.gate,
            )
        )


# ---------------------------------------------------------------- evidence


@dataclass(frozen=True, slots=True)
class Document:
    """A document a person attaches: to which item, its title and date, a note, and perhaps the file (name, bytes)."""

    item: str
    title: str
    dated: date | None
    note: str = ""
    file: tuple[str, bytes] = ("", b"")


def show(session: Unit, who: Asker, project: Project, gate: Gate | None, document: Document) -> Evidence:
    """The document, attached to an item of a gate (None: to the proposal). Raises `Refused` with what to mend."""
    reasons = list(_unfit(document))
    if gate is not None and document.item not in {d.id for d in in_force(session).gates[gate.id].deliverables}:
        reasons.append("Choose what the document shows.")
    kind, problem = _kind(*document.file)
    if problem:
        reasons.append(problem)
    if reasons or document.dated is None:
        raise Refused(*reasons)
    name, data = document.file
    made = Evidence(
        project_id=project.id,
        gate=gate.id if gate else "",
        item=document.item,
        title=document.title.strip()[:300],
        dated=document.dated,
        note=document.note.strip()[:5_000],
        file_name=name[-200:],
        mime=kind,
        data=data,
        sha256=hashlib.sha256(data).hexdigest() if data else "",
        by_id=who.person.id,
        by=who.person.name,
    )
    session.add(made)
    session.flush()
    return made


def _unfit(document: Document) -> list[str]:
    found = []
    if len(document.title.strip()) < 4:
        found.append("Give the document's title, so that somebody else finds it.")
    if document.dated is None:
        found.append("Give the date that stands on the document.")
    elif document.dated > now().date():
        found.append(f"The document is dated {show_date(document.dated)}, which is still to come; give its own date.")
    return found


def _kind(name: str, data: bytes) -> tuple[str, str]:
    """(type of the file, why it is not taken)."""
    if not data:
        return "", f"The file {name} is empty; choose it again." if name else ""
    ending = name.rsplit(".", 1)[-1].lower().replace("jpeg", "jpg") if "." in name else ""
    if ending not in KINDS:
        return "", f"A file of the type “{ending or 'none'}” is not taken; send one of {', '.join(KINDS)}."
    if len(data) > LARGEST:
        return "", f"The file has {len(data):,} bytes; at most {LARGEST:,} are taken. Send a smaller one, or its title."
    mime, starts = KINDS[ending]
    if not data.startswith(starts):
        return "", f"The file {name} is no {ending.upper()}; save it as one and send it again."
    return mime, ""


def withdraw(session: Unit, project: Project, uid: UUID) -> Evidence:
    """The attached document, withdrawn: it shows nothing any more, and stays where it was."""
    found = evidence(session, project, uid)
    if found.withdrawn_at is not None:
        raise Refused("This document was withdrawn before.")
    found.withdrawn_at = now()
    return found


def answer(session: Unit, who: Asker, project: Project, gate: Gate, said: tuple[str, bool, str]) -> Answer:
    """Whether a must-meet item is met, said with a note for the running attempt. `said` is (item, met, note)."""
    item, is_met, note = said
    wanted = {m.id: m for m in in_force(session).gates[gate.id].must_meet}
    if item not in wanted or wanted[item].scores:
        raise Refused("This item is shown by the scorecard, or is none of this gate.")
    if len(note.strip()) < 4:
        raise Refused("Say in a few words what shows it; the note is kept with the answer.")
    number = attempt(session, project.id, gate.id)
    query = select(Answer).where(
        col(Answer.project_id) == project.id,
        col(Answer.gate) == gate.id,
        col(Answer.attempt) == number,
        col(Answer.item) == item,
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        row = Answer(
            project_id=project.id, gate=gate.id, attempt=number, item=item, is_met=is_met, by_id=who.person.id, by=""
        )
        session.add(row)
    row.is_met, row.note, row.by_id, row.by, row.at = (
        is_met,
        note.strip()[:2_000],
        who.person.id,
        who.person.name,
        now(),
    )
    session.flush()
    return row


def level(session: Unit, who: Asker, project: Project, said: tuple[str, int, str]) -> Readiness:
    """How ready the project is on one track. `said` is (track, level, note)."""
    track, number, note = said
    book = in_force(session)
    if track not in book.tracks or number not in book.levels:
        raise Refused("Choose a track and a level of the rulebook.")
    if len(note.strip()) < 4:
        raise Refused("Say in a few words what shows the level.")
    row = session.scalars(
        select(Readiness).where(col(Readiness.project_id) == project.id, col(Readiness.track) == track)
    ).one_or_none()
    if row is None:
        row = Readiness(project_id=project.id, track=track, level=number, by="")
        session.add(row)
    row.level, row.note, row.by, row.at = number, note.strip()[:2_000], who.person.name, now()
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Minutes:
    """What is written down of a meeting, held or planned: a line for each person present ("Name, role"), one for each
    vote; `discussed` is what was said of scores far apart.
    """

    held_on: date | None
    place: str
    present: str
    votes: str
    dissent: str
    notes: str
    discussed: str = ""


def meet(session: Unit, project: Project, gate: Gate, said: Minutes) -> Meeting:
    """The record of the meeting at the running attempt, which may still be to come.

    Raises `Refused` for a vote that cannot be read, and for what only a meeting that was held can say.
    """
    if said.held_on is not None and said.held_on > now().date() and (said.votes.strip() or said.discussed.strip()):
        raise Refused(
            f"The meeting is planned for {show_date(said.held_on)}. Votes, and what was said of scores far apart, are "
            "written down once it was held; correct the day, or leave them out until then."
        )
    number = attempt(session, project.id, gate.id)
    present = [dict(zip(("name", "role"), _split(line, ","), strict=True)) for line in _lines(said.present)]
    votes = [_vote(line) for line in _lines(said.votes)]
    row = meeting(session, project.id, gate.id, number)
    if row is None:
        row = Meeting(project_id=project.id, gate=gate.id, attempt=number)
        session.add(row)
    row.held_on, row.place, row.present, row.votes = said.held_on, said.place.strip()[:200], present, votes
    row.dissent, row.notes = said.dissent.strip()[:5_000], said.notes.strip()[:10_000]
    row.discussed = said.discussed.strip()[:10_000]
    session.flush()
    return row


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][:60]


def _split(line: str, mark: str) -> tuple[str, str]:
    left, _, right = line.partition(mark)
    return left.strip(), right.strip()


VOTES = ("for", "against", "abstains")


def _vote(line: str) -> dict[str, str]:
    name, rest = _split(line, ":")
    vote, reason = _split(rest, ",")
    if vote.lower() not in VOTES or not name:
        raise Refused(f"“{line}” is no vote; write one a line, as “Name: for” or “Name: against, why”.")
    return {"name": name, "vote": vote.lower(), "reason": reason}
