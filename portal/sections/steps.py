"""How far a section is, and which step a person may take with it now. Buttons, guards and tests all ask here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.stages import Role

APPROVERS = frozenset({Role.QUALITY, Role.REGULATORY})


class Status(StrEnum):
    """How far a section is."""

    EMPTY = "empty"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"

    @property
    def label(self) -> str:
        """The status as a reader meets it: "in review"."""
        return self.value.replace("_", " ")

    @property
    def badge(self) -> str:
        """The class of its badge."""
        return {"in_review": "badge-stage", "approved": "badge-good"}.get(self.value, "")


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one of `source` to `target`; `label` is its button."""

    name: str
    label: str
    source: frozenset[Status]
    target: Status


STEPS = (
    Step("begin", "Begin", frozenset({Status.EMPTY}), Status.DRAFT),
    Step("submit", "Send to review", frozenset({Status.DRAFT}), Status.IN_REVIEW),
    Step("review", "I have read the text", frozenset({Status.IN_REVIEW}), Status.IN_REVIEW),
    Step("approve", "Approve", frozenset({Status.IN_REVIEW}), Status.APPROVED),
    Step("return", "Return to draft", frozenset({Status.IN_REVIEW}), Status.DRAFT),
    Step("reopen", "Reopen", frozenset({Status.APPROVED}), Status.DRAFT),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What a step is judged on: the status, who asks, and the section as it stands.

    `wrote`: who asks wrote the text last. `text`: there is one. `comments` are those still open.
    """

    status: Status
    roles: frozenset[Role] = frozenset()
    writes: bool = False
    wrote: bool = False
    text: bool = False
    gaps: int = 0
    comments: int = 0


def step(name: str) -> Step:
    """The step of this name. Raises `LookupError`."""
    found = next((s for s in STEPS if s.name == name), None)
    if found is None:
        raise LookupError(f"There is no step “{name}” for a section.")
    return found


def open_steps(case: Case) -> tuple[Step, ...]:
    """The steps to offer: those from this status, to somebody who may write at all; reading needs a text."""
    offered = tuple(s for s in STEPS if case.status in s.source and (case.text or s.name != "review"))
    return offered if case.writes else ()


def refusals(taken: Step, case: Case) -> tuple[str, ...]:
    """Every reason why `taken` may not be taken now; none means it may."""
    reasons = []
    if case.status not in taken.source:
        reasons.append(f"A section that is {case.status.label} cannot take the step “{taken.label}”. Open it again.")
    if not case.writes:
        reasons.append("You may not write sections of this project's documents now.")
    if taken.name in ("approve", "review") and case.wrote:
        reasons.append("You wrote the text last, so somebody else has to read and approve it.")
    if taken.name == "review" and not case.text:
        reasons.append("The section has no text to read.")
    if taken.name == "approve":
        reasons += _before_approval(case)
    return tuple(reasons)


def _before_approval(case: Case) -> list[str]:
    reasons = []
    if not case.roles & APPROVERS:
        reasons.append(f"Only {' or '.join(sorted(r.label for r in APPROVERS))} may approve a section.")
    if case.gaps:
        more = "s" if case.gaps > 1 else ""
        reasons.append(f"It still shows {case.gaps} gap{more}: fill them, or say why they stay empty.")
    if case.comments:
        said = "1 comment is" if case.comments == 1 else f"{case.comments} comments are"
        reasons.append(f"{said} still open: resolve what is settled.")
    return reasons
