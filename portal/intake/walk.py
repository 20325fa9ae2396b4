"""The classification walk: short questions after the legal definitions, which end in a reasoned class.

The definitions in force: Regulation (EC) 1394/2007 art. 2 (tissue-engineered and combined products, which class goes
first) with its Annex I (manipulations that are not substantial), and Directive 2001/83/EC Annex I Part IV point 2 as
amended by Directive 2009/120/EC (gene therapy, somatic cell therapy). Put in our own words from own knowledge on
25 Nov 2026; verify against the consolidated texts. The result is the applicants' reasoning, no decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from dossiers.records.product import AtmpClass

UNSURE = "unsure"
_YES_NO = (("yes", "Yes"), ("no", "No"))
_PART_IV = "Directive 2001/83/EC, Annex I Part IV"
_ART_2 = "Regulation (EC) 1394/2007, art. 2"


@dataclass(frozen=True, slots=True)
class Question:
    """One step: what is asked, what helps to answer, where the definition stands, what may be answered."""

    id: str
    text: str
    hint: str
    basis: str
    answers: tuple[tuple[str, str], ...] = _YES_NO

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """What may be answered, "I do not know" last."""
        return (*self.answers, (UNSURE, "I do not know"))


_ALL = (
    Question(
        "medicine",
        "Is it meant to treat, prevent or diagnose a disease in people, or to restore or change how the body works?",
        "A product used in the laboratory only, or to test samples, is none.",
        "Directive 2001/83/EC, art. 1(2)",
    ),
    Question(
        "nucleic",
        "Does the active substance contain or consist of a recombinant nucleic acid?",
        "A vector, a plasmid, a messenger RNA, or cells that carry one of them. It must serve to regulate, repair, "
        "replace, add or delete a genetic sequence.",
        f"{_PART_IV}, point 2.1(a)",
        (
            ("yes", "Yes"),
            ("edited", "No: cells are edited by a protein with a synthetic guide, and no recombinant sequence is left"),
            ("no", "No"),
        ),
    ),
    Question(
        "effect",
        "Does the effect come directly from that sequence, or from what is expressed from it?",
        "Not where the sequence is only a tool of manufacture and has no part in the effect.",
        f"{_PART_IV}, point 2.1(b)",
    ),
    Question(
        "vaccine",
        "Is it a vaccine against an infectious disease?",
        "Such vaccines are kept out of gene therapy; vaccines against tumours are not.",
        f"{_PART_IV}, point 2.1, last sentence",
    ),
    Question(
        "cells",
        "Does the product contain, or consist of, cells or tissues?",
        "Of people or of animals. Virus particles and nucleic acids alone are no cells.",
        f"{_PART_IV}, point 2.2(a); {_ART_2}(1)(b)",
        (("viable", "Yes, viable ones"), ("dead", "Yes, but none of them viable"), ("no", "No")),
    ),
    Question(
        "manipulated",
        "Was the manipulation substantial: are properties that matter for the use altered?",
        "Cutting, grinding, shaping, centrifuging, soaking in antibiotics, sterilising, irradiating, separating, "
        "concentrating, purifying, filtering, freeze-drying, freezing and vitrifying are not substantial. Culture, "
        "activation, differentiation and genetic change usually are.",
        f"{_PART_IV}, point 2.2(a); Regulation (EC) 1394/2007, Annex I",
    ),
    Question(
        "function",
        "Do the cells serve the same essential function in the recipient as in the donor?",
        "Marrow cells that restore blood formation: yes. Marrow cells put into the heart to mend it: no.",
        f"{_PART_IV}, point 2.2(a); {_ART_2}(1)(c)",
    ),
    Question(
        "principal",
        "Do the cells or tissues act mainly by a pharmacological, immunological or metabolic action?",
        "Asked because none of them is viable. A scaffold of dead tissue that only gives support does not.",
        f"{_ART_2}(1)(b), last paragraph",
    ),
    Question(
        "aim",
        "What is the product presented as, or used for?",
        "Take what the claim rests on.",
        f"{_ART_2}(1)(b); {_PART_IV}, point 2.2(b)",
        (
            ("repair", "Regenerating, repairing or replacing a human tissue"),
            ("action", "Treating, preventing or diagnosing a disease by what the cells do"),
            ("both", "Both"),
        ),
    ),
    Question(
        "device",
        "Is a medical device an integral part of the product?",
        "A matrix, scaffold or capsule that stays with the cells. A syringe or bag is not part of the product.",
        f"{_ART_2}(1)(d)",
    ),
    Question(
        "primary",
        "Can the action of the cells be seen as primary to that of the device?",
        "Asked because none of the cells is viable.",
        f"{_ART_2}(1)(d), second indent",
    ),
)
QUESTIONS: Mapping[str, Question] = {q.id: q for q in _ALL}


@dataclass(frozen=True, slots=True)
class Step:
    """A question with what was answered."""

    question: Question
    answer: str

    @property
    def said(self) -> str:
        """The answer as a reader meets it."""
        return dict(self.question.options)[self.answer]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a walk ends. `atmp` None: no advanced therapy, or not to be said; `is_open`: ask the CAT."""

    title: str
    reason: str
    atmp: AtmpClass | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Walked:
    """The way so far: steps, then either the next question or the outcome."""

    steps: tuple[Step, ...]
    question: Question | None = None
    outcome: Outcome | None = None

    @property
    def reasoning(self) -> str:
        """The whole way as text, to be kept: the outcome, its reason, each question with answer and basis."""
        if self.outcome is None:
            return ""
        lines = [f"{self.outcome.title}. {self.outcome.reason}", ""]
        lines += [f"{n}. {s.question.text} {s.said}. ({s.question.basis})" for n, s in enumerate(self.steps, 1)]
        return "\n".join([*lines, "", CAUTION])


CAUTION = (
    "Reasoned by the applicants after the definitions, put in the portal's own words; verify against the consolidated "
    "texts. It is no decision of an authority; the CAT gives a recommendation on request (Regulation (EC) 1394/2007, "
    "art. 17)."
)


def walk(answers: Mapping[str, str]) -> Walked:
    """Where `answers` (question → answer) lead. Answers that no question on the way asks for are left aside."""
    way = _Way(answers)
    try:
        outcome = _judge(way)
    except _Halt as halt:
        return Walked(tuple(way.steps), halt.question, halt.outcome)
    return Walked(tuple(way.steps), outcome=outcome)


class _Halt(Exception):
    def __init__(self, question: Question | None = None, outcome: Outcome | None = None):
        self.question, self.outcome = question, outcome


@dataclass
class _Way:
    answers: Mapping[str, str]
    steps: list[Step] = field(default_factory=list)

    def ask(self, name: str) -> str:
        """What was answered. Halts at a question without an answer, or whose answer is not known."""
        question = QUESTIONS[name]
        answer = self.answers.get(name, "")
        if answer not in dict(question.options):
            raise _Halt(question)
        self.steps.append(Step(question, answer))
        if answer == UNSURE:
            self.stop(question)
        return answer

    def stop(self, question: Question) -> NoReturn:
        text = question.text[:1].lower() + question.text[1:]
        raise _Halt(outcome=Outcome("Class open", f"It hangs on one question: {text} Ask the CAT.", is_open=True))

    def says(self, name: str, *answers: str) -> bool:
        return self.ask(name) in answers


# ---------------------------------------------------------------- the definitions, in the order the law applies them


def _judge(way: _Way) -> Outcome:
    if way.says("medicine", "no"):
        return Outcome("Not an ATMP", "It is no medicinal product, and an advanced therapy is one.")
    nucleic = way.ask("nucleic")
    if nucleic == "edited":
        return _edited(way)
    is_gene = nucleic == "yes" and way.says("effect", "yes") and way.says("vaccine", "no")
    cells = way.ask("cells")
    if is_gene:
        return _gene(way, cells)
    if cells == "no":
        return Outcome("Not an ATMP", "It meets no definition: it is no gene therapy and holds no cells or tissues.")
    return _of_cells(way, cells)


def _gene(way: _Way, cells: str) -> Outcome:
    first = "Recombinant nucleic acid is what it works by, so it is gene therapy"
    if cells == "no":
        return Outcome("Gene therapy, in vivo", f"{first}; it holds no cells.", AtmpClass.GTMP_IN_VIVO)
    reason = f"{first}; where cells carry it, gene therapy goes before the classes of cells ({_ART_2}(5))."
    made = Outcome("Gene therapy, modified cells", reason, AtmpClass.GTMP_EX_VIVO)
    return _combined(way, cells, made)


def _edited(way: _Way) -> Outcome:
    cells = way.ask("cells")
    reason = (
        "The definition speaks of recombinant nucleic acid, and none is left. Edited cells have been handled as gene "
        "therapy, but this is a border case: ask the CAT."
    )
    if cells == "no":
        return Outcome("Class open", "An editing tool without cells and without recombinant nucleic acid meets no "
                       "definition in force by its words: ask the CAT.", is_open=True)  # fmt: skip
    made = Outcome("Gene therapy, modified cells (border case)", reason, AtmpClass.GTMP_EX_VIVO, is_open=True)
    return _combined(way, cells, made)


def _of_cells(way: _Way, cells: str) -> Outcome:
    if not way.says("manipulated", "yes") and way.says("function", "yes"):
        reason = "The cells are neither substantially manipulated nor used for another essential function."
        return Outcome("Not an ATMP", f"{reason} The law on tissues and cells applies.")
    if cells == "dead" and way.says("principal", "no"):
        reason = "It holds no viable cells, and they do not act mainly by what cells do."
        return Outcome("Not an ATMP", f"{reason} Look at the law on devices, or on tissues and cells.")
    engineered = "The cells are engineered: substantially manipulated, or used for another essential function"
    aim = way.ask("aim")
    if aim == "action":
        reason = f"{engineered}; it acts by what the cells do, and does not rebuild a tissue."
        return _combined(way, cells, Outcome("Somatic cell therapy", reason, AtmpClass.SCTMP))
    rule = f" It meets both definitions, and then this one holds ({_ART_2}(4))." if aim == "both" else ""
    reason = f"{engineered}; it regenerates, repairs or replaces a tissue.{rule}"
    return _combined(way, cells, Outcome("Tissue-engineered product", reason, AtmpClass.TEP))


def _combined(way: _Way, cells: str, alone: Outcome) -> Outcome:
    """The class with or without a device in it."""
    if way.says("device", "no"):
        return alone
    if cells == "dead" and way.says("primary", "no"):
        reason = "The device acts first and the cells are not viable, so that it is no combined ATMP: ask the CAT."
        return Outcome("Class open", f"{alone.reason} {reason}", is_open=True)
    reason = f"{alone.reason} A device is an integral part of it, which makes it a combined ATMP."
    return Outcome(
        f"Combined ATMP: {alone.title[:1].lower()}{alone.title[1:]}", reason, AtmpClass.COMBINED, alone.is_open
    )
