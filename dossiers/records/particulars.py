"""What a document or a label outside the dossier says of product and trial, so that it can be held against the dossier.

Each is declared here once, for every kind of record that states it. Empty means that the document does not say it.
"""

from __future__ import annotations

from typing import Any

from dossiers.records.base import Form, fact


def product_name() -> Any:
    """Name of the product, as the document spells it."""
    return fact("Product name stated", ask="Spelled as in the document.", example="Autologous CD19 CAR-T cells")


def product_code() -> Any:
    """Code of the product, as the document spells it."""
    return fact("Product code stated", ask="Spelled as in the document.", example="KUL-CAR19-01", max_length=80)


def pharmaceutical_form() -> Any:
    """Pharmaceutical form."""
    return fact("Form stated", ask="Pharmaceutical form, as in the document.", example="dispersion for infusion")


def route() -> Any:
    """Route of administration."""
    return fact("Route stated", ask="Route of administration, as in the document.")


def strength() -> Any:
    """Strength."""
    return fact(
        "Strength stated",
        form=Form.CRITERION,
        ask="Range or value with its unit, as in the document.",
        example="1e6–1e7 viable CAR+ cells/mL",
    )


def storage() -> Any:
    """Parts of the product's life, each with its condition and time."""
    return fact(
        "Storage and use stated",
        ask="One a line: part of its life, condition, time, parted by colons.",
        example="frozen: ≤ −150 °C: 12 months",
    )


def thawing() -> Any:
    """Temperature of thawing."""
    return fact("Thawing stated", ask="Temperature at which it is thawed.", example="37 °C", max_length=80)


def trial_number() -> Any:
    """Number of the trial."""
    return fact(
        "Trial number stated",
        ask="Number of the trial, as in the document.",
        example="2026-500001-11-00",
        max_length=40,
    )
