"""The gate pack of one project: what stands before the gatekeepers when they judge it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dossiers.binder import origin
from dossiers.blocks import Block, Column, Gap, Inlines, Run, Section
from dossiers.facts import by_name, is_empty, show
from dossiers.records import RECORDS
from portal.filters import capital, day, label, money, plural
from portal.gates.lines import Line
from portal.meetings.parts import NUMBER, SHORT, WORDS, Part, bold, line, note, pairs, table
from portal.meetings.queries import Pack
from portal.roles import HALVES
from portal.rulebook import Rulebook
from portal.scoring import Card, Summed, far_apart

PARTS = (
    Part("1", "The question and what must be met", "the gate's question; each must-meet item with its answer"),
    Part("2", "Deliverables", "each document asked for, and what shows it: document, version, date"),
    Part("3", "Readiness", "the level of each track beside the level asked"),
    Part("4", "Scores", "each criterion with mean, median, spread, minimum, confidence; weighted scores, method"),
    Part("5", "Open conditions of earlier gates", "each with who sees to it and its day"),
    Part("6", "Money", "asked, committed and spent, by source, in EUR"),
    Part("7", "What is missing", "lines not shown and facts not known, with who owes them"),
    Part("8", "Proposal and choices", "what the rule set proposes and why; the verdicts that may be given"),
)
NO_SCORES = "Nobody has handed in scores for this attempt."
TO_DISCUSS = "to be discussed"
NEWEST = 3  # documents named of one deliverable; the rest is counted
SHOWN = 12  # facts named one by one of a kind of record; the rest is counted


def sections(made: Pack, number: int) -> Iterator[Section]:
    """The pack as sections: the project on a new page with its summary, then the parts below it."""
    project, at = made.case.item.project, str(number)
    yield Section(at, at, f"{project.key}: {project.title}", 1, tuple(_summary(made, at)), new_page=True)
    for part in PARTS:
        key = f"{at}.{part.number}"
        yield Section(key, key, part.title, 2, tuple(FILLED[part.number](made, key)))


def _summary(made: Pack, at: str) -> Iterator[Block]:
    case, project = made.case, made.case.item.project
    leads = ", ".join(m.person.name for m in made.team if m.function in HALVES)
    lead: Inlines = (Run(leads),) if leads else (Gap("Tandem"),)
    gate, book = case.item.gate, case.asked.book
    yield pairs(f"{at}:summary", "Summary", (
        ("Project", f"{project.title} ({project.key})"),
        ("Gate", f"{gate.id}, {gate.name}; attempt {case.asked.attempt} of {book.attempts}"),
        ("Stage", f"{project.standing_at.label}, since {day(project.since)}"),
        ("Led by", lead),
        ("Class of product", _fact(made, ("atmp_class", "product_type"))),
        ("Indication", _fact(made, ("indication",))),
        ("Sheet", _counted(made)),
    ))  # fmt: skip
    if project.invented:
        yield note("This project and its data are invented, for a demonstration.")
    if not case.is_ahead:
        yield line("The project does not stand before this gate now, so nothing can be decided here.")


def _fact(made: Pack, names: tuple[str, ...]) -> Inlines:
    """The first of these facts that is known, of the product or else of the proposal; a gap if none is."""
    gap: Inlines = ()
    for record in made.product:
        known = by_name(type(record))
        for name in (n for n in names if n in known):
            value: Any = getattr(record, name)
            if not is_empty(value):
                return (Run(show(known[name], value), origin=origin(record, name)),)
            gap = gap or (Gap(known[name].label, origin(record, name)),)
    return gap or (Gap(capital(names[0].replace("_", " "))),)


def _counted(made: Pack) -> str:
    lines = made.case.asked.lines
    against = sum(x.stands_against for x in lines)
    said = f"{sum(x.is_green for x in lines)} of {len(lines)} lines shown; missing for a go: {plural(against, 'line')}"
    return f"{said}, {plural(len(made.case.lacks), 'fact')}" if made.case.item.gate.due else said


# ---------------------------------------------------------------- the parts


def _must(made: Pack, at: str) -> Iterator[Block]:
    case = made.case
    yield line(bold(case.item.gate.question))
    rows = [(x.text, "Met" if x.is_green else "Not met", x.shown if x.is_green else x.missing)
            for x in case.asked.of("must")]  # fmt: skip
    if rows:
        columns = (("What must be met", WORDS), ("Answer", SHORT), ("By whom, and what shows it", WORDS))
        yield table(f"{at}:must", "Must-meet items", columns, rows)
    else:
        yield line("The rulebook names nothing that must be met at this gate.")


def _deliverables(made: Pack, at: str) -> Iterator[Block]:
    rows = [(x.text, _state(x), _shown(x), x.owner) for x in made.case.asked.of("deliverable")]
    if not rows:
        yield line("The rulebook asks for no document at this gate.")
        return
    columns = (("Deliverable", WORDS), ("State", SHORT), ("Document, version, date", WORDS), ("Supplied by", WORDS))
    yield table(f"{at}:deliverables", "Deliverables and what shows each", columns, rows)


def _state(one: Line) -> str:
    return "Shown" if one.is_green else "Optional" if one.optional else "Missing"


def _shown(one: Line) -> str:
    """What shows a deliverable: what the portal holds, and the documents attached last, with their dates."""
    attached = [f"{e.title}, {day(e.dated)}" for e in reversed(one.evidence)]
    said = [one.shown] if one.shown and one.shown not in attached else []
    earlier = len(attached) - NEWEST
    rest = [f"and {earlier} attached before"] if earlier > 0 else []
    return "\n".join((*said, *attached[:NEWEST], *rest)) or one.missing


def _readiness(made: Pack, at: str) -> Iterator[Block]:
    book = made.case.asked.book
    wanted = book.gates[made.case.item.gate.id].readiness
    rows = []
    for track, name in book.tracks.items():
        row, least = made.levels.get(track), wanted.get(track)
        enough = "–" if least is None else "Yes" if row is not None and row.level >= least else "No"
        why = f"{row.note} ({row.by}, {day(row.at)})" if row else "No level is argued yet."
        rows.append((name, str(least or "–"), str(row.level) if row else "–", enough, why))
    columns = (("Track", WORDS), ("Asked", NUMBER), ("Now", NUMBER), ("Reached", SHORT), ("What shows it", WORDS))
    remarks = ("Levels 1 to 9 of the rulebook; – where this gate asks for none.",)
    yield table(f"{at}:readiness", "Readiness by track", columns, rows, remarks)


def _scores(made: Pack, at: str) -> Iterator[Block]:
    case = made.case
    yield from scorecard(case.asked.card, case.asked.book, case.item.gate.id, at)
    for one in case.asked.of("scores"):
        yield line(
            bold("Shown: " if one.is_green else "Missing: "), f"{one.text}. {(one.shown or one.missing).rstrip('.')}."
        )


def scorecard(made: Card | None, book: Rulebook, gate: str, at: str) -> Iterator[Block]:
    """A scorecard as a table, what it comes to, and its method in words."""
    if gate not in book.thresholds:
        yield line("This gate is not scored: it asks for must-meet items only.")
        return
    if made is None:
        yield line(NO_SCORES)
        return
    apart = {s.criterion.id for s in far_apart(book, made)}
    columns = (
        ("Criterion", WORDS), ("Weight", NUMBER), ("Mean", NUMBER), ("Median", NUMBER), ("Spread", NUMBER),
        ("Least", NUMBER), ("Confidence", SHORT), ("To note", WORDS),
    )  # fmt: skip
    rows = [_scored(s, made, apart) for s in made.criteria]
    letters = "; ".join(
        f"{letter}: {means[:1].lower()}{means[1:]}" + (f", takes {takes:f} off" if takes else "")
        for letter, (means, takes) in book.confidence.items()
    )
    yield table(f"{at}:scores", "Scores by criterion, 0 to 5 points", columns, rows, (f"Confidence: {letters}.",))
    limits = book.thresholds[gate]
    yield line(
        bold(f"Weighted score {_points(made.weighted)} of 100; evened out {_points(made.adjusted)}. "),
        f"Go from {limits.go:f}, with conditions from {limits.conditional:f}, stop below {limits.stop:f}.",
    )
    yield note(made.method)


def _scored(one: Summed, made: Card, apart: set[str]) -> tuple[str, ...]:
    name, least = one.criterion.id, one.criterion.minimum.get(made.gate, 0)
    said = [TO_DISCUSS] if name in apart else []
    said += ["zero, knocks out"] if one.is_zero and one.criterion.knock_out else []
    said += ["under its minimum"] if name in made.below else []
    spread = f"{one.spread:f}" if one.given else "–"
    return (
        f"{name} {one.criterion.name}", f"{one.criterion.weight:f}", _points(one.mean), _points(one.median), spread,
        f"{least:f}" if least else "–", ", ".join(sorted(g.confidence for g in one.given)) or "–",
        capital("; ".join(said)),
    )  # fmt: skip


def _points(value: Any) -> str:
    return "–" if value is None else f"{value:.1f}"


def _conditions(made: Pack, at: str) -> Iterator[Block]:
    open_ = [c for c in made.conditions if c.task.done_at is None]
    done = len(made.conditions) - len(open_)
    if open_:
        rows = [(c.task.title, c.task.gate, c.owner or "–", day(c.task.due) or "–") for c in open_]
        columns = (("Condition", WORDS), ("Gate", SHORT), ("Seen to by", WORDS), ("By", SHORT))
        yield table(f"{at}:conditions", "Open conditions", columns, rows)
    else:
        yield line("No condition of an earlier gate is open.")
    if done:
        yield line(f"Done: {done} of {len(made.conditions)}.")


def _money(made: Pack, at: str) -> Iterator[Block]:
    if not made.purse.sources:
        yield line("No money is entered for this project.")
        return
    sources = [*made.purse.sources, *([made.purse.total] if len(made.purse.sources) > 1 else [])]
    rows = [(s.name, *(money(x) for x in (s.asked, s.free, s.waiting, s.spent))) for s in sources]
    columns = (
        ("Source", WORDS), ("Asked for", NUMBER), ("Committed, released", NUMBER),
        ("Committed, waits for a gate", NUMBER), ("Spent", NUMBER),
    )  # fmt: skip
    yield table(f"{at}:money", "Money in EUR", columns, rows)


def _missing(made: Pack, at: str) -> Iterator[Block]:
    against = [x for x in made.case.asked.lines if x.stands_against]
    if not against and not made.case.lacks:
        yield line("Nothing is missing.")
    if against:
        columns = (("Line of the sheet", WORDS), ("What is missing", WORDS), ("Owed by", WORDS))
        rows = [(x.text, x.missing, x.owner or "–") for x in against if x.kind != "conditions"]
        owed = [x for x in against if x.kind == "conditions"]
        if owed:
            whom = ", ".join(dict.fromkeys(x.owner for x in owed if x.owner)) or "–"
            rows.append(("Conditions of earlier gates", f"{len(owed)} open, listed above.", whom))
        yield table(f"{at}:against", "What stands against a go", columns, rows)
    if made.case.lacks:
        yield table(
            f"{at}:facts", "Facts that are not known yet",
            (("Kind", Column(share=0.2)), ("Missing", NUMBER), ("Which", WORDS), ("Owed by", WORDS)), _lacking(made),
        )  # fmt: skip


def _lacking(made: Pack) -> Iterator[tuple[str, ...]]:
    for kind in dict.fromkeys(lack.kind for lack in made.case.lacks):
        mine = [lack for lack in made.case.lacks if lack.kind == kind]
        named = [lack.fact.label if lack.fact else "none yet" for lack in mine]
        which = ", ".join(dict.fromkeys(named[:SHOWN]))
        rest = f"; and {len(mine) - SHOWN} more" if len(mine) > SHOWN else ""
        owners = ", ".join(dict.fromkeys(lack.owner for lack in mine if lack.owner))
        free = sum(not lack.owner for lack in mine)
        whom = "; ".join(filter(None, (owners, f"{free} owed by nobody named" if free else "")))
        yield RECORDS[kind].called[1], str(len(mine)), which + rest, whom


def _choices(made: Pack, at: str) -> Iterator[Block]:
    case, gate = made.case, made.case.item.gate
    scored = case.asked.card
    if scored is not None:
        yield line(
            bold(f"The rule set proposes: {label(scored.proposal or 'nothing yet')}. "), " ".join(scored.reasons)
        )
    elif gate.id in case.asked.book.thresholds:
        yield line("The rule set proposes nothing without scores.")
    else:
        must = case.asked.of("must")
        met = sum(x.is_green for x in must)
        yield line(f"The rule set proposes nothing here: of {len(must)} must-meet items, {met} are met.")
    if not case.choices:
        yield line("No verdict can be given at this gate now.")
        return
    yield note("The system proposes; whoever decides otherwise says why.")
    columns = (("Verdict", SHORT), ("Step", WORDS), ("Leads to", WORDS), ("Not yet, because", WORDS))
    rows = [(capital(label(c.move.verdict)), capital(c.move.name), c.leads_to, " ".join(c.why_not) or "–")
            for c in case.choices]  # fmt: skip
    yield table(f"{at}:choices", f"What may be decided; decided by the {gate.chair.label}", columns, rows)


FILLED: Mapping[str, Callable[[Pack, str], Iterator[Block]]] = {
    "1": _must, "2": _deliverables, "3": _readiness, "4": _scores, "5": _conditions, "6": _money, "7": _missing,
    "8": _choices,
}  # fmt: skip
