"""The catalogue is whole, and the three whole demo dossiers hold: every finding left is known and deserved."""

from __future__ import annotations

import pytest

from dossiers.checks import RULES, Question, Severity, State, check
from dossiers.justifying import answers
from dossiers.stage import Stage
from tests.dossiers.checks.test_cases import ON, demo

CATALOGUE = """
    Q101 Q102 Q103 Q104 Q105 Q106 Q107 Q108 Q109 Q110 Q111 Q112 Q113 Q114 Q115 Q116 Q117 Q118 Q119 Q120 Q121
    Q122 Q201 Q202 Q203 Q204 Q205 Q206 Q207 Q208 Q209 Q210 Q211 Q212 Q301 Q302 Q303 Q304 Q305 Q306 Q307 Q308
    Q309 Q310 Q311 Q312 Q313 Q314 Q315 Q316 Q317 Q318 Q319 Q320 Q321 Q322 Q323 Q401 Q402 Q403 Q404 Q405 Q406
    Q407 Q408 Q409 Q501 Q502 Q503 Q504 Q505 Q506 Q507 Q508 Q601 Q602 Q603 Q604 Q605 Q606 Q607 Q608 Q701 Q702
    Q703 Q704 Q705 Q706 Q707 Q708 Q801 Q802 Q803 Q901 Q902 Q903 Q904 N201 N202 N203 N204 N205 N206 N207 N208
    N209 N210 N211 N212 N213 N214 N215 C301 C302 C303 C304 C305 C306 C307 C308 C309 C310 C311 C312 G401 G402
    G403 G404 G405 G406 G407 M601 M602 M603 M604 M605 M606 L701 L702 L703 L704 L705 R801 R802 R803 R804 X501
    X502 X503 X504 X505 X506 X507 X508 X509 X510 X511 X512 X513 X514 T801 T802 T803 T804 T805 T806 T807 T808
    T809 T810 T811
"""
# What stays open if the trial were running: read by a person, and fair.
DESERVED = {
    "TDM-CAR19-01": set(),
    "TDM-AAV8-F9": {
        "G402 trial_site ts1: planned_start",  # the permit of the trial site is still to come
        "Q601 shelf_life_claim sl1: duration",  # a claim beyond the data, within what may be added: fair
        "Q601 shelf_life_claim sl2: duration",
    },
    "TDM-CHON-01": set(),
}


def test_every_rule_of_the_catalogue_is_there_and_no_other() -> None:
    assert set(RULES) == set(CATALOGUE.split())


@pytest.mark.parametrize(("project", "left"), DESERVED.items())
def test_a_whole_dossier_has_no_error_at_its_stage(project: str, left: set[str]) -> None:
    found = [f for f in check(demo(project), Question(ON)).findings if f.state in (State.OPEN, State.CANNOT)]
    assert [f.sentence for f in found if f.severity is Severity.ERROR] == []
    assert {f"{f.rule} {f.place}" for f in found} <= left


@pytest.mark.parametrize(("project", "left"), DESERVED.items())
def test_what_is_left_for_a_running_trial_is_known(project: str, left: set[str]) -> None:
    found = check(demo(project), Question(ON, stage=Stage.RUNNING)).findings
    assert {f"{f.rule} {f.place}" for f in found if f.state in (State.OPEN, State.CANNOT)} == left


@pytest.mark.parametrize("project", DESERVED)
def test_the_reasons_given_hold(project: str) -> None:
    for given in answers(demo(project)).values():
        assert given.holds, given.why


@pytest.mark.parametrize("project", ["DEMER-DC", "DIJLE-HSC", "VOER-CAR"])
def test_a_young_idea_meets_no_error(project: str) -> None:
    files = {"DEMER-DC": "IDEA-DEMER-DC", "DIJLE-HSC": "IDEA-DIJLE-HSC", "VOER-CAR": "IDEA-VOER-CAR"}
    found = check(demo(files[project]), Question(ON)).findings
    assert [f for f in found if f.state is State.OPEN] == []
