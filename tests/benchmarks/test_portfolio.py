"""The pages over many projects are all measured, on whatever databases there are, and the table says what was found."""

from __future__ import annotations

import pytest

from benchmarks import portfolio
from benchmarks.portfolio import Figure


def test_the_table_tells_medians_growth_and_queries() -> None:
    figures = {
        ("sqlite", 100, "/board"): Figure((0.3, 0.01, 0.02), 9, 5_000),
        ("sqlite", 1_000, "/board"): Figure((0.02, 0.02, 0.02), 9, 7_000),
        ("sqlite", 10_000, "/board"): Figure((0.2, 0.2, 0.2), 11, 9_000),
        ("postgresql", 100, "/other"): Figure((1.0,), 1, 1),
    }
    *_, line = lines = portfolio.table(figures, "sqlite", (100, 1_000, 10_000))
    assert len(lines) == 3 and lines[0].count("|") == lines[1].count("|") == line.count("|")
    assert line == "| `/board` | 20 ms | 20 ms | 200 ms | 1.00 | 9–11 | 9 |"


def test_growth_is_an_exponent() -> None:
    assert portfolio.growth((1.0, 2.0, 2.0), (10, 100, 1_000)) == 0
    assert round(portfolio.growth((1.0, 10.0), (100, 10_000)), 3) == 0.5


def test_every_page_is_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("TANDEM_TEST_POSTGRES", raising=False)
    portfolio.main(["1"], sizes=(5, 20))
    said = capsys.readouterr().out
    rows = {line.split("`")[1]: line.split("|") for line in said.splitlines() if line.startswith("| `")}
    assert {"/", "/board", "/portfolio", "/portfolio/value", "/projects", "/projects?q=leukaemia"} <= set(rows)
    assert not {page for page in rows if page.startswith(("/account", "/rulebook", "/people"))}
    assert all(int(row[5]) > 3 for row in rows.values()), "as many queries for five projects as for twenty"
    assert "PostgreSQL: not measured here" in said and "5 in 0 s" in said


@pytest.mark.postgres
def test_postgresql_is_measured_where_there_is_one(postgres_server: str) -> None:
    with portfolio.database("postgresql") as url:
        figure = portfolio.Portal(url, 10).measure("/board", 1)
    assert figure.queries > 3 and figure.length > 1_000
