"""Both halves confirm; a change makes it fall; what was sent back shows what was answered; facts follow the gate."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from dossiers.facts import by_name
from dossiers.records.product import Product
from dossiers.records.proposal import Proposal
from portal import db
from portal.gates.actions import take
from portal.models import Decision, Membership, Person, Project
from portal.programme import Confirmation, Notice, Task
from portal.proposals.changes import Changed, answered
from portal.rights import asker
from portal.stages import Role, Said, move
from tests.portal.conftest import post
from tests.portal.gates.test_evidence import supply
from tests.portal.intake.conftest import KEY, confirm, revision_of, submit

Enter = Callable[[str], FlaskClient]
FORM = f"/projects/{KEY}/proposal"


def test_submitting_needs_both_and_a_change_makes_it_fall(
    researcher: FlaskClient, clinician: FlaskClient, people: dict[Role, Person]
) -> None:
    assert confirm(researcher) == 303
    page = researcher.get(f"{FORM}/check").get_data(as_text=True)
    assert "Not confirmed as it stands now by the clinical lead." in page
    assert submit(researcher) == 409
    assert confirm(clinician) == 303
    seen = revision_of(Proposal)
    assert post(researcher, FORM, revision=seen, moa="Another mode.").status_code == 303
    page = clinician.get(f"{FORM}/check").get_data(as_text=True)
    assert page.count("changed since confirmed") == 2
    assert submit(researcher) == 409
    assert post(clinician, f"{FORM}/confirm", revision=seen).status_code == 409, "they saw an older state"
    assert confirm(clinician) == confirm(researcher) == 303
    assert submit(researcher) == 303
    with db.reading() as session:
        told = [n.subject for n in session.scalars(select(Notice)) if n.person_id == people[Role.CLINICIAN].id]
        assert told == ["Test researcher confirmed the proposal CAR19"] * 2
    assert confirm(clinician) == 409, "there is nothing to confirm once it is submitted"


def test_confirming_twice_is_confirming_once(researcher: FlaskClient, clinician: FlaskClient) -> None:
    assert confirm(clinician) == confirm(clinician) == 303
    with db.reading() as session:
        assert len(session.scalars(select(Confirmation)).all()) == 1
        assert len(session.scalars(select(Notice)).all()) == 1


def test_saving_what_was_there_leaves_the_confirmation(researcher: FlaskClient, clinician: FlaskClient) -> None:
    with db.reading() as session:
        moa = session.scalars(select(Proposal)).one().moa
    assert confirm(clinician) == 303
    assert post(researcher, FORM, revision=revision_of(Proposal), moa=moa).status_code == 303
    assert "changed since confirmed" not in clinician.get(f"{FORM}/check").get_data(as_text=True)


def test_only_the_tandem_confirms(researcher: FlaskClient, sign_in: Enter, people: dict[Role, Person]) -> None:
    with db.signed("tests", "a further member") as session:
        project = session.scalars(select(Project)).one()
        session.add(Membership(project_id=project.id, person_id=people[Role.CLINICIAN].id, function="team_member"))
    answer = post(sign_in("clinician"), f"{FORM}/confirm", revision=revision_of(Proposal))
    assert answer.status_code == 409 and "Only the principal investigator" in answer.get_data(as_text=True)
    assert post(sign_in("investment_manager"), f"{FORM}/confirm", revision="2").status_code == 404
    assert post(researcher, f"{FORM}/confirm", revision="x").status_code == 409


def decide(people: dict[Role, Person], name: str, said: str) -> None:
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        project = session.scalars(select(Project)).one()
    with db.signed(who.person, name) as session:
        take(session, who, (project.id, project.revision), move(name), Said(said))


def test_a_revise_verdict_is_answered_field_by_field(
    researcher: FlaskClient, clinician: FlaskClient, sign_in: Enter, people: dict[Role, Person]
) -> None:
    seen = revision_of(Proposal)
    text = "T cells bind CD19 and kill. <b>Fast</b>."
    assert post(researcher, FORM, revision=seen, moa=text, runs_done="3").status_code == 303
    confirm(researcher)
    confirm(clinician)
    assert submit(researcher) == 303
    manager = sign_in("investment_manager")
    assert "What the last verdict asked" not in manager.get(FORM).get_data(as_text=True)
    decide(people, "return", "Say how the cells are controlled.")
    page = researcher.get(FORM).get_data(as_text=True)
    assert "Say how the cells are controlled." in page and "Nothing so far." in page
    new = "T cells bind CD19 and kill slowly. <b>Fast</b>."
    typed = {"moa": new, "runs_done": "5", "severity": "other", "coi": ""}
    assert post(researcher, FORM, revision=revision_of(Proposal), **typed).status_code == 303
    # a detour that ends where it began is no change
    for dose in ("1e6", ""):
        assert post(researcher, FORM, revision=revision_of(Proposal), dose=dose).status_code == 303
    was = "An answer to Interests of the team"
    assert post(researcher, FORM, revision=revision_of(Proposal), coi=was).status_code == 303
    for browser in (researcher, clinician):
        page = browser.get(f"{FORM}/check").get_data(as_text=True)
        assert "Say how the cells are controlled." in page and "put in: " in page
    confirm(researcher)
    confirm(clinician)
    assert submit(researcher) == 303
    page = manager.get(FORM).get_data(as_text=True)
    assert "Sent back before, and submitted again" in page and "Say how the cells are controlled." in page
    assert "&lt;b&gt;Fast" in page
    with db.reading() as session:
        found = answered(session, session.scalars(select(Project)).one())
        assert found is not None
        fields = {c.fact.name: (c.old, c.new) for c in found.fields}
    assert fields["moa"] == (text, new)
    assert fields["runs_done"] == ("3", "5")
    assert fields["severity"] == ("life-threatening", "other"), "words as a reader meets them"
    assert "coi" not in fields
    moa = next(c for c in found.fields if c.fact.name == "moa")
    assert [(p.mark, p.text) for p in moa.pieces] == [
        ("", "T cells bind CD19 and "),
        ("del", "kill. "),
        ("ins", "kill slowly. "),
        ("", "<b>Fast</b>."),
    ]


def test_an_idea_taken_in_as_proposed_is_answered_too(
    project: Callable[..., Project], people: dict[Role, Person]
) -> None:
    old = Proposal(uid=uuid4(), project_id=uuid4(), key="proposal", absent={}, sources={}, moa="It kills.", lab="A")
    project("proposed", KEY, ("researcher", "clinician"), {"proposal": (old,)})
    with db.reading() as session:
        assert answered(session, session.scalars(select(Project)).one()) is None
    decide(people, "return", "How?")
    with db.signed("tests", "answer") as session:
        session.scalars(select(Proposal)).one().moa = "It kills slowly."
    with db.reading() as session:
        found = answered(session, session.scalars(select(Project)).one())
    assert found is not None
    assert [(c.fact.name, c.old, c.new) for c in found.fields] == [("moa", "It kills.", "It kills slowly.")]


WORDS = some.text(alphabet="ab \n", max_size=30)


@given(WORDS, WORDS)
def test_the_pieces_are_both_texts(old: str, new: str) -> None:
    pieces = Changed(by_name(Proposal)["moa"], old, new).pieces
    assert "".join(p.text for p in pieces if p.mark != "ins") == old
    assert "".join(p.text for p in pieces if p.mark != "del") == new


def test_submitting_makes_tasks_once_and_admitting_makes_facts(
    researcher: FlaskClient, clinician: FlaskClient, people: dict[Role, Person]
) -> None:
    confirm(researcher)
    confirm(clinician)
    seen = revision_of()
    assert submit(researcher) == 303
    again = post(researcher, f"{FORM}/check", move="submit", revision=seen)
    assert again.status_code == 409, "a form sent twice submits once"
    with db.reading() as session:
        first = [t.origin for t in session.scalars(select(Task))]
        assert "triage:gmo" in first
        assert len([d for d in session.scalars(select(Decision)) if d.move == "submit"]) == 1
    assert (
        post(researcher, f"{FORM}/check", move="withdraw", reason="a dose", revision=revision_of()).status_code == 303
    )
    assert submit(clinician) == 303
    with db.reading() as session:
        assert [t.origin for t in session.scalars(select(Task))] == first
        assert not session.scalars(select(Product)).all()
        project = session.scalars(select(Project)).one()
    supply(people, project, "G0")
    decide(people, "admit", "A clear need.")
    with db.reading() as session:
        product = session.scalars(select(Product)).one()
        assert product.name == "CD19 CAR-T"
        assert product.sources["name"]["where"] == ["Proposal"]
