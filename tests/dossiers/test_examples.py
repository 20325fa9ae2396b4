"""The tests usually expected: every row can stand in a specification, and says how far it was read."""

from __future__ import annotations

import pytest

from dossiers.examples import PRODUCT, holding, meant, panels, rows
from dossiers.facts import Absence, Basis, by_name
from dossiers.reading import read
from dossiers.records import quality
from dossiers.records.product import SubType
from dossiers.records.quality import SpecificationScope, SpecTest

ROWS = [(panel, row) for panel in panels().values() for row in panel.rows]


@pytest.mark.parametrize(("panel", "row"), ROWS, ids=lambda it: it.id)
def test_a_row_can_stand_in_a_specification_of_each_of_its_scopes(panel, row):
    for scope in row.scopes:
        values, messages = read(SpecTest, row.facts(scope))
        assert not messages
        test = SpecTest(**values)
        assert test.is_example and test.limits is not None, "its criterion is in the criterion language"
        assert test.stage is (quality.TestStage(scope.value) if scope in PRODUCT else quality.TestStage.STARTING)
    assert set(row.sources) | set(row.absent) <= set(by_name(SpecTest))
    assert all(Basis(source["basis"]) for source in row.sources.values())
    assert all(not Absence(said["kind"]).closes for said in row.absent.values()), "the method stays owed"
    assert row.where or row.basis is Basis.RECALLED, "what was read names where"
    assert row.scopes


def test_ids_are_unique_in_a_panel():
    for panel in panels().values():
        ids = [row.id for row in panel.rows]
        assert len(ids) == len(set(ids))
    assert len(panels()) == 17 and len(ROWS) > 190


@pytest.mark.parametrize("sub_type", SubType)
def test_a_product_type_is_served_for_the_product_or_not_at_all(sub_type):
    served = [scope for scope in PRODUCT if meant(sub_type, scope)]
    known = any(sub_type in panel.serves for panel in panels().values())
    assert bool(served) is known
    assert meant(sub_type, SpecificationScope.VECTOR) == (panels()["vector"],), "any product may start from a vector"


def test_of_two_panels_the_same_thing_is_offered_once():
    found = rows(meant(SubType.CAR_T_EDITED, SpecificationScope.DP), SpecificationScope.DP)
    ids = [row.id for row in found]
    assert len(ids) == len(set(ids)) and {"sterility", "residual_tcr", "residual_beads"} <= set(ids)
    assert all(SpecificationScope.DP in row.scopes for row in found)


def test_nothing_is_usual_where_the_list_knows_nothing():
    assert meant(None, SpecificationScope.DP) == () and holding(SpecificationScope.EXCIPIENT) == ()
    assert panels()["msc"] in holding(SpecificationScope.DP)


def test_limits_keep_their_unit_and_what_they_are_a_percentage_of():
    viability = next(row for row in panels()["car_t"].rows if row.id == "viability").facts(SpecificationScope.DP)
    assert (viability["criterion"], viability["unit"], viability["population"]) == ("≥ 70 %", "%", "all cells")
