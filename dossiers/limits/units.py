"""Units as the field writes them, and conversion where it is defined.

A unit is text: "EU/mL", "CAR19+ cells/kg", "beads per 30 × 10⁶ TNC". Measures in it that are known convert; words that
are not known (what is counted) must be the same on both sides. Every unit is named here before pint sees it, for pint
would read EU as exa-units, TU as tera-units and pH as picohenry.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Context as Precision
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

from dossiers.limits.numerals import show_number, take_number
from dossiers.limits.text import NBSP, LimitFault, clean, fault

PERCENT = "%"
POINTS = "percentage points"
CELSIUS = "°C"
RATIO = ":1"
BELOW_ZERO = frozenset({CELSIUS, "°F", POINTS, "log10"})
"""Units in which a result may be negative."""

_DEFINED = (
    "endotoxin_unit = [endotoxin]",
    "international_unit = [biological_activity]",
    "enzyme_units = [enzyme_activity]",
    "colony_forming_unit = [colonies]",
    "plaque_forming_unit = [plaques]",
    "infectious_unit = [infection]",
    "transducing_unit = [transduction]",
    "tissue_culture_infectious_dose = [infectious_dose]",
    "counted_cell = [cells]",
    "gene_copy = [copies]",
    "vector_genome = [vector_genomes]",
    "viral_particle = [viral_particles]",
    "base_pair = [base_pairs]",
    "percentage_point = [percentage_points]",
    "decimal_logarithm = [logarithms]",
    "osmole = [osmoles]",
    "nephelometric_unit = [turbidity]",
    "fluorescence_unit = [fluorescence]",
)

_PREFIXES = {
    "": "",
    "m": "milli",
    "µ": "micro",
    "n": "nano",
    "p": "pico",
    "f": "femto",
    "k": "kilo",
    "M": "mega",
    "c": "centi",
    "d": "deci",
}

_METRIC = (
    ("g", "gram", ("", "m", "µ", "n", "p", "f", "k")),
    ("L", "liter", ("", "d", "m", "µ", "n")),
    ("mol", "mole", ("", "m", "µ", "n", "p")),
    ("M", "molar", ("", "m", "µ", "n", "p")),
    ("m", "meter", ("", "c", "m", "µ", "n")),
    ("Pa", "pascal", ("", "k", "M")),
    ("bar", "bar", ("", "m")),
    ("Da", "dalton", ("", "k", "M")),
    ("Gy", "gray", ("", "k")),
    ("Osm", "osmole", ("", "m")),
    ("osmol", "osmole", ("", "m")),
    ("IU", "international_unit", ("", "m", "k", "M")),
    ("U", "enzyme_units", ("", "m", "k")),
    ("EU", "endotoxin_unit", ("", "m")),
    ("bp", "base_pair", ("", "k")),
)

_PLAIN = {
    "%": "percent", "ppm": "ppm", "ppb": "part_per_billion", "h": "hour", "min": "minute", "s": "second",
    "day": "day", "days": "day", "d": "day", "week": "week", "weeks": "week", "month": "month", "months": "month",
    "year": "year", "years": "year", "°C": "degC", "°F": "degF", "K": "kelvin", "kb": "kilobase_pair",
    "cm²": "centimeter**2", "mm²": "millimeter**2", "m²": "meter**2", "cm³": "centimeter**3", "mm³": "millimeter**3",
    "CFU": "colony_forming_unit", "PFU": "plaque_forming_unit", "IFU": "infectious_unit", "TU": "transducing_unit",
    "TCID50": "tissue_culture_infectious_dose", "cell": "counted_cell", "cells": "counted_cell",
    "copy": "gene_copy", "copies": "gene_copy", "vg": "vector_genome", "vp": "viral_particle",
    POINTS: "percentage_point", "log10": "decimal_logarithm", "NTU": "nephelometric_unit", "MFI": "fluorescence_unit",
}  # fmt: skip

KNOWN = _PLAIN | {p + symbol: _PREFIXES[p] + name for symbol, name, prefixes in _METRIC for p in prefixes}
"""What people write → what pint knows it as."""

_SPELLINGS = {
    "ml": "mL", "ul": "µL", "μl": "µL", "µl": "µL", "uL": "µL", "μL": "µL", "nl": "nL", "dl": "dL", "l": "L",
    "ug": "µg", "mcg": "µg", "μg": "µg", "um": "µm", "μm": "µm", "uM": "µM", "μM": "µM", "Kg": "kg", "KG": "kg",
    "umol": "µmol", "μmol": "µmol", "eu": "EU", "iu": "IU", "cfu": "CFU", "pfu": "PFU", "tu": "TU",
    "kD": "kDa", "mosm": "mOsm",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "mins": "min", "minute": "min", "minutes": "min", "sec": "s",
    "degC": "°C", "ºC": "°C", "℃": "°C", "degF": "°F", "percent": "%", "cm2": "cm²", "mm2": "mm²", "m2": "m²",
    "cm3": "cm³", "mm3": "mm³", "micrograms": "µg", "litre": "L", "liter": "L", "endotoxin-units": "EU",
}  # fmt: skip
_WHOLE = {
    "c": CELSIUS, "deg c": CELSIUS, "° c": CELSIUS, "pp": POINTS, "% points": POINTS, "%-points": POINTS,
    "percentage point": POINTS, "percent points": POINTS, "per cent": PERCENT, "endotoxin units/ml": "EU/mL",
    "log": "log10", "logs": "log10", "log10 steps": "log10", "mfi": "MFI",
}  # fmt: skip
_WORD = re.compile(r"(?<![\w+])[^\W\d_°º℃][\w-]*(?![\w+-])|deg[CF]|[°º][CF]|℃")
_POWER = re.compile(
    r"(?<![\w.,])(?:[0-9]+(?:[.,][0-9]+)?\s?[×xX*·⋅]\s?)?10\s?(?:\^[0-9]+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?<![\w.,])[0-9]+(?:\.[0-9]+)?[eE][0-9]+(?!\w)"
)
_ALLOWED = re.compile(r"[\w%‰°/·*.+\-−×⁻^' \u00a0]*")
_NOT_IN_A_UNIT = re.compile(
    r"(?<!\w)(?:or|and|if|to|for|below|above|from|under|over|until|up|more|less|than|most|least|between|not|minus|plus"
    r"|maximum|minimum|relative|higher|lower|fewer|greater|typical|typically|usual|usually|approximately)(?!\w)|^x ?10",
    re.IGNORECASE,
)


def tidy_unit(text: str) -> str:
    """`text` as the field writes it ("ug/ml" → "µg/mL", "C" → "°C"). Raises `LimitFault` if it is more than a unit."""
    tidy = clean(text, "A unit", 80)
    if tidy == RATIO:
        return tidy
    if tidy.casefold() in _WHOLE:
        return _WHOLE[tidy.casefold()]
    tidy = _WORD.sub(lambda m: _SPELLINGS.get(m[0], m[0]), re.sub(r"\s?/\s?", "/", tidy))
    tidy = re.sub(r"^[xX×] ?g$", "× g", _POWER.sub(_pretty, tidy))
    complaint = _complaint(tidy)
    if complaint:
        raise fault(complaint, text, "write number and unit only, and put a remark in brackets at the end")
    return tidy


ONE_TIMES = f"1{NBSP}×{NBSP}"  # "ng/10¹³ vg", as the field writes a unit; beside a number it would be no power


def _pretty(found: re.Match[str]) -> str:
    token = take_number(found[0])
    return found[0] if token is None or token.rest else show_number(token.value).removeprefix(ONE_TIMES)


def _complaint(unit: str) -> str:
    if not unit:
        return ""
    if unit != "× g" and not (unit[0].isalpha() or unit[0] in "%‰°/"):
        return "A unit cannot begin like this"
    return "" if _ALLOWED.fullmatch(unit) and not _NOT_IN_A_UNIT.search(unit) else "This is more than a unit"


@cache
def _registry() -> Any:
    """The one registry of units, exact in decimal; built when a conversion is first asked for (about half a second)."""
    import pint

    made: Any = pint.UnitRegistry(non_int_type=Decimal)
    for line in _DEFINED:
        made.define(line)
    return made


_Parts = tuple[Decimal, Counter[str], Counter[str]]


def _parts(unit: str) -> _Parts:
    """(factor, exponents of measures, exponents of what is counted): "beads per 3e6 cells" → 1/3e6, cell −1, bead 1."""
    factor, known, counted = Decimal(1), Counter[str](), Counter[str]()
    text = re.sub(r"(?:^|\s)per\s", "/", unit.replace("\u00a0", " "))
    for at, piece in enumerate(text.split("/")):
        sign = -1 if at else 1
        token = take_number(piece.strip())
        word = token.rest if token else piece.strip()
        if token and token.value > 0:
            factor = factor * token.value if sign > 0 else factor / token.value
        if word in KNOWN:
            known[KNOWN[word]] += sign
        elif word:
            counted[re.sub(r"(?<=\w{3})s$", "", word.casefold())] += sign
    return factor, known, counted


def _tidy_multiple(text: str) -> str:
    """A unit that may begin with a number, as a column heads it: "10^6 cells/mL", "×10⁶ cells"."""
    tidy = re.sub(r"^[xX×] ?(?=10)", "", clean(text, "A unit", 80))
    token = take_number(tidy)
    return f"{show_number(token.value)} {tidy_unit(token.rest)}" if token else tidy_unit(tidy)


def convert(value: Decimal, source: str, target: str) -> Decimal | None:
    """`value` given in the unit `source`, in the unit `target`; None where no conversion between them is defined."""
    try:
        source, target = _tidy_multiple(source), _tidy_multiple(target)
        if source == target:
            return value
        (one, known, counted), (two, wanted, asked) = _parts(source), _parts(target)
    except LimitFault:
        return None
    if not source or not target or {k: n for k, n in counted.items() if n} != {k: n for k, n in asked.items() if n}:
        return None
    with localcontext(Precision(prec=60)):
        changed = _through_pint(value * one, known, wanted)
        return None if changed is None else _shortened(changed / two)


def _through_pint(value: Decimal, source: Counter[str], target: Counter[str]) -> Decimal | None:
    import pint

    registry = _registry()
    try:
        units = [registry.Unit(" * ".join(f"({k}) ** {n}" for k, n in side.items()) or "") for side in (source, target)]
        return Decimal(registry.Quantity(value, units[0]).to(units[1]).magnitude)
    except (pint.errors.PintError, ArithmeticError, ValueError, TypeError):
        return None


def _shortened(value: Decimal) -> Decimal:
    """`value` to 25 digits without zeros at the end: what division leaves behind says nothing."""
    short = Precision(prec=25).plus(value).normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and 0 < exponent < 5 else short
