"""What a check says: a finding with its place, its reason and its remedy, or why it cannot say anything yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dossiers.blocks import Origin


class Severity(StrEnum):
    """How much a finding weighs.

    error: an assessor would very likely raise it, or a legal item is missing. warning: a likely question, or acceptable
    with reasons. info: good to know; it never stands in anybody's way.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return tuple(Severity).index(self)


class State(StrEnum):
    """What becomes of a finding."""

    OPEN = "open"
    LATER = "later"  # the project's stage does not ask for it yet
    JUSTIFIED = "justified"  # a person answered it with a reason that still holds
    CANNOT = "cannot check"  # facts are missing that the rule needs: counted apart, never an error


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of one place, before the house adds which rule it was. `section` is set for exported text."""

    origin: Origin
    sentence: str
    remedy: str = ""
    severity: Severity | None = None
    section: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the rule's id, how grave, in what state; where; one sentence; what to do about it.

    `origin` is the record and fact it hangs on (a record without key is one that is not there yet). `section` is
    (document, section key) where the text of a document is meant. `needs` are the missing facts of a "cannot check".
    `reason` is the justification that answers it, or "" ; `fallen` says that one was given and no longer holds.
    """

    rule: str
    severity: Severity
    state: State
    origin: Origin
    sentence: str
    remedy: str
    section: tuple[str, str] = ("", "")
    needs: tuple[Origin, ...] = ()
    reason: str = ""
    fallen: str = ""
    justifiable: bool = False

    @property
    def place(self) -> str:
        """The place as a person names it: "spec_test dp-1: criterion", or the document's section."""
        if self.section[0]:
            return f"{self.section[0]}, section {self.section[1]}"
        if not self.origin.key:
            return f"{self.origin.kind}: {self.origin.fact}" if self.origin.fact else self.origin.kind
        return self.origin.path if self.origin.fact else f"{self.origin.kind} {self.origin.key}"
