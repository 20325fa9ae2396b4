"""The classification walk: known products get their class, unknown answers leave it open, and every way ends."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from itertools import product as every

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from dossiers.records.product import AtmpClass
from portal import db
from portal.intake.walk import QUESTIONS, UNSURE, walk
from portal.programme import Evidence
from tests.portal.conftest import post
from tests.portal.intake.conftest import KEY

Enter = Callable[[str], FlaskClient]
PAGE = f"/projects/{KEY}/classification"

GENE = {"medicine": "yes", "nucleic": "yes", "effect": "yes", "vaccine": "no"}
CELLS = {"medicine": "yes", "nucleic": "no", "cells": "viable"}
CAR_T = GENE | {"cells": "viable", "device": "no"}


@pytest.mark.parametrize(
    ("answers", "atmp"),
    [
        (CAR_T, AtmpClass.GTMP_EX_VIVO),  # CAR-T cells
        (GENE | {"cells": "no"}, AtmpClass.GTMP_IN_VIVO),  # AAV
        (CELLS | {"manipulated": "yes", "aim": "action", "device": "no"}, AtmpClass.SCTMP),  # tumour-infiltrating cells
        (CELLS | {"manipulated": "yes", "aim": "repair", "device": "no"}, AtmpClass.TEP),  # cultured chondrocytes
        (CELLS | {"manipulated": "yes", "aim": "both", "device": "no"}, AtmpClass.TEP),  # art. 2(4)
        (CELLS | {"manipulated": "yes", "aim": "repair", "device": "yes"}, AtmpClass.COMBINED),  # with a scaffold
        (CELLS | {"manipulated": "no", "function": "no", "aim": "repair", "device": "no"}, AtmpClass.TEP),
        (CELLS | {"manipulated": "no", "function": "yes"}, None),  # a marrow transplant
        (GENE | {"vaccine": "yes", "cells": "no"}, None),  # an mRNA vaccine against a virus
        (CELLS | {"nucleic": "yes", "effect": "no", "manipulated": "yes", "aim": "action", "device": "no"},
         AtmpClass.SCTMP),  # a vector that only helps to make the cells
        ({"medicine": "no"}, None),
        (CELLS | {"cells": "dead", "manipulated": "yes", "principal": "no"}, None),  # a dead matrix
        (CELLS | {"cells": "dead", "manipulated": "yes", "principal": "yes", "aim": "action", "device": "yes",
                  "primary": "yes"}, AtmpClass.COMBINED),
    ],
)  # fmt: skip
def test_known_products(answers: dict[str, str], atmp: AtmpClass | None) -> None:
    walked = walk(answers)
    assert walked.outcome is not None, walked.question
    assert walked.outcome.atmp is atmp
    assert not walked.outcome.is_open
    assert {s.question.id: s.answer for s in walked.steps} == answers, "every answer is on the way"
    for step in walked.steps:
        assert f"{step.question.text} {step.said}. ({step.question.basis})" in walked.reasoning
    assert walked.outcome.reason in walked.reasoning
    assert len(walked.reasoning) < 5_000


def test_edited_cells_and_a_leading_device_are_left_to_the_cat() -> None:
    edited = walk({"medicine": "yes", "nucleic": "edited", "cells": "viable", "device": "no"}).outcome
    assert edited is not None
    assert edited.is_open
    leading = CELLS | {"cells": "dead", "manipulated": "yes", "principal": "yes", "aim": "action", "device": "yes"}
    outcome = walk(leading | {"primary": "no"}).outcome
    assert outcome is not None
    assert (outcome.atmp, outcome.is_open) == (None, True)


def test_what_is_not_known_leaves_the_class_open() -> None:
    outcome = walk(GENE | {"vaccine": UNSURE}).outcome
    assert outcome is not None
    assert outcome.is_open
    assert outcome.title == "Class open"
    assert "is it a vaccine against an infectious disease?" in outcome.reason


ANSWERS = some.fixed_dictionaries(
    {}, optional={q.id: some.sampled_from([v for v, _ in q.options] + ["", "?"]) for q in QUESTIONS.values()}
)


@given(ANSWERS)
def test_each_walk_has_a_next_question_or_an_end(answers: dict[str, str]) -> None:
    walked = walk(answers)
    assert (walked.question is None) is not (walked.outcome is None)
    assert len({s.question.id for s in walked.steps}) == len(walked.steps)
    assert (walked.reasoning == "") is (walked.outcome is None)


def test_every_question_is_asked_on_some_way_and_every_class_reached() -> None:
    seen, ends = set(), set()
    names = [name for name in QUESTIONS if name not in ("medicine", "effect")]
    for combination in every(*([v for v, _ in QUESTIONS[name].answers] for name in names)):
        for effect in ("yes", "no"):
            walked = walk({"medicine": "yes", "effect": effect, **dict(zip(names, combination, strict=True))})
            assert walked.outcome is not None
            seen |= {s.question.id for s in walked.steps}
            ends.add(walked.outcome.atmp)
    assert seen == set(QUESTIONS)
    assert ends == {None, *AtmpClass}


# ---------------------------------------------------------------- the pages


def test_a_walk_is_kept_once_as_evidence_and_drafts_the_request(researcher: FlaskClient, sign_in: Enter) -> None:
    page = researcher.get(PAGE).get_data(as_text=True)
    assert QUESTIONS["medicine"].text in page and "Keep it" not in page
    page = researcher.get(PAGE, query_string={"medicine": "yes", "nucleic": "nonsense"}).get_data(as_text=True)
    assert "Answer anew" in page and 'name="nucleic"' in page
    page = researcher.get(PAGE, query_string=CAR_T).get_data(as_text=True)
    assert "Gene therapy, modified cells" in page and "art. 2(5)" in page
    assert "The proposal says: somatic cell therapy" in page
    assert post(researcher, PAGE, medicine="yes").status_code == 422
    assert post(researcher, PAGE, **CAR_T).status_code == 303
    again = post(researcher, PAGE, **CAR_T)
    assert again.status_code == 409 and "attached already" in again.get_data(as_text=True)
    with db.reading() as session:
        kept = session.scalars(select(Evidence)).one()
        assert (kept.gate, kept.item) == ("G0", "class-note")
        assert kept.title == "Class by the definitions: Gene therapy, modified cells"
        assert kept.note == walk(CAR_T).reasoning
    word = researcher.get(f"{PAGE}/request.docx", query_string=CAR_T)
    assert word.status_code == 200 and "CAR19 classification request.docx" in word.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(word.data)) as package:
        text = package.read("word/document.xml").decode()
    assert "An answer to Mode of action" in text and "gene therapy goes before the classes of cells" in text
    assert researcher.get(f"{PAGE}/request.docx", query_string={"medicine": "yes"}).status_code == 404
    assert sign_in("clinician").get(PAGE).status_code == 404


def test_the_request_shows_what_the_proposal_does_not_say(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    post(browser, "/proposals/new", project_title="CD19 CAR-T", acronym=KEY)
    word = browser.get(f"{PAGE}/request.docx", query_string=CAR_T)
    with zipfile.ZipFile(io.BytesIO(word.data)) as package:
        text = package.read("word/document.xml").decode()
    assert "[Mode of action]" in text and "[Foreseen dose]" not in text, "only what is asked for is a gap"
