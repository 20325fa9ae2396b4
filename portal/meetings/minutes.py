"""The minutes of a gate at one attempt, in Word by the document engine.

No reference outline exists for them; the parts below are our own (own knowledge, verify).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from dossiers.blocks import Block, Cover, Draft, Section
from dossiers.word import write
from portal.config import HERE
from portal.filters import capital, day, label, moment
from portal.meetings.pack import scorecard
from portal.meetings.parts import (
    CAUTION,
    CONFIDENTIAL,
    SHORT,
    WORDS,
    Part,
    bold,
    bullets,
    labelled,
    line,
    note,
    pairs,
    prose,
    table,
)  # fmt: skip
from portal.meetings.queries import Attempt
from portal.models import Decision, now
from portal.roles import Role
from portal.scoring import far_apart

PARTS = (
    Part("1", "The meeting", "project, gate, question, day, place, attempt, the version of the rulebook"),
    Part("2", "Present and recused", "who was there in which role; who has an interest"),
    Part("3", "What was before the meeting", "the sheet as sealed with the decision, else as it stands; the scores"),
    Part("4", "Discussion", "what was said, as it was written down"),
    Part(
        "5", "Scores far apart", "criteria with a spread that the rulebook wants discussed, and what was said of them"
    ),
    Part("6", "Votes", "each vote with its reason"),
    Part("7", "Dissent", "in full"),
    Part("8", "Verdict", "the verdict in words, its reasons, and the lines of the sheet they rest on"),
    Part("9", "Conditions", "each with who sees to it and by which day"),
    Part("10", "Telling the applicants", "whether they were told"),
    Part("11", "Signatures", "a line for each function that keeps the gate"),
)
OPEN = "Draft: no decision is sealed"
UNSEALED = {"scores": "The reviewers' scores", "spread": "Scores far apart, and what was said of them"}
# Lines that no sealed sheet repeats, because applicants read it too.


def version_of(number: int | None) -> str:
    """The version of the rulebook in words."""
    if number is None:
        return "no version of the rulebook was kept with it"
    return f"version {number} of the rulebook" if number else "the rulebook as proposed (version 0)"


def status(it: Attempt) -> str:
    """What the paper is: a draft, or the record of a sealed decision."""
    d = it.decision
    return f"Sealed decision no. {d.serial} of {day(d.at)} by {d.by}" if d else OPEN


def draft(it: Attempt) -> Draft:
    """The minutes as a draft of blocks."""
    sections = (Section(p.number, p.number, p.title, 1, tuple(FILLED[p.number](it, p.number))) for p in PARTS)
    held = it.meeting.held_on if it.meeting else None
    cover = Cover(
        f"Minutes of gate {it.gate.id}",
        it.project.key,
        it.project.title,
        "",
        version="sealed" if it.decision else "draft",
        on=(it.decision.at if it.decision else now()).astimezone(HERE).date(),
        confidentiality=CONFIDENTIAL,
        status=status(it),
        lines=(
            ("Project", it.project.key),
            ("Gate", f"{it.gate.id}, {it.gate.name}; attempt {it.number}"),
            ("Meeting on", day(held) or "no day is written down"),
            ("Place", it.meeting.place if it.meeting and it.meeting.place else "none is written down"),
            ("In the chair", it.gate.chair.label),
        ),
    )
    return Draft(f"gate-minutes-{it.gate.id}-{it.number}", cover, labelled(sections), paper=True)


def docx(it: Attempt) -> bytes:
    """The minutes as a Word file."""
    return write(draft(it))


# ---------------------------------------------------------------- the parts


def _meeting(it: Attempt, at: str) -> Iterator[Block]:
    held, number = it.meeting, it.decision.rulebook if it.decision else it.book.version
    planned = held is not None and held.held_on is not None and held.held_on > now().date()
    yield pairs(f"{at}:meeting", "The meeting", (
        ("Project", f"{it.project.title} ({it.project.key})"),
        ("Gate", f"{it.gate.id}, {it.gate.name}"),
        ("Question", it.gate.question),
        ("Planned for" if planned else "Held on", day(held.held_on) if held and held.held_on else "Not written down"),
        ("Place", held.place if held and held.place else "Not written down"),
        ("In the chair", capital(it.gate.chair.label)),
        ("Attempt", f"{it.number} of at most {it.book.attempts}"),
        ("Rules", capital(version_of(number))),
        ("Status", status(it)),
    ))  # fmt: skip
    yield note(CAUTION)
    if it.project.invented:
        yield note("This project and its data are invented, for a demonstration.")


def _present(it: Attempt, at: str) -> Iterator[Block]:
    present = it.meeting.present if it.meeting else []
    if present:
        rows = [(str(p["name"]), str(p.get("role") or "–")) for p in present]
        yield table(f"{at}:present", "Present", (("Name", WORDS), ("Role", WORDS)), rows)
    else:
        yield line("Nobody is written down as present.")
    voted = {str(v["name"]).casefold() for v in it.meeting.votes} if it.meeting else set()
    for name in it.recused:
        said = "A vote of theirs is written down; the chair clears that up before anybody signs."
        said = said if name.casefold() in voted else "No vote of theirs is written down."
        yield line(bold(f"Recused: {name}. "), f"Has an interest in {it.project.key}. {said}")
    if not it.recused:
        yield line("Recused: nobody. Of the gatekeepers and those present, nobody has a known interest.")
    yield note(f"Interests as declared, or found by the portal, on {day(now())}.")


def _before(it: Attempt, at: str) -> Iterator[Block]:
    if it.decision is not None:
        yield line(f"The sheet as it was sealed with decision no. {it.decision.serial} on {moment(it.decision.at)}.")
        rows = [(x["text"], bool(x["green"]), x["shown"]) for x in it.decision.sheet or ()]
    else:
        yield line(f"The sheet as it stands on {day(now())}; no decision is sealed, so it may still change.")
        rows = [(x.text, x.is_green, x.shown if x.is_green else x.missing) for x in it.asked.lines] if it.asked else []
    if rows:
        columns = (("Line", WORDS), ("State", SHORT), ("What shows it, or is missing", WORDS))
        said = ((text, "Shown" if green else "Missing", shown or "–") for text, green, shown in rows)
        yield table(f"{at}:sheet", "The sheet", columns, said)
    else:
        yield line("No sheet was kept with this decision.")
    yield from scorecard(it.card, it.book, it.gate.id, at)


def _discussion(it: Attempt, _: str) -> Iterator[Block]:
    yield from prose(it.meeting.notes if it.meeting else "", "Nothing is written down of the discussion.")


def _apart(it: Attempt, at: str) -> Iterator[Block]:
    apart = far_apart(it.book, it.card) if it.card else ()
    if apart:
        columns = (("Criterion", WORDS), ("Scores", SHORT), ("Spread", SHORT))
        rows = [
            (f"{s.criterion.id} {s.criterion.name}", ", ".join(map(str, sorted(g.score for g in s.given))),
             f"{s.spread:f}")
            for s in apart
        ]  # fmt: skip
        yield table(f"{at}:apart", f"Criteria with a spread of {it.book.spread:f} or more points", columns, rows)
    else:
        none = f"At no criterion do scores lie {it.book.spread:f} or more points apart."
        yield line(none if it.card else "There are no scores to compare.")
    discussed = it.meeting.discussed if it.meeting else ""
    if apart or discussed:
        yield from prose(discussed, "Nothing is written down of what was said of them.")


def _votes(it: Attempt, at: str) -> Iterator[Block]:
    votes = it.meeting.votes if it.meeting else []
    if not votes:
        yield line("No vote is written down.")
        return
    count = Counter(v["vote"] for v in votes)
    yield line(f"For {count['for']}, against {count['against']}, abstained {count['abstains']}.")
    rows = [(str(v["name"]), capital(str(v["vote"])), str(v.get("reason") or "–")) for v in votes]
    yield table(f"{at}:votes", "Votes", (("Name", WORDS), ("Vote", SHORT), ("Reason", WORDS)), rows)


def _dissent(it: Attempt, _: str) -> Iterator[Block]:
    yield from prose(it.meeting.dissent if it.meeting else "", "No dissent is written down.")


def _verdict(it: Attempt, _: str) -> Iterator[Block]:
    d = it.decision
    if d is None:
        yield line(bold(OPEN + "."))
        if it.card is not None:
            proposed = label(it.card.proposal or "nothing yet")
            yield line(f"The rule set proposes: {proposed}. {' '.join(it.card.reasons)}")
        return
    yield line(bold(f"{capital(label(d.verdict))}: {d.move}. "), f"Decided by {d.by} on {moment(d.at)}.")
    yield from prose(d.reasons, "No reason was kept.")
    if d.proposal:
        same = "The verdict follows it." if d.proposal == d.verdict else "The verdict departs from it."
        yield line(f"The rule set proposed: {label(d.proposal)}. {same}")
    known = {**UNSEALED, **{x["id"]: x["text"] for x in d.sheet or ()}}
    tied = [known[name] for name in d.tied or () if name in known]
    if tied:
        yield line("The reasons rest on:")
        yield bullets(tied)
    else:
        yield line("The reasons were tied to no line of the sheet.")
    if d.evidence:
        yield line(f"Document: {d.evidence}")


def _conditions(it: Attempt, at: str) -> Iterator[Block]:
    d = it.decision
    if it.conditions:
        columns = (("Condition", WORDS), ("Seen to by", WORDS), ("By", SHORT), (f"State on {day(now())}", WORDS))
        rows = [(c.task.title, c.owner or "–", day(c.task.due) or "–", c.state) for c in it.conditions]
        yield table(f"{at}:conditions", "Conditions", columns, rows)
    elif d is not None and d.conditions:
        yield from prose(d.conditions, "")
    else:
        yield line("No condition is set." if d else "Conditions are set with the decision.")


def _telling(it: Attempt, _: str) -> Iterator[Block]:
    yield line(_told(it.decision))


def _told(d: Decision | None) -> str:
    if d is None:
        return "Whether they are told is said with the decision."
    if d.told is None:
        return "Whether they were told was not kept with this decision."
    return "The applicants were told the verdict and why." if d.told else "The applicants were not told."


def _signatures(it: Attempt, at: str) -> Iterator[Block]:
    keepers = dict.fromkeys(Role(r).label for r in it.book.gates[it.gate.id].keepers)
    functions = [f"In the chair ({it.gate.chair.label})", *map(capital, keepers), "Secretary of the meeting"]
    columns = (("Function", WORDS), ("Name", WORDS), ("Signature", WORDS), ("Date", WORDS))
    rows = [(function, *(f"\n{'_' * width}" for width in (16, 16, 10))) for function in functions]
    yield table(f"{at}:signatures", "Signatures by function", columns, rows)


FILLED: Mapping[str, Callable[[Attempt, str], Iterator[Block]]] = {
    "1": _meeting, "2": _present, "3": _before, "4": _discussion, "5": _apart, "6": _votes, "7": _dissent,
    "8": _verdict, "9": _conditions, "10": _telling, "11": _signatures,
}  # fmt: skip
