"""How rules are run: scope by type and phase, stage, what is read, reruns, answers, settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest

from dossiers.amending import amend, put
from dossiers.binder import Binder, ProjectFault, load
from dossiers.checks import Question, SettingFault, Severity, State, changed, check, chosen, find, recheck, settings
from dossiers.checks.answering import explained, justification
from dossiers.checks.findings import Said
from dossiers.checks.look import Look
from dossiers.checks.rules import EARLY, GENE, RULES, Rule, rule
from dossiers.checks.seen import Notes, Seen, bare
from dossiers.justifying import answers, seal
from dossiers.records.product import Product
from dossiers.records.quality import SpecTest
from dossiers.records.results import Batch
from dossiers.stage import Stage
from tests.dossiers.checks.test_cases import demo

ON = date(2026, 11, 25)
SMALL = """
tandem: 1
project: S-1
stage: dossier
records:
  product:
    main: {code: S-1, name: Small, atmp_class: gtmp_ex_vivo, dev_phase: exploratory}
  specification:
    sp: {code: SP, version: "1"}
  spec_test:
    a: {test: appearance, specification: sp, criterion: clear}
    b: {test: viability, specification: sp, criterion: "≥ 70 %"}
  batch:
    one: {number: B-1}
"""


def small() -> Binder:
    return load(SMALL)


def made(judge: object, **manner: object) -> Rule:
    return Rule("Q399", Severity.ERROR, "A rule of a test", judge, source=("test",), why="test", **manner)  # type: ignore[arg-type]


def run(one: Rule, binder: Binder, monkeypatch: pytest.MonkeyPatch, **manner: object) -> object:
    monkeypatch.setitem(RULES, one.id, one)
    return check(binder, Question(ON, rules=(one,), **manner))  # type: ignore[arg-type]


def no_unit(look: Look, test: SpecTest) -> Iterator[Said]:
    if look.need(test, "criterion").startswith("≥") and not test.unit:
        yield look.at(test, "unit", f"{test.named()} has no unit.")


class TestScope:
    @pytest.mark.parametrize(("types", "asked"), [(GENE, 2), (frozenset({"TEP"}), 0), (frozenset(), 2)])
    def test_of_product(self, types: frozenset[str], asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
        assert run(made(no_unit, each=SpecTest, types=types), small(), monkeypatch).ran == asked  # type: ignore[attr-defined]

    def test_unknown_type_cannot_be_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        binder = amend(small(), "product: {main: {atmp_class: null}}")
        results = run(made(no_unit, each=SpecTest, types=GENE), binder, monkeypatch)
        (finding,) = results.findings  # type: ignore[attr-defined]
        assert finding.state is State.CANNOT
        assert [n.fact for n in finding.needs] == ["atmp_class"]
        assert "“ATMP class” of the product Small" in finding.sentence

    @pytest.mark.parametrize(
        ("change", "phases"),
        [
            ("product: {main: {dev_phase: confirmatory}}", {"pivotal"}),
            ("trial: {t: {phase: I}}", {"FIH"}),
            ("trial: {t: {phase: I, n_treated: 3}}", {"exploratory"}),
            ("trial: {t: {phase: II}}", {"exploratory"}),
            ("batch: {one: {number: B-2}}", {"exploratory"}),
        ],
    )
    def test_of_phase(self, change: str, phases: set[str]) -> None:
        assert Look(amend(small(), change), ON).phases == phases

    def test_early_is_not_pivotal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        binder = amend(small(), "product: {main: {dev_phase: confirmatory}}")
        assert run(made(no_unit, each=SpecTest, phases=EARLY), binder, monkeypatch).ran == 0  # type: ignore[attr-defined]


class TestStates:
    def test_a_missing_input_is_no_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        binder = amend(small(), "spec_test: {a: {criterion: null}}")
        results = run(made(no_unit, each=SpecTest), binder, monkeypatch)
        states = {f.origin.key: f.state for f in results.findings}  # type: ignore[attr-defined]
        assert states == {"a": State.CANNOT, "b": State.OPEN}

    @pytest.mark.parametrize(
        ("stage", "state"), [(Stage.FEASIBILITY, State.LATER), (Stage.DOSSIER, State.OPEN), (None, State.OPEN)]
    )
    def test_depth_follows_the_stage(self, stage: Stage | None, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
        results = run(made(no_unit, each=SpecTest, due=Stage.DOSSIER), small(), monkeypatch, stage=stage)
        assert {f.state for f in results.findings} == {state}  # type: ignore[attr-defined]

    def test_an_answer_holds_until_a_fact_it_rests_on_changes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one = made(no_unit, each=SpecTest, justifiable=True, section="P.5.6")
        results = run(one, small(), monkeypatch)
        said = {"reason": "a count", "by": "QA", "on": ON}
        record = justification(results, one, ("spec_test", "b"), said)  # type: ignore[arg-type]
        assert record["rests_on"] == sorted(["spec_test b: criterion", "spec_test b: test", "spec_test b: unit"])
        lines = "\n".join(f"    {k}: {v if isinstance(v, list) else repr(v)}" for k, v in record.items())
        answered = amend(small(), f"justification:\n  j:\n{lines}")
        (finding,) = run(one, answered, monkeypatch).findings  # type: ignore[attr-defined]
        assert (finding.state, finding.reason) == (State.JUSTIFIED, "a count")
        elsewhere = amend(answered, "spec_test: {a: {criterion: turbid}}")
        assert run(one, elsewhere, monkeypatch).findings[0].state is State.JUSTIFIED  # type: ignore[attr-defined]
        (fallen,) = run(one, amend(answered, "spec_test: {b: {criterion: ≥ 60 %}}"), monkeypatch).findings  # type: ignore[attr-defined]
        assert fallen.state is State.OPEN
        assert "fell" in fallen.fallen
        assert answers(answered)["Q399", "spec_test", "b"].holds
        assert seal(answered, record["rests_on"]) == record["seal"]

    def test_nothing_to_answer_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one = made(no_unit, each=SpecTest, justifiable=True)
        results = run(one, small(), monkeypatch)
        with pytest.raises(LookupError, match="finds nothing in spec_test a"):
            justification(results, one, ("spec_test", "a"), {"reason": "x", "by": "y", "on": ON})  # type: ignore[arg-type]


class TestReruns:
    def test_only_what_read_the_fact_runs_again(self) -> None:
        before = demo("TDM-CAR19-01")
        question = Question(ON, documents=(), stage=Stage.RUNNING)
        kept = check(before, question)
        test = before.all("spec_test")[0]
        after = put(before, test, {"method": None})
        again = recheck(kept, after, changed(before, after))
        touched = sum((test.uid, "method") in u.read or ("spec_test", "method") in u.read for u in kept.units.values())
        whole = sum(("spec_test", "*") in u.read for u in kept.units.values())
        assert 0 < again.ran <= touched + whole
        assert again.findings == check(after, question).findings

    def test_an_edit_nobody_reads_runs_nothing(self) -> None:
        before = small()
        kept = check(before, Question(ON, rules=chosen(["Q303"]), documents=(), stage=Stage.RUNNING))
        after = amend(before, "batch: {one: {number: B-9}}")
        assert recheck(kept, after, changed(before, after)).ran == 0

    def test_records_come_and_go(self) -> None:
        before = small()
        question = Question(ON, rules=chosen(["Q303"]), documents=(), stage=Stage.RUNNING)
        kept = check(before, question)
        for change in ("spec_test: {c: {test: new}}", "spec_test: {b: null}"):
            after = amend(before, change)
            assert recheck(kept, after, changed(before, after)).findings == check(after, question).findings

    def test_another_stage_is_another_question(self) -> None:
        before = demo("TDM-CHON-01")
        kept = check(before, Question(ON, documents=()))
        after = Binder(before.project, before.name, Stage.IDEA, True, before.records)
        assert recheck(kept, after, ()).findings == check(after, Question(ON, documents=())).findings


class TestSeen:
    def test_a_seen_record_passes_for_the_record_and_notes_what_is_read(self) -> None:
        notes = Notes()
        test = small().all("spec_test")[1]
        seen = Seen(test, notes)
        assert isinstance(seen, SpecTest)
        assert not isinstance(seen, Batch)
        assert seen.low == 70  # a property reads its facts through the observer
        assert notes.taken == {(test.uid, "criterion")}
        assert seen.named() == "viability"
        assert (test.uid, "test") in notes.taken
        assert bare(seen) is test
        assert seen == Seen(test, Notes())
        assert len({seen, Seen(test, notes)}) == 1

    def test_it_cannot_be_written(self) -> None:
        with pytest.raises(AttributeError, match="writes none"):
            Seen(small().all("product")[0], Notes()).name = "x"

    def test_what_is_made_once_counts_as_read_by_each(self) -> None:
        look = Look(small(), ON)
        product = look.product()
        first = look.notes.begin()
        look.once("name", lambda: product.name)
        second = look.notes.begin()
        look.once("name", lambda: pytest.fail("made twice"))
        assert first == second
        assert any(fact == "name" for _, fact in first)

    def test_looking_up(self) -> None:
        look = Look(small(), ON)
        test = look.all(SpecTest)[0]
        assert look.find(Batch, test.uid) is None
        assert look.find(Product, uuid4()) is None
        assert [t.key for t in look.of(SpecTest, specification=test.specification)] == ["a", "b"]
        assert look.of(SpecTest, specification=None) == ()
        assert look.says(test, "specification") == "SP 1"


class TestCatalogue:
    def test_choosing(self) -> None:
        assert {r.id[:2] for r in chosen(["Q3"])} == {"Q3"}
        assert not [r for r in chosen(["Q"], ["Q3"]) if r.id.startswith("Q3")]
        with pytest.raises(LookupError, match="No rule begins with “K”"):
            chosen(["K"])
        with pytest.raises(LookupError, match="There is no rule"):
            find("Q000")

    def test_an_id_stands_once_and_has_a_subject(self) -> None:
        with pytest.raises(ValueError, match="stands twice"):
            rule("Q303", Severity.ERROR, "again")(no_unit)
        with pytest.raises(ValueError, match="name no subject"):
            rule("Z101", Severity.ERROR, "of nothing")(no_unit)

    def test_every_rule_says_what_to_do_and_where_a_reason_prints(self) -> None:
        for one in RULES.values():
            assert "\n".join(explained(one)).count(one.id) >= 1
            assert not one.justifiable or one.section, f"{one.id} does not say where its reason prints"


class TestSettings:
    OWN = "{name}: {{value: {value}, means: x, source: our SOP, as_of: 2026-01-01}}"

    def test_every_setting_says_where_it_comes_from(self) -> None:
        for one in settings().by_name.values():
            assert one.means
            assert one.source
            assert date(2020, 1, 1) <= one.as_of <= date(2030, 1, 1)

    def test_a_house_lays_its_own_over_them(self) -> None:
        name = next(n for n, s in settings().by_name.items() if isinstance(s.value, str))
        own = settings().overlaid(self.OWN.format(name=name, value="12.5"), "own.yaml")
        assert str(own.number(name)) == "12.5"
        assert settings().by_name[name].value != "12.5"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("unheard_of: {value: 1, means: x, source: y, as_of: 2026-01-01}", "no rule goes by unheard_of"),
            ("a: 3", "a says value, means, source and as_of"),
            ("- 1", "settings are a group"),
            ("a: [", "no YAML"),
            ("a: {value: much, means: x, source: y, as_of: 2026-01-01}", "must be a number, a list or a table"),
            ("a: {value: 1, means: x, source: y, as_of: soon}", "the day it was taken"),
        ],
    )
    def test_wrong_files_get_a_sentence(self, text: str, words: str) -> None:
        with pytest.raises(SettingFault, match=words):
            settings().overlaid(text, "own.yaml")


class TestAmending:
    def test_what_stays_is_the_same_object(self) -> None:
        before = small()
        after = amend(before, "spec_test: {a: {criterion: turbid}}")
        assert after.all("product")[0] is before.all("product")[0]
        assert after.all("spec_test")[1] is before.all("spec_test")[1]
        assert after.by_key("spec_test", "a").test == "appearance"  # type: ignore[union-attr]

    def test_it_adds_removes_and_links(self) -> None:
        after = amend(small(), "spec_test: {a: null, c: {specification: sp}}\nspecification: {sq: {code: SQ}}")
        assert [t.key for t in after.all("spec_test")] == ["b", "c"]
        assert after.by_key("spec_test", "c").specification == after.by_key("specification", "sp").uid  # type: ignore[union-attr]

    @pytest.mark.parametrize("text", ["spec_test: {c: {specification: none}}", "spec_test: 3", "moon: {a: {}}", "a: ["])
    def test_what_cannot_be_read_is_refused(self, text: str) -> None:
        with pytest.raises(ProjectFault):
            amend(small(), text)
