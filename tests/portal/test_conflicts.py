"""What a conflict is called towards the person, and towards somebody else."""

from __future__ import annotations

import pytest

from portal.conflicts import of_another


@pytest.mark.parametrize(
    ("to_them", "of_them"),
    [
        ("You work on this project.", "They work on this project."),
        ("An applicant belongs to your unit, You work Ltd.", "An applicant belongs to their unit, You work Ltd."),
        ("The proposal names you among those who carry it.", "The proposal names them among those who carry it."),
        ("An interest is declared: another interest.", "An interest is declared: another interest."),
    ],
)
def test_it_is_said_of_somebody_else(to_them: str, of_them: str) -> None:
    assert of_another([to_them]) == (of_them,)
