"""The awkward things that real products do and simple data models cannot say, by number, and the mark of their tests.

The list is the reference's, retold here in a few words each; every entry is covered by a test that bears its number or
by a sentence of the README that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

ENTRIES = {
    "A01": "one organisation in every role, several legal tracks at once",
    "A02": "a substance part for the vector and one for the cells",
    "A03": "no separate drug substance",
    "A04": "a frozen intermediate with limits of its own",
    "A05": "several sites, changing over the years",
    "A06": "batches of a library, chosen for each patient",
    "A07": "a kit whose content follows the patient",
    "A08": "donor, patient and third parties; rescue cells that are not the product",
    "A09": "two kinds of cells in one dose",
    "A10": "a least dose and no greatest",
    "A11": "a dosing rule that switches at a body weight",
    "A12": "bands of body weight, worked out on their upper end",
    "A13": "fractions given only while the patient is well",
    "A14": "tolerance around a dose; filled is not delivered",
    "A15": "a dose limited by an impurity",
    "A16": "doses by area, lesion or eye, and units that are no cells",
    "A17": "repeated until a marker rises, with another batch in between",
    "A18": "other doses in other trials and indications",
    "A19": "declared, without a limit",
    "A20": "one test at several stages with other limits",
    "A21": "a percentage and its denominator",
    "A22": "a result that comes after the patient was treated",
    "A23": "either of two read-outs, one of them minus the control",
    "A24": "a limit that depends on the patient",
    "A25": "one attribute in units that do not convert",
    "A26": "limits that change on a day in the middle of a trial",
    "A27": "an impurity counted on a number of cells",
    "A28": "criteria in words; one test for two attributes",
    "A29": "five kinds of blank",
    "A30": "strength left out of the specification on purpose",
    "A31": "limits for allogeneic or autologous use only",
    "A32": "the sample that is tested is not the product",
    "A33": "highest fluorescence, and markers for information",
    "A34": "no reference standard",
    "A35": "a positive infection test that may be accepted",
    "A36": "criteria of what arrives, first open and then set, and a logger that disagrees",
    "A37": "out of specification and still given, or left out of the analysis",
    "A38": "several collections and several batches for one treatment",
    "A39": "validation and stability on other people’s cells",
    "A40": "materials with species, country, treatment and alternatives",
    "A41": "a shelf life on several clocks",
    "A42": "a fresh and a frozen form of one product",
    "A43": "number and size of containers follow the dose",
    "A44": "the cell count picks the bags",
    "A45": "devices, scaffolds and applicators",
    "A46": "particulars of the patient on the label",
    "A47": "expiry to the hour, and expiry that starts on receipt",
    "A48": "versions of the process by site and reagent",
    "A49": "comparability with a gap left on purpose",
    "A50": "pivotal material that differs from that of phase I",
    "A51": "methods with versions and laboratories",
    "A52": "animal doses that do not translate",
    "A53": "counts that differ rightly",
    "A54": "a legal status with a history",
    "A55": "follow-up that outlives product and trial",
    "A56": "rules for modified organisms by country and site",
    "A57": "a method withdrawn for the sake of its data",
    "A58": "a public record that contradicts itself",
    "A59": "a modified organism that is no gene therapy",
    "A60": "a run outside its own limit; not done and not applicable",
    "A61": "a reagent made from the same donor",
}

Test = TypeVar("Test", bound=Callable[..., Any])


def awkward(*numbers: str) -> Callable[[Test], Test]:
    """A decorator that says which entries a test shows. Raises `LookupError` for a number that is none of them."""
    if strange := [n for n in numbers if n not in ENTRIES]:
        raise LookupError(f"no entry is numbered {', '.join(strange)}")
    return lambda test: test
