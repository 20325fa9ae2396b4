"""A day of gate meetings: three projects before G1, of which one has scores far apart, one has none, one many lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient

from dossiers.binder import load
from portal.db import signed
from portal.models import Person, Project, now
from portal.programme import Evidence, Interest, Meeting, Money, Review, Score, Task
from portal.roles import Role
from tests.portal.conftest import CheckedClient
from tests.portal.gates.test_evidence import BOOK, supply

Make = Callable[..., Project]
People = dict[Role, Person]

SOON = now().date() + timedelta(days=20)
PROPOSAL = """tandem: 1
project: {key}
records:
  proposal:
    p: {{acronym: {acronym}, project_title: "{title}", indication: "{indication}", product_type: gene_ex_vivo}}
"""


def planned(project: Project, on: date | None = SOON, gate: str = "G1", **more: Any) -> None:
    """The meeting that judges the project, written down."""
    with signed("tests", "plan a meeting") as session:
        session.add(Meeting(project_id=project.id, gate=gate, held_on=on, **({"place": "Onderzoek 1, room 2"} | more)))


def declare(project: Project, person: Person) -> None:
    """An interest of the person in the project."""
    with signed("tests", "declare") as session:
        session.add(Interest(project_id=project.id, person_id=person.id, ground="shares"))


def review(project: Project, people: People, role: Role, points: dict[str, int], usual: int = 4) -> None:
    """A review that was handed in: `points` at those criteria, `usual` at the others."""
    with signed("tests", "review") as session:
        row = Review(project_id=project.id, gate="G1", reviewer_id=people[role].id, asked_by="tests")
        row.handed_in_at = row.asked_at
        session.add(row)
        session.flush()
        session.add_all(
            Score(project_id=project.id, review_id=row.id, criterion=c.id, score=points.get(c.id, usual),
                  confidence="C" if c.id == "C07" else "A")
            for c in BOOK.criteria
        )  # fmt: skip


@pytest.fixture
def three(project: Make, people: People) -> tuple[Project, Project, Project]:
    """(scored, with scores far apart at C05 and C07; without scores; with many documents, conditions and sums)."""
    said = (
        ("CAR-1", "CAR19", "CD19 CAR-T cells for adult leukaemia", "relapsed B-cell leukaemia (ORPHA:99860)"),
        ("TIL-2", "TIL2", "Tumour-infiltrating lymphocytes <b>for</b> melanoma", "melanoma, stage IV & beyond"),
        ("MSC-3", "MSC3", "Mesenchymal cells for graft-versus-host disease of the gut", "steroid-refractory GvHD"),
    )
    made = []
    for key, acronym, title, indication in said:
        text = PROPOSAL.format(key=key, acronym=acronym, title=title, indication=indication)
        row = project("feasibility", key, ("researcher", "clinician"), load(text).records)
        with signed("tests", "title") as session:
            session.get(Project, row.id).title = title  # type: ignore[union-attr]
        made.append(row)
    scored, bare, full = made
    supply(people, scored, "G1", "scores")
    review(scored, people, Role.REVIEWER, {"C05": 1, "C07": 5})
    review(scored, people, Role.QUALITY, {"C07": 2})
    supply(people, full, "G1", "rights-note")
    many(full, people)
    for one in made:
        planned(one)
    return scored, bare, full


def many(project: Project, people: People) -> None:
    """Many documents for one deliverable, conditions of the gate before, and money of several sources."""
    by = people[Role.INVESTMENT]
    with signed("tests", "many lines") as session:
        for n in range(1, 19):
            session.add(Evidence(
                project_id=project.id, gate="G1", item="risk-register", dated=date(2026, 1, n), by_id=by.id,
                title=f"Risk register, revision {n}, with notes", by=by.name,
            ))  # fmt: skip
            session.add(Task(
                project_id=project.id, title=f"Send paper {n} on the origin and the testing of the starting material",
                owner_role="quality", due=SOON + timedelta(days=n), origin="condition:0", gate="G0",
            ))  # fmt: skip
        for source, kind, amount, gate in (
            ("Kom op tegen Kanker", "asked", "1250000", ""), ("Kom op tegen Kanker", "committed", "400000.50", "G1"),
            ("Internal fund", "committed", "75000", ""), ("Internal fund", "spent", "81250.25", ""),
        ):  # fmt: skip
            session.add(Money(
                project_id=project.id, source=source, kind=kind, amount=Decimal(amount), on=date(2026, 2, 1), gate=gate
            ))  # fmt: skip


def words(browser: FlaskClient | CheckedClient, address: str) -> str:
    """The text of a Word file, paragraphs and cells in their order, a line each."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert str(answer.mimetype).endswith("wordprocessingml.document")
    body = Document(BytesIO(answer.data)).element.body
    mark = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    lines = []
    for paragraph in body.iter(f"{mark}p"):
        pieces = (
            "\n" if piece.tag == f"{mark}br" else "\t" if piece.tag == f"{mark}tab" else piece.text or ""
            for piece in paragraph.iter(f"{mark}t", f"{mark}br", f"{mark}tab")
        )
        lines.append("".join(pieces))
    return "\n".join(lines)
