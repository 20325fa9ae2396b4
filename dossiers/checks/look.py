"""Look: what a rule sees of a project, and the words it answers with. Whatever it reads is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast
from uuid import UUID

from dossiers import judging
from dossiers.binder import Binder, origin
from dossiers.blocks import Origin, Run, Section
from dossiers.checks.findings import Said, Severity
from dossiers.checks.pieces import Piece
from dossiers.checks.rules import CELLS, COMBINED, EX_VIVO, EXPLORATORY, FIRST, IN_VIVO, PIVOTAL, TISSUE
from dossiers.checks.seen import Holdings, Note, Notes, Watched, bare
from dossiers.checks.settings import Settings, settings
from dossiers.compose import flat, inlines_of
from dossiers.facts import Form, by_name, is_closed, is_empty, show
from dossiers.limits import Criterion, LimitFault, Verdict, parse
from dossiers.records.base import Record
from dossiers.records.product import AtmpClass, DevelopmentPhase, Product
from dossiers.records.regulatory import Trial, TrialPhase
from dossiers.stage import Stage

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Needs(Exception):
    """The rule cannot judge here: these facts are not known. The house makes a "cannot check" of it."""

    def __init__(self, *places: Origin):
        self.places = places
        super().__init__(", ".join(p.path for p in places))


@dataclass
class Look:
    """The project as one run of the rules sees it: its records under observation, the settings and the day."""

    whole: Binder
    on: date
    settings: Settings = field(default_factory=settings)
    notes: Notes = field(default_factory=Notes)

    def __post_init__(self) -> None:
        self.holdings = Holdings(self.whole, self.notes)
        self.binder: Binder = Watched(self.whole, self.notes)
        self._kept: dict[Any, tuple[Any, frozenset[Note]]] = {}

    # ------------------------------------------------------------ records

    def all(self, model: type[R]) -> tuple[R, ...]:
        """The records of a kind, in order."""
        return cast(tuple[R, ...], self.holdings.all(model.kind()))

    def find(self, model: type[R], uid: UUID | None) -> R | None:
        """The record with this id if it is of this kind, else None."""
        found = self.holdings.find(uid)
        return found if isinstance(found, model) else None

    def named(self, model: type[R], uids: Iterable[UUID] | None) -> tuple[R, ...]:
        """The records with these ids, those that are there."""
        return tuple(r for uid in uids or () if (r := self.find(model, uid)) is not None)

    def of(self, model: type[R], **links: Any) -> tuple[R, ...]:
        """The records whose facts have these values, in order: `look.of(TestResult, batch=batch.uid)`. Fast."""
        names = tuple(sorted(links))
        groups = self.holdings.grouped(model.kind(), names)
        return cast(tuple[R, ...], tuple(groups.get(tuple(links[n] for n in names), ())))

    def product(self) -> Product:
        """The investigational product. Raises `Needs` where there is none."""
        found = self.holdings.product
        if found is None:
            raise Needs(Origin("product", "", "", ""))
        return cast(Product, found)

    # ------------------------------------------------------------ facts

    def need(self, record: Record, *names: str) -> Any:
        """The value of a fact (of several: a tuple). Raises `Needs` with all that are empty."""
        values = tuple(getattr(record, name) for name in names)
        if missing := [n for n, v in zip(names, values, strict=True) if is_empty(v)]:
            raise Needs(*(origin(bare(record), n) for n in missing))
        return values[0] if len(values) == 1 else values

    def linked(self, model: type[R], record: Record, name: str) -> R:
        """The record that a link names. Raises `Needs` where the link is empty or leads nowhere."""
        found = self.find(model, self.need(record, name))
        if found is None:
            raise Needs(origin(bare(record), name))
        return found

    def is_excused(self, record: Record, name: str) -> bool:
        """Whether somebody said, with a reason, that the fact does not apply or is left out."""
        getattr(record, name)
        return is_closed(bare(record), name)

    def criterion(self, record: Record, name: str = "criterion") -> Criterion:
        """The acceptance criterion in a fact, parsed. Raises `Needs` where it is empty or no criterion."""
        try:
            return parse(self.need(record, name))
        except LimitFault:
            raise Needs(origin(bare(record), name)) from None

    def judge(self, result: judging.Result) -> Verdict:
        """Whether a result meets the criterion in force for it."""
        return judging.judge(result, self.holdings)

    def says(self, record: Record, name: str) -> str:
        """A fact as a reader meets it, with its unit; "" where it is empty."""
        f = by_name(type(bare(record)))[name]
        value = getattr(record, name)
        return show(f, value, self._called if f.form in (Form.LINK, Form.LINKS) else str)

    def _called(self, uid: UUID) -> str:
        found = self.holdings.find(uid)
        return found.named() if found is not None else "(record removed)"

    # ------------------------------------------------------------ answers

    def at(self, record: Record, name: str, sentence: str, remedy: str = "", severity: Severity | None = None) -> Said:
        """A finding at a fact of a record ("" for the record as a whole)."""
        return Said(origin(bare(record), name), sentence, remedy, severity)

    def missing(self, model: type[Record], sentence: str, remedy: str = "", name: str = "") -> Said:
        """A finding about a record that should be there and is not."""
        return Said(Origin(model.kind(), "", "", name), sentence, remedy)

    # ------------------------------------------------------------ project

    @property
    def stage(self) -> Stage:
        """The stage of the project (a change of it runs everything anew)."""
        return self.whole.stage

    @property
    def types(self) -> frozenset[str]:
        """The types of product the rules speak of. Raises `Needs` where the class is not known.

        A combined product is also what its living part is: gene therapy where it is genetically modified.
        """
        product = self.product()
        kind = self.need(product, "atmp_class")
        if kind is AtmpClass.COMBINED:
            return frozenset({COMBINED} | ({EX_VIVO} if product.genetically_modified else set()))
        return frozenset({_TYPES[kind]})

    @property
    def phases(self) -> frozenset[str]:
        """The phases of development the dossier is for. Raises `Needs` where nothing says it.

        First in human: an exploratory product whose trials are all of phase I or I/II, none of which has treated
        anybody, and of which no earlier clinical study that treated anybody is held.
        """
        product = self.product()
        if self.need(product, "dev_phase") is DevelopmentPhase.CONFIRMATORY:
            return frozenset({PIVOTAL})
        trials = self.all(Trial)
        is_known = any(map(_has_treated, self.holdings.all("clinical_study")))
        is_first = bool(trials) and not is_known and all(_may_be_first(t) for t in trials)
        return frozenset({FIRST}) if is_first else frozenset({EXPLORATORY})

    # ------------------------------------------------------------ memory

    def once(self, name: Any, make: Callable[[], T]) -> T:
        """What `make` gives, made once in this run; whoever asks is noted as having read what it read."""
        if name not in self._kept:
            asking = self.notes.taken
            mine = self.notes.begin()
            try:
                value = make()
            finally:
                self.notes.taken = asking
            self._kept[name] = (value, frozenset(mine))
        value, read = self._kept[name]
        self.notes.taken |= read
        return cast(T, value)


_TYPES = {
    AtmpClass.GTMP_IN_VIVO: IN_VIVO,
    AtmpClass.GTMP_EX_VIVO: EX_VIVO,
    AtmpClass.SCTMP: CELLS,
    AtmpClass.TEP: TISSUE,
}


def _has_treated(study: Any) -> bool:
    """Whether somebody was treated; a record that says “no human data” holds the place of a study."""
    return study.n_subjects != 0 and (study.status or "").casefold() != "no human data"


def _may_be_first(trial: Trial) -> bool:
    return trial.phase in (TrialPhase.I, TrialPhase.I_II) and not trial.n_treated


@dataclass(frozen=True, slots=True)
class Printed:
    """A section as a document prints it now: the document's id and the section, composed alone."""

    document: str
    section: Section
    pieces: tuple[Piece, ...] = ()
    text: str = ""  # of all pieces, a line each

    def says(self, sentence: str, remedy: str = "", where: Origin | None = None) -> Said:
        """A finding in the text of this section, at a fact's place if `where` is given."""
        return Said(where or Origin("section", "", "", ""), sentence, remedy, None, (self.document, self.section.key))


def texts(section: Section) -> Iterator[tuple[str, Origin | None]]:
    """Every piece of text of a section with the fact it came from, in reading order."""
    for block in section.blocks:
        for inline in flat(inlines_of(block)):
            if isinstance(inline, Run):
                yield inline.text, inline.origin
