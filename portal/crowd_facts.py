"""Invented records for a crowd of projects: a proposal, a product, process steps, tests, batches and their results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, islice
from random import Random
from typing import Any
from uuid import UUID

from dossiers.records.base import Record, record_id
from dossiers.records.process import Openness, Process, ProcessParameter, ProcessScope, ProcessStep
from dossiers.records.product import AtmpClass, Origin, Product
from dossiers.records.proposal import Proposal
from dossiers.records.proposing import ProposedDonor, ProposedType, Severity
from dossiers.records.quality import Specification, SpecificationScope, SpecTest, TestCategory
from dossiers.records.results import Batch, BatchScope, Disposition, ResultState, TestResult

PRODUCTS = (
    "CAR T cells", "CAR NK cells", "tumour-infiltrating lymphocytes", "regulatory T cells", "dendritic cell vaccine",
    "mesenchymal stroma", "limbal stem cells", "cultured keratinocytes", "AAV gene transfer", "edited stem cells",
    "chondrocytes on a scaffold", "islet organoids", "retinal epithelium", "oncolytic virus", "virus-specific T cells",
)  # fmt: skip
DISEASES = (
    "acute leukaemia", "B-cell lymphoma", "multiple myeloma", "glioblastoma", "melanoma", "graft-versus-host disease",
    "Crohn’s disease", "limbal deficiency", "deep burns", "haemophilia B", "Pompe disease", "cartilage defects",
    "type 1 diabetes", "macular degeneration", "cytomegalovirus infection", "osteonecrosis", "lupus nephritis",
)  # fmt: skip
STEPS = ("Collection", "Selection", "Activation", "Transduction", "Expansion", "Washing", "Formulation", "Freezing")
TESTS = ("Viability", "Cell count", "Identity", "Purity", "Endotoxin", "Sterility", "Mycoplasma", "Potency")

Draft = tuple[type[Record], str, dict[str, Any]]  # kind, key, facts


@dataclass
class Subject:
    """An invented project that facts are made for: its key, its words, and who carries it."""

    key: str
    product: str
    disease: str
    lead: str
    clinician: str
    today: date
    rng: Random
    uids: dict[tuple[type[Record], str], UUID] = field(default_factory=dict)

    def uid(self, kind: type[Record], key: str) -> UUID:
        """The id of a record of this project."""
        if (kind, key) not in self.uids:
            self.uids[kind, key] = record_id(self.key, kind.kind(), key)
        return self.uids[kind, key]


def records(of: Subject, number: int) -> Iterator[tuple[type[Record], UUID, str, dict[str, Any]]]:
    """Records with exactly `number` facts in all: (kind, id, key, fact → value), in the order of their making.

    The last one is cut short where it would say too much.
    """
    for kind, key, facts in _drafts(of):
        if number <= 0:
            return
        kept = dict(islice(facts.items(), number))
        number -= len(kept)
        yield kind, of.uid(kind, key), key, kept


def _drafts(of: Subject) -> Iterator[Draft]:
    """What an invented project holds, endlessly: first one of each subject, then batch after batch."""
    yield Proposal, "proposal", _proposal(of)
    yield Product, "product", _product(of)
    yield Process, "p1", {"code": f"PR-{of.key}", "scope": ProcessScope.DP, "version": "1"}
    yield Specification, "s1", {"code": f"SP-{of.key}", "scope": SpecificationScope.DP, "version": "1"}
    for n in range(2):
        yield _step(of, n)
        yield _test(of, n)
    for n in count(1):
        yield _batch(of, n)
        for t in range(2):
            yield _result(of, n, t)
        if n + 1 < len(STEPS):
            yield _step(of, n + 1)
            yield _parameter(of, n + 1)


def _proposal(of: Subject) -> dict[str, Any]:
    rng = of.rng
    return {
        "project_title": f"Invented: {of.product} for {of.disease}",
        "pi": of.lead,
        "clinical_lead": of.clinician,
        "indication": of.disease,
        "product_type": rng.choice(list(ProposedType)),
        "donor": rng.choice(list(ProposedDonor)),
        "severity": rng.choice(list(Severity)),
        "unmet_need": f"Invented: patients with {of.disease} have no other treatment left.",
        "population_be": rng.randrange(5, 3_000),
        "runs_done": rng.randrange(0, 12),
    }


def _product(of: Subject) -> dict[str, Any]:
    return {
        "code": of.key,
        "name": f"Invented {of.product}",
        "indication": of.disease,
        "atmp_class": of.rng.choice(list(AtmpClass)),
        "origin": of.rng.choice(list(Origin)),
    }


def _step(of: Subject, n: int) -> Draft:
    facts = {
        "process": of.uid(Process, "p1"), "number": n + 1, "name": STEPS[n], "day": n,
        "open_closed": of.rng.choice(list(Openness)),
    }  # fmt: skip
    return ProcessStep, f"step-{n + 1}", facts


def _parameter(of: Subject, n: int) -> Draft:
    facts = {
        "step": of.uid(ProcessStep, f"step-{n + 1}"), "name": f"Time of {STEPS[n].lower()}",
        "target": Decimal(of.rng.randrange(1, 480)), "unit": "min",
    }  # fmt: skip
    return ProcessParameter, f"parameter-{n + 1}", facts


def _test(of: Subject, n: int) -> Draft:
    facts = {
        "specification": of.uid(Specification, "s1"), "order": n + 1, "test": TESTS[n],
        "category": of.rng.choice(list(TestCategory)), "unit": "%",
    }  # fmt: skip
    return SpecTest, f"test-{n + 1}", facts


def _batch(of: Subject, n: int) -> Draft:
    facts = {
        "number": f"{of.key}/{n:02}", "scope": BatchScope.DP,
        "date": of.today - timedelta(days=of.rng.randrange(5, 900)), "size": Decimal(of.rng.randrange(10, 500)),
        "size_unit": "mL", "disposition": of.rng.choice(list(Disposition)),
        "spec_version": of.uid(Specification, "s1"),
    }  # fmt: skip
    return Batch, f"batch-{n}", facts


def _result(of: Subject, batch: int, test: int) -> Draft:
    facts = {
        "batch": of.uid(Batch, f"batch-{batch}"), "spec_test": of.uid(SpecTest, f"test-{test + 1}"),
        "value": str(of.rng.randrange(500, 1_000) / 10), "unit": "%", "state": ResultState.REPORTED,
    }  # fmt: skip
    return TestResult, f"result-{batch}-{test + 1}", facts
