"""Rules about cell banks and the age of cells (Q1)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, rule
from dossiers.checks.specified import together
from dossiers.checks.topics import covers, uncovered
from dossiers.checks.wording import listed
from dossiers.facts import NBSP
from dossiers.limits import show_number
from dossiers.records.donors import BankType, CellBank
from dossiers.records.lots import RecordedValue
from dossiers.records.materials import Material
from dossiers.records.process import Process, ProcessParameter, ProcessScope, ProcessStep
from dossiers.records.quality import SpecTest
from dossiers.records.results import Batch, TestResult


@rule(
    "Q114",
    Severity.ERROR,
    "Each cell bank is characterised",
    each=CellBank,
    why="A contaminated or mistaken bank carries its fault into every dose.",
    source=("ICH Q5D", "ICH Q5A(R2)", "Ph. Eur. 5.2.3"),
    remedy="Test the bank for what is missing, and enter the results.",
    reading="Counted are tests with a result. What each kind of bank needs is a setting: a working bank inherits "
    "from its "
    "master. Identity of end-of-production cells shows that the line is stable. A bank without any result is not "
    "judged.",
)
def bank_is_characterised(look: Look, bank: CellBank) -> Iterator[Said]:
    kind: BankType = look.need(bank, "type")
    tests = _reported(look, bank)
    if not tests:
        raise Needs(Origin(TestResult.kind(), "", "", ""))
    topics = look.settings.table("bank_topics")
    asked = look.settings.table("bank_tests").get(kind.value, ())
    missing = uncovered(look, tests, {name: topics[name] for name in asked if name in topics})
    if missing:
        yield look.at(bank, "", f"The {kind.label} {bank.named()} has no result of {listed(missing)}.")
    if kind is BankType.MCB and not _is_stable(look, bank, tests):
        yield look.at(
            bank,
            "",
            f"Nothing shows that the cells of {bank.named()} stay the same to the end of production.",
            "Test end-of-production cells for identity or genetic stability.",
            Severity.WARNING,
        )


def _reported(look: Look, bank: CellBank) -> tuple[SpecTest, ...]:
    """The tests of which the bank has a result."""
    results = [r for r in look.of(TestResult, bank=bank.uid) if r.value]
    return look.named(SpecTest, [r.spec_test for r in results if r.spec_test is not None])


def _is_stable(look: Look, bank: CellBank, tests: tuple[SpecTest, ...]) -> bool:
    topics = look.settings.table("bank_topics")
    ends = [(test, "genetic stability") for test in tests]
    for later in _descendants(look, bank):
        if later.type is BankType.EPC:
            ends += [(test, topic) for test in _reported(look, later) for topic in ("identity", "genetic stability")]
    return any(covers(look, test, topics.get(topic, {})) for test, topic in ends)


def _descendants(look: Look, bank: CellBank) -> tuple[CellBank, ...]:
    """The banks made from it, and from those; each once, however the links run."""
    found: dict[object, CellBank] = {}
    left = [bank]
    while left:
        for child in look.of(CellBank, parent_bank=left.pop().uid):
            if child.uid not in found and child.uid != bank.uid:
                found[child.uid] = child
                left.append(child)
    return tuple(found.values())


@rule(
    "Q115",
    Severity.ERROR,
    "The age of cells is limited, and kept",
    each=Process,
    why="Long expansion brings senescence and changes of the genome; the limit rests on data and is kept in every "
    "batch.",
    source=("EMEA/CHMP/410869/2006, 4.2.2", "ICH Q5D, 2.3"),
    remedy="Name the parameter that limits passages, doublings or days, and look into batches and banks beyond it.",
    types=CELL_BASED,
    reading="Asked of the process in use that makes the cells, and of the banks of its starting materials. Days in "
    "culture "
    "limit the age of cells that are not passaged.",
)
def cell_age_is_limited(look: Look, process: Process) -> Iterator[Said]:
    yield from together(_process_age(look, process), _bank_age(look, process))


def _process_age(look: Look, process: Process) -> Iterator[Said]:
    if process.scope not in (ProcessScope.DS, ProcessScope.COMBINED) or process.until:
        return
    parameter = look.find(ProcessParameter, process.cell_age)
    if parameter is None:
        if not look.is_excused(process, "cell_age"):
            yield look.at(
                process, "cell_age", f"The process {process.named()} limits neither passages nor days in culture."
            )
        return
    high = look.need(parameter, "high")
    unit = f"{NBSP}{parameter.unit}" if parameter.unit else ""
    unknown = []
    for batch in look.of(Batch, process_version=process.uid):
        entries = look.of(RecordedValue, batch=batch.uid, parameter=parameter.uid)
        unknown += [] if any(entry.value is not None for entry in entries) else [batch]
        for entry in entries:
            if entry.value is not None and entry.value > high:
                reached, limit = show_number(entry.value), show_number(high)
                said = f"Batch {batch.named()} reached {reached}{unit}; the limit is {limit}{unit}."
                yield look.at(entry, "value", said)
    if unknown:
        raise Needs(Origin(RecordedValue.kind(), "", "", "value"))


def _bank_age(look: Look, process: Process) -> Iterator[Said]:
    for bank in _banks(look, process):
        if bank.passage is not None and bank.max_passage is not None and bank.passage > bank.max_passage:
            said = (
                f"The bank {bank.named()} was made at passage {show_number(Decimal(bank.passage))}; "
                f"the highest allowed is {show_number(Decimal(bank.max_passage))}."
            )
            yield look.at(bank, "passage", said)


def _banks(look: Look, process: Process) -> Iterator[CellBank]:
    """The banks of what the process makes, and of the materials of its steps."""
    used = [process.material] if process.material is not None else []
    for step in look.of(ProcessStep, process=process.uid):
        used += [material.uid for material in look.of(Material, used_in_step=step.uid)]
    for uid in dict.fromkeys(used):
        yield from look.of(CellBank, material=uid)
