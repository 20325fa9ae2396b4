"""What the what-if is asked for; all of it stands in the address, so that it can be sent on and Back works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from dossiers.stage import ROAD, Stage
from portal.choosing import Limits, State
from portal.numerals import page_number
from portal.portfolio.plan import amount, whole

STAGES = ROAD[ROAD.index(Stage.PROPOSED) : ROAD.index(Stage.SUBMITTED)]  # put forward, and not submitted yet
PAGE = 25
PINS = 200  # projects that may be pinned in one address
SCORE, NEED = "score", "need"
VALUES = (SCORE, NEED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Money and slots as they were typed ("" for no limit), the stages, what counts as value, pins by key, the page."""

    money: str = ""
    slots: str = ""
    stages: tuple[Stage, ...] = (Stage.FEASIBILITY,)
    value: str = SCORE
    pinned: Mapping[str, State] = field(default_factory=dict)
    number: int = 1

    @classmethod
    def of(cls, said: Mapping[str, Sequence[str]]) -> Asked:
        """What a query string (name → values) asks for; words it does not know are left out."""

        def last(name: str) -> str:
            return (said.get(name) or ("",))[-1].strip()[:40]

        stages = tuple(stage for stage in STAGES if stage.value in said.get("stage", ()))
        pins = {key[:120]: State(how) for how in (State.OUT, State.MUST) for key in said.get(how.value, ()) if key}
        number = last("page")
        return cls(
            last("money"),
            last("slots"),
            stages or (Stage.FEASIBILITY,),
            last("value") if last("value") in VALUES else SCORE,
            dict(list(pins.items())[:PINS]),
            page_number(number),
        )

    @property
    def faults(self) -> dict[str, str]:
        """Field → what is wrong with what was typed there."""
        found = {}
        if self.money and amount(self.money) is None:
            found["money"] = f"“{self.money}” is no sum in EUR; write it as 500000 or 500 000.50, or leave it empty."
        if self.slots and whole(self.slots) is None:
            found["slots"] = f"“{self.slots}” is no number of slots; write a whole number such as 4, or leave it empty."
        return found

    @property
    def limits(self) -> Limits:
        """The limits; what is empty, or wrong, is no limit."""
        return Limits(amount(self.money), whole(self.slots))

    def address(self, **change: Any) -> str:
        """The query string of this what-if with `change` made to it; another question begins at page 1."""
        new = replace(self, **({"number": 1} | change))
        said: list[tuple[str, str]] = [(name, text) for name in ("money", "slots") if (text := getattr(new, name))]
        said += [("stage", stage.value) for stage in new.stages]
        said += [("value", new.value)] if new.value != SCORE else []
        said += [(how.value, key) for key, how in sorted(new.pinned.items())]
        return "?" + urlencode([*said, ("page", str(new.number))] if new.number > 1 else said)

    def pin(self, key: str, how: State) -> str:
        """The query string with one project pinned in or out, or freed."""
        others = {k: h for k, h in self.pinned.items() if k != key}
        return self.address(pinned=others if how is State.MAY else others | {key: how})
