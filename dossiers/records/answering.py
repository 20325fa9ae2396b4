"""Answers to findings of the checks: why a departure from a rule is right for one record."""

from __future__ import annotations

import datetime as dt

from dossiers.records import authorities as by
from dossiers.records.base import Form, Record, fact
from dossiers.records.dossier import GROUP
from dossiers.stage import Stage


class Justification(Record, table=True):
    """A reason that answers one finding for one record. It falls when the facts it rested on change."""

    called = ("Justification", "Justifications")
    group = GROUP
    naming = ("rule", "about_key")

    rule: str | None = fact(
        "Rule",
        ask="Id of the rule that is answered.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="Q306",
        max_length=10,
    )
    about_kind: str | None = fact(
        "Kind of record",
        ask="Kind of the record it is about, as files write it.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="spec_test",
        max_length=60,
    )
    about_key: str | None = fact(
        "Record",
        ask="Key of the record it is about.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="dp-viability",
        max_length=120,
    )
    reason: str | None = fact(
        "Reason",
        form=Form.TEXT,
        ask="Why the departure is right; printed where an assessor looks for it.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="Thawed cells of these patients recover above 60 %; clinical response did not differ below 70 %.",
    )
    section: str | None = fact(
        "Printed in section",
        ask="Number of the section that prints it.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="P.5.6",
        max_length=20,
    )
    given_by: str | None = fact(
        "Given by", ask="Role or name of the person.", due=Stage.DOSSIER, source=by.RULE_SECTION, example="Head of QA"
    )
    given_on: dt.date | None = fact("Given on", ask="Day it was given.", due=Stage.DOSSIER, source=by.RULE_SECTION)
    rests_on: list[str] | None = fact(
        "Rests on",
        ask="Facts that the finding read, one on a line; entered by the product.",
        example="spec_test dp-viability: criterion",
    )
    seal: str | None = fact("Seal", ask="Hash over the values of these facts; entered by the product.", max_length=64)
