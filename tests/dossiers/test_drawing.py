"""Drawings: the same bytes from every thread, lines that fit, signs that stay with their numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dossiers import drawing

WORDS = st.lists(st.text("abcdefgh iWM≥%é0", min_size=1, max_size=25), min_size=1, max_size=6).map(" ".join)


def paint(sheet: Any) -> None:
    axes = sheet.add_axes((0, 0, 1, 1))
    axes.text(0.5, 0.5, "$1 is no formula; \U0001f9ec has no shape here")
    axes.plot([0, 1], [0, 1])


def test_threads_draw_the_same_bytes() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: drawing.drawn(40, 20, paint), range(6)))
    assert len(made) == 1
    png, svg = made.pop()
    assert png.startswith(b"\x89PNG") and int.from_bytes(png[16:20]) == 314  # 40 mm at 200 dpi
    assert "<svg" in svg and "<dc:date>" not in svg


@given(WORDS, st.floats(8, 60))
def test_lines_fit_and_keep_every_sign(text: str, room: float) -> None:
    lines = drawing.wrapped(text, room, 7)
    assert all(drawing.length(line, 7) <= room or len(line) == 1 for line in lines)
    bare = "".join("".join(lines).split()).replace("\u00a0", "")
    assert bare == "".join(text.split())


def test_a_sign_stays_with_its_number() -> None:
    room = drawing.length("stored at ≤", 7)
    assert drawing.wrapped("stored at ≤ −140 °C", room, 7) == ["stored at", "≤\u00a0−140\u00a0°C"]
