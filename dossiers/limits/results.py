"""What a criterion is compared with, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dossiers.limits.notation import quantity
from dossiers.limits.numerals import take_number
from dossiers.limits.text import NBSP, clean, fault
from dossiers.limits.words import NOTHING_OF, Bound, folded, take_sign

NOT_DETECTED = "ND"
QUALIFIERS = ("", "=", NOT_DETECTED, *(bound.value for bound in Bound))


@dataclass(frozen=True)
class Reading:
    """One result as reported: a number with qualifier and unit, or a word.

    `qualifier` is one of "", "=", "<", ">", "≤", "≥", "ND" (not detected; `value` is then the detection limit).
    An empty `unit` means the unit of the limit. `label` names the alternative the result belongs to. `control` is the
    control's value in the same unit, where the criterion is a difference; without it `value` is the difference.
    """

    value: Decimal | None = None
    qualifier: str = ""
    unit: str = ""
    text: str = ""
    label: str = ""
    control: Decimal | None = None

    def __post_init__(self) -> None:
        if self.qualifier not in QUALIFIERS:
            raise fault(
                "This cannot stand before a result", self.qualifier, f"write one of {', '.join(QUALIFIERS[1:])}"
            )
        if any(number is not None and not number.is_finite() for number in (self.value, self.control)):
            raise fault("A result must be a finite number", str(self.value), "write for example 0.25 EU/mL")

    @property
    def is_not_detected(self) -> bool:
        """Whether the result says that nothing was found."""
        return self.qualifier == NOT_DETECTED or (
            self.value is None and folded(self.text) in (*NOTHING_OF, "nd", "n.d")
        )

    @classmethod
    def read(cls, typed: str, unit: str = "", label: str = "") -> Reading:
        """The result that was typed: "88", "<0.25 EU/mL", "ND", "cloudy liquid"; `unit` where the text names none.

        Raises `LimitFault` for a number that can be read in two ways.
        """
        text = clean(typed, "A result")
        if text.casefold() in ("nd", "n.d", "n.d."):
            return cls(None, NOT_DETECTED, unit, "", label)
        bound, rest = take_sign(text)
        token = take_number(rest)
        if token is None or (bound is None and text[:1].isalpha()):
            return cls(None, "", unit, text, label)
        return cls(Decimal(token.value), bound.value if bound else "", token.rest or unit, "", label)

    def show(self, unit: str = "") -> str:
        """The result as a sentence names it: "< 0.25 EU/mL", "“cloudy liquid”"; `unit` where it has none."""
        unit = self.unit or unit
        shown = "" if self.value is None else quantity(self.value, unit)
        if self.is_not_detected:
            return "“not detected”" + (f" (detection limit {shown})" if shown else "")
        if self.value is None:
            return f"“{self.text}”"
        sign = self.qualifier + NBSP if self.qualifier not in ("", "=") else ""
        control = "" if self.control is None else f" with the control at {quantity(self.control, unit)}"
        return sign + shown + control


@dataclass(frozen=True)
class Context:
    """What a limit may depend on. All may be unknown; a comparison that needs what is unknown says so.

    Body weight in kg; `dose` in `dose_unit` (cells, vg …) for one administration; `dose_volume` in mL; `hours` over
    which the dose is given (unknown: within one). `met` and `unmet` name conditions and cases known to hold or not.
    """

    weight: Decimal | None = None
    dose: Decimal | None = None
    dose_unit: str = ""
    dose_volume: Decimal | None = None
    hours: Decimal | None = None
    route: str = ""
    stage: str = ""
    cohort: str = ""
    met: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("weight", "dose", "dose_volume", "hours"):
            value = getattr(self, name)
            if value is not None and not (value.is_finite() and value > 0):
                raise fault(
                    f"The {name.replace('_', ' ')} must be more than nothing", str(value), "give a number above 0"
                )

    def holds(self, name: str) -> bool | None:
        """Whether the stage, cohort or condition `name` holds; None if nothing here says so."""
        wanted = _spoken(name)
        known = {_spoken(word) for word in (self.stage, self.cohort, f"cohort {self.cohort}", *self.met)} - {
            "",
            "cohort",
        }
        if wanted in known:
            return True
        return False if wanted in {_spoken(word) for word in self.unmet} else None


def _spoken(name: str) -> str:
    return folded(name.replace("_", " "))


class Outcome(StrEnum):
    """What a comparison comes to."""

    PASSES = "passes"
    FAILS = "fails"
    CANNOT_SAY = "cannot say"
    NO_LIMIT = "no limit"


@dataclass(frozen=True)
class Verdict:
    """The outcome with one sentence that gives the reason."""

    outcome: Outcome
    why: str
