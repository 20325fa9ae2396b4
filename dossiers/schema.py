"""The project file as JSON Schema (draft 2020-12), for other people's tools and editors."""

from __future__ import annotations

from typing import Any

from dossiers.facts import Absence, Basis, Fact, Form, facts
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.stage import Stage

TEXT = {"type": ["string", "number", "null"]}
BARE: dict[Form, dict[str, Any]] = {
    Form.INTEGER: {"type": ["integer", "string", "null"]},
    Form.NUMBER: {"type": ["number", "string", "null"]},
    Form.DATE: {"type": ["string", "null"], "format": "date"},
    Form.MONTH: {"type": ["string", "number", "null"], "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"},
    Form.YESNO: {"type": ["boolean", "null"]},
    Form.LINES: {"type": ["array", "string", "null"], "items": {"type": ["string", "number"]}},
    Form.LINKS: {"type": ["array", "string", "null"], "items": {"type": "string"}},
    Form.LINK: {"type": ["string", "null"]},
}


def schema() -> dict[str, Any]:
    """The JSON Schema of a project file: every kind of record and every fact, with label, unit, stage and source."""
    kinds = {kind: {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{kind}"}} for kind in RECORDS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tandem project file",
        "type": "object",
        "required": ["tandem", "project"],
        "additionalProperties": False,
        "properties": {
            "tandem": {"enum": [1, "1"]},
            "project": {"type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[^/]+$"},
            "name": {"type": "string"},
            "stage": {"enum": [s.value for s in Stage]},
            "invented": {"type": "boolean"},
            "on": {"type": "string", "format": "date"},
            "records": {"type": "object", "additionalProperties": False, "properties": kinds},
        },
        "$defs": {kind: _record(model) for kind, model in RECORDS.items()},
    }


def _record(model: type[Record]) -> dict[str, Any]:
    return {
        "title": model.called[0],
        "description": (model.__doc__ or "").strip().splitlines()[0],
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {f.name: _fact(f) for f in facts(model)},
    }


def _fact(f: Fact) -> dict[str, Any]:
    bare = _bare(f)
    said = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "value": bare,
            "where": {"type": ["array", "string"], "items": {"type": "string"}},
            "basis": {"enum": [b.value for b in Basis]},
            "note": {"type": "string"},
            "absent": {"enum": [a.value for a in Absence]},
            "reason": {"type": "string"},
            "owner": {"type": "string"},
        },
    }
    extras = {"unit": f.unit, "due": f.due.value if f.due else "", "source": f.source, "to": f.to}
    return {
        "title": f.label,
        **({"description": f.ask} if f.ask else {}),
        "anyOf": [bare, said],
        **{f"x-{name}": value for name, value in extras.items() if value},
    }


def _bare(f: Fact) -> dict[str, Any]:
    if f.choices is not None:
        word = {"enum": [c.value for c in f.choices]}
        return {"type": ["array", "null"], "items": word} if f.form is Form.CHOICES else {"enum": [*word["enum"], None]}
    return BARE.get(f.form, TEXT)
