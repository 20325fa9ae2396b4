"""The search: every table followed, both databases alike, only what one may see, bounded work."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from sqlalchemy import Connection, event, insert, select, update
from sqlmodel import col

from dossiers.binder import load
from dossiers.records import RECORDS
from dossiers.records.materials import Material
from dossiers.records.quality import Specification
from portal import db, indexed, searching
from portal.config import Misconfigured
from portal.indexed import postgresql, sqlite
from portal.indexed.sources import sources
from portal.indexed.words import alphabet, small, words
from portal.migrations import run
from portal.models import Person, Project, Searched, now
from portal.programme import Review, Score
from portal.rights import asker, visible_to
from portal.searching import Found, Sought, excerpt, parts, resembling, search
from portal.stages import Role

Make = Callable[..., Project]
HELD: Any = Searched.__table__.columns  # type: ignore[attr-defined]
People = dict[Role, Person]


def looked(people: People, typed: str, role: Role = Role.INVESTMENT, **more: Any) -> Found:
    with db.reading() as session:
        return search(session, asker(session, people[role]), Sought(typed, **more))


def titles(people: People, typed: str, role: Role = Role.INVESTMENT) -> list[str]:
    return sorted("".join(text for text, _ in hit.title) for hit in looked(people, typed, role).hits)


def material(project: Project, name: str, **facts: Any) -> Material:
    row = Material(uid=uuid4(), project_id=project.id, key=f"m-{uuid4().hex[:8]}", absent={}, sources={})
    row.fill({"name": name, **facts})
    with db.signed("tests", "a material") as session:
        session.add(row)
    return row


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


@contextmanager
def writing() -> Iterator[Connection]:
    """A connection that nobody signs: migrations and other programs write like this."""
    with db.engine().execution_options(writes=True).begin() as connection:
        yield connection


# ---------------------------------------------------------------- words

NAMES = (
    "ARI-0001 vector", "ari.0002 vector", "CD19+ cells", "CD190 cells", "β-globin", "Γ-globin", "10e6 cells",
    "10 e6 cells", "Naïve T cells", "Naive T cells", "ŽLUŤOUČKÝ", "ΣΊΣΥΦΟΣ", "100 µg/mL", "ﬁltrate", "H₂O₂", "straße",
    "it's \"quoted\" AND (NOT NEAR) OR *", "snake_case", "99.5 %", "it’s",
)  # fmt: skip

AWKWARD = {
    "ARI-0001": {"ARI-0001 vector"},
    "ari 00": {"ARI-0001 vector", "ari.0002 vector"},
    "0001 ari": {"ARI-0001 vector"},
    "CD19+": {"CD19+ cells", "CD190 cells"},
    "cd190": {"CD190 cells"},
    "β-globin": {"β-globin"},
    "Β": {"β-globin"},  # a large beta
    "globin": {"β-globin", "Γ-globin"},
    "glob": {"β-globin", "Γ-globin"},
    "lobin": set(),
    "γ": {"Γ-globin"},
    "10e6": {"10e6 cells"},
    "10": {"10e6 cells", "10 e6 cells", "100 µg/mL"},
    "e6": {"10 e6 cells"},
    "naïve": {"Naïve T cells"},
    "NAÏVE": {"Naïve T cells"},
    "naive": {"Naive T cells"},
    "žluť": {"ŽLUŤOUČKÝ"},
    "σίσυφος": {"ΣΊΣΥΦΟΣ"},
    "σίσυφοσ": {"ΣΊΣΥΦΟΣ"},
    "μg": {"100 µg/mL"},  # the Greek letter finds the micro sign
    "ﬁl": {"ﬁltrate"},
    "h₂": {"H₂O₂"},
    "STRAßE": {"straße"},
    '"quoted': {'it\'s "quoted" AND (NOT NEAR) OR *'},
    "NOT near OR and": {'it\'s "quoted" AND (NOT NEAR) OR *'},
    "it's": {'it\'s "quoted" AND (NOT NEAR) OR *', "it’s"},
    "case": {"snake_case"},
    "5": {"99.5 %"},  # a single letter or digit is a word of its own
    "9": set(),
    "99.5 %": {"99.5 %"},
    "99,5": {"99.5 %"},
    "'; DROP TABLE searched; --": set(),
    "{title}: ari": set(),
    "^ari* : & | ! <->": {"ARI-0001 vector", "ari.0002 vector"},
}  # fmt: skip


@pytest.fixture
def named(project: Make) -> Project:
    made = project("feasibility", "TST-1")
    with db.signed("tests", "materials") as session:
        for number, name in enumerate(NAMES):
            row = Material(uid=uuid4(), project_id=made.id, key=f"m{number:02}x", absent={}, sources={})
            row.fill({"name": name})
            session.add(row)
    return made


def test_both_databases_find_the_same(named: Project, people: People) -> None:
    for typed, expected in AWKWARD.items():
        assert set(titles(people, typed)) == expected, typed


@pytest.mark.parametrize("typed", ["", "   ", "+++", "\0", "“”", '"', "*", "'"])
def test_without_a_word_nothing_is_looked_for(typed: str, people: People) -> None:
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        with counted() as seen:
            assert search(session, who, Sought(typed)) == Found()
        assert seen == []


OFTEN = some.sampled_from(
    ["ari", "0001", '"', "'", "*", ":", "AND", "OR", "NOT", "NEAR(", ")", "<->", "&", "\\", "β", "\0"]
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(typed=some.text(max_size=60) | some.lists(OFTEN | some.text(max_size=4), max_size=12).map(" ".join))
def test_nothing_typed_is_an_error(named: Project, people: People, typed: str) -> None:
    found = looked(people, typed)
    assert found.total >= len(found.hits)
    assert found.words == words(typed)[: searching.TYPED]


def is_settled(char: str) -> bool:
    """Whether a character is a letter, digit or sign now as it was in Unicode 3.2, which every database knows."""
    return (
        unicodedata.ucd_3_2_0.category(char) == unicodedata.category(char) and unicodedata.category(char)[0] in "LNPSZ"
    )


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=some.text(some.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]).filter(is_settled), min_size=1))
def test_each_word_of_any_text_finds_it(named: Project, people: People, text: str) -> None:
    row = material(named, text)
    with db.reading() as session:
        for typed in filter(words, [*words(text)[:4], text]):
            matching = searching._Matching(session, words(typed)[: searching.TYPED], starts=True)
            assert row.uid in {found.row for found in session.execute(matching.rows([], HELD.row))}, typed


def test_small_letters_stay_in_their_places() -> None:
    assert small("ΑΒΓ İ ß ǅ ABC") == "αβγ İ ß ǆ abc"
    every = "".join(map(chr, range(0xD800))) + "".join(map(chr, range(0xE000, 0x110000)))
    assert len(small(every)) == len(every)
    assert not set("]\\^'\"% -") & set(alphabet().replace("-", ""))


# ---------------------------------------------------------------- what is followed


def test_a_row_is_followed_from_its_beginning_to_its_end(project: Make, people: People) -> None:
    made = project("feasibility", "TST-1")
    row = material(made, "Plasmid alpha", composition="sterile filtered")
    assert titles(people, "plasmid sterile") == ["Plasmid alpha"]
    with db.signed("tests", "renamed") as session, counted() as seen:
        held = session.get_one(Material, row.uid)
        held.name = "Lentivirus"
        session.flush()
    assert not [one for one in seen if "searched" in one], "the database does it by itself"
    assert titles(people, "plasmid") == [] and titles(people, "lenti") == ["Lentivirus"]
    with db.signed("tests", "project renamed") as session:
        session.get_one(Project, made.id).title = "Chondrocytes for a knee"
    assert titles(people, "chondro") == ["TST-1 Chondrocytes for a knee"] and titles(people, "Project") == []
    with db.signed("tests", "removed") as session:
        session.delete(session.get_one(Material, row.uid))
    assert titles(people, "lentivirus") == []
    with db.reading() as session:
        assert session.scalars(select(col(Searched.kind))).all() == ["project"]


def test_what_another_program_writes_is_followed(project: Make, people: People) -> None:
    made = project("feasibility", "TST-1")
    rows = [
        {"uid": uuid4(), "project_id": made.id, "key": f"k{n}", "position": n, "revision": 1, "name": f"Reagent {n}"}
        for n in range(30)
    ]
    with writing() as connection:
        connection.execute(insert(Material), [{**row, "absent": {}, "sources": {}} for row in rows])
        connection.execute(update(Material).where(col(Material.key) == "k7").values(name="Buffer 7"))
    assert looked(people, "reagent").total == 29
    assert titles(people, "buffer") == ["Buffer 7"]


def test_lists_choices_and_numbers_are_read_as_people_read_them(project: Make, people: People) -> None:
    text = """
tandem: 1
project: TST-1
records:
  batch:
    B-1: {number: B-1, size: "1.25e9", use: [clinical, stability]}
  safety_measure:
    o: {measure: Response, matrices: [blood β, "it's \\"bone\\" marrow"]}
  stability_study:
    s: {protocol_id: ST-1, type: long_term}
  test_result:
    nameless: {batch: B-1, value: "88"}
"""
    project("feasibility", "TST-1", records=load(text).records)
    assert titles(people, "88") == ["nameless"], "a result as it is reported"
    assert titles(people, "stability clinical") == ["B-1"]
    assert titles(people, "long-term") == ["ST-1"] and titles(people, "long_term") == ["ST-1"]
    assert titles(people, "β marrow") == ["Response"] and titles(people, "u03b2") == []
    (hit,) = looked(people, "bone").hits
    assert ("bone", True) in hit.excerpt and any("β" in part for part, _ in hit.excerpt)
    assert titles(people, "nameless") == ["nameless"], "a record that is named by links alone goes by its key"


def test_only_projects_and_records_are_in_it(project: Make, people: People) -> None:
    made = project("feasibility", "TST-1")
    with db.signed("tests", "a sealed review") as session:
        review = Review(project_id=made.id, gate="G1", reviewer_id=people[Role.REVIEWER].id, asked_by="somebody")
        review.summary = "Xylophone"
        session.add(review)
        session.flush()
        session.add(Score(project_id=made.id, review_id=review.id, criterion="C01", score=3, comment="Xylophone"))
    assert looked(people, "xylophone").total == 0
    assert {source.table for source in sources()} == {"project", *RECORDS}


@pytest.mark.parametrize("kind", [*RECORDS])
def test_every_text_of_a_kind_can_be_found(kind: str) -> None:
    source = next(one for one in sources() if one.table == kind)
    there = {column.name for column in RECORDS[kind].__table__.columns}  # type: ignore[attr-defined]
    assert set(source.read) <= there and source.read


def test_a_long_text_is_cut(project: Make, people: People) -> None:
    made = project("feasibility", "TST-1")
    row = material(made, "Sequence", composition="first " + "ACGT" * 20_000 + " " + "βeta " * 30_000 + "last")
    assert titles(people, "first acgtacgt") == ["Sequence"] and titles(people, "last") == []
    with db.reading() as session:
        assert len(session.scalars(select(col(Searched.body)).where(col(Searched.row) == row.uid)).one()) == 200_000


# ---------------------------------------------------------------- who sees what


def test_only_what_one_may_see_is_found_counted_and_ranked(project: Make, people: People) -> None:
    mine = project("feasibility", "MINE", ("researcher",))
    material(mine, "Vector one", composition="vector of the plasmid kind")
    material(mine, "Plasmid", composition="A long story in which the vector stands once. " * 20)
    with db.reading() as session:
        before = search(session, asker(session, people[Role.RESEARCHER]), Sought("vector plasmid"))
    assert before.total == 2
    other = project("feasibility", "OTHER", ("clinician",))
    for _ in range(40):
        material(other, "Vector", composition="plasmid " * 10)
    idea = project("idea", "IDEA", ("clinician",))
    material(idea, "Vector of an idea")
    after = looked(people, "vector plasmid", Role.RESEARCHER)
    assert after == before, "neither hits nor counts nor their order tell of others"
    assert looked(people, "vector plasmid").total == 42
    assert looked(people, "vector", Role.INVESTMENT, page=1).kinds == {"material": 42}
    assert looked(people, "vector", Role.CLINICIAN).total == 41
    assert looked(people, "vector", Role.ADMINISTRATOR) == Found(("vector",))
    assert looked(people, "vector", project=other.id).total == 40


def test_a_title_weighs_more(project: Make, people: People) -> None:
    made = project("feasibility", "TST-1")
    material(made, "Lentivirus")
    material(made, "Medium", composition="Lentivirus, lentivirus and lentivirus again")
    material(made, "Bag", composition="Of no use for a lentivirus. " + "Other words. " * 200)
    found = looked(people, "lentivirus").hits
    assert ["".join(text for text, _ in hit.title) for hit in found] == ["Lentivirus", "Medium", "Bag"]
    assert found[0].title == (("Lentivirus", True),)
    assert (found[0].key, found[0].project, found[0].kind) == ("TST-1", "Project TST-1", "material")


def test_pages_kinds_and_more_than_can_be_ranked(
    project: Make, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project("feasibility", "TST-1")
    for number in range(45):
        material(made, f"Reagent {number}")
    with db.signed("tests", "others") as session:
        row = Specification(uid=uuid4(), project_id=made.id, key="s", absent={}, sources={})
        row.fill({"code": "Reagent"})
        session.add(row)
    found = looked(people, "reagent")
    assert (found.total, found.pages, found.more, found.kinds) == (46, 3, False, {"material": 45, "specification": 1})
    pages = [looked(people, "reagent", page=number).hits for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 6]
    assert len({hit.row for page in pages for hit in page}) == 46
    last = looked(people, "reagent", page=99)
    assert last.page == 3 and last.hits == pages[2]
    only = looked(people, "reagent", kinds=frozenset({"specification"}))
    assert only.total == 1 and only.kinds == found.kinds
    monkeypatch.setattr(searching, "RANKED", 10)
    few = looked(people, "reagent")
    assert few.total == 10 and few.more and few.kinds == {"material": 9, "specification": 1}
    newest = {"".join(text for text, _ in hit.title) for hit in few.hits}
    assert newest == {"Reagent", *(f"Reagent {number}" for number in range(36, 45))}


def test_the_number_of_questions_does_not_grow(project: Make, people: People) -> None:
    numbers = []
    for more in (1, 30):
        for number in range(more):
            material(project("feasibility", f"P-{more}-{number}"), "Vector")
        with db.reading() as session:
            who = asker(session, people[Role.INVESTMENT])
            with counted() as seen:
                search(session, who, Sought("vector"))
                resembling(session, who, ["vector", "cell"], ["material"], 500)
            numbers.append(len(seen))
    assert numbers == [4, 4]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_newest_are_read_from_the_index_without_sorting(named: Project, people: People) -> None:
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        with counted() as seen:
            search(session, who, Sought("cells"))
        newest = searching._Matching(session, ("cells",), starts=True).rows([visible_to(who)]).limit(3)
        text = str(newest.compile(db.engine(), compile_kwargs={"literal_binds": True}))
        plan = [row.detail for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    assert plan[0].startswith("SCAN searched_words VIRTUAL TABLE INDEX"), plan
    assert not [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line], plan
    assert len(seen) == 3


def test_ideas_are_compared_by_the_words_they_share(project: Make, people: People) -> None:
    near = project("feasibility", "NEAR")
    material(near, "CAR-T against CD19", composition="leukaemia")
    far = project("feasibility", "FAR")
    material(far, "CAR without more")
    project("feasibility", "NONE")
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        found = resembling(session, who, ["car-t", "cd19", "leukaemia", "car"], ["material"], 500)
        assert found == [near.id, far.id]
        assert resembling(session, who, ["car-t", "cd19", "car"], ["material"], 1) == [near.id]
        assert resembling(session, who, ["car"], ["project"], 500) == []
        assert resembling(session, who, ["+", ""], ["material"], 500) == []
        researcher = asker(session, people[Role.RESEARCHER])
        assert resembling(session, researcher, ["cd19"], ["material"], 500) == []


# ---------------------------------------------------------------- excerpts


def test_an_excerpt_shows_where_the_words_stand() -> None:
    text = "Begin. " + "Other words here. " * 30 + "The CD19+ cells, CD19 again. " + "More words. " * 40
    cut = excerpt(text, ("cd19", "cell"))
    assert [part for part, is_match in cut if is_match] == ["CD19", "cells", "CD19"]
    whole = "".join(part for part, _ in cut)
    assert whole.startswith("… ") and whole.endswith(" …") and len(whole) < 260
    assert excerpt("Short\n\ntext", ("none",)) == (("Short text", False),)
    assert excerpt("", ("none",)) == ()
    assert "".join(part for part, _ in excerpt("x" * 1_000, ("none",))) == "x" * 240 + " …"
    assert parts("<b>T</b> cells", ("t",)) == (("<b>", False), ("T", True), ("</b> cells", False))


@given(text=some.text(max_size=600), typed=some.text(max_size=20))
def test_an_excerpt_says_nothing_else_than_the_text(text: str, typed: str) -> None:
    asked = words(typed)
    assert "".join(part for part, _ in parts(text, asked)) == text
    cut = "".join(part for part, _ in excerpt(text, asked))
    assert cut.removeprefix("… ").removesuffix(" …") in " ".join(text.split()) or "…" in text


# ---------------------------------------------------------------- putting it in place


def rows_of(connection: Connection) -> list[tuple[Any, ...]]:
    query = select(HELD.row, HELD.kind, HELD.title, HELD.body).order_by(HELD.row)
    return [tuple(row) for row in connection.execute(query)]


def test_a_second_time_nothing_is_done(named: Project) -> None:
    with counted() as seen, writing() as connection:
        indexed.install(connection)
    asked = [one for one in seen if not one.startswith("BEGIN")]
    assert len(asked) <= 3 and all(one.startswith("SELECT") for one in asked), asked


def test_rows_that_were_there_before_are_read(named: Project, people: People) -> None:
    with writing() as connection:
        before = rows_of(connection)
        for name in unfollow(connection, "material"):
            connection.exec_driver_sql(name)
        connection.execute(update(Material).where(col(Material.name) == "10e6 cells").values(name="Mute swan"))
        connection.execute(update(Material).where(col(Material.name) == "it’s").values(name="Silent"))
    assert titles(people, "swan") == [], "nobody followed"
    with writing() as connection:
        indexed.install(connection)
        after = rows_of(connection)
    assert titles(people, "swan") == ["Mute swan"] and titles(people, "10e6") == []
    assert len(after) == len(before) and len(set(before) - set(after)) == 2


def unfollow(connection: Connection, table: str) -> list[str]:
    if connection.dialect.name == "postgresql":
        return [f"DROP TRIGGER searched_follow ON {table}"]
    return [f"DROP TRIGGER searched_{table}_{deed}" for deed in ("added", "changed", "removed")]


def test_another_definition_is_read_anew(named: Project, people: People) -> None:
    with writing() as connection:
        right = rows_of(connection)
        connection.execute(update(Searched).values(title="Wrong"))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("COMMENT ON TRIGGER searched_follow ON material IS 'older'")
        else:
            connection.exec_driver_sql("DROP TRIGGER searched_material_changed")
            connection.exec_driver_sql(
                "CREATE TRIGGER searched_material_changed AFTER UPDATE OF name ON material BEGIN SELECT 1; END"
            )
        indexed.install(connection)
        mended = rows_of(connection)
    assert [row for row in mended if row[1] == "material"] == [row for row in right if row[1] == "material"]
    assert [row[2] for row in mended if row[1] == "project"] == ["Wrong"], "what stood as it should was left"
    assert set(titles(people, "ari")) == AWKWARD["ari 00"]


def test_words_that_are_gone_come_back(named: Project, people: People) -> None:
    with writing() as connection:
        (postgresql if connection.dialect.name == "postgresql" else sqlite).drop_words(connection)
        indexed.install(connection)
    assert set(titles(people, "ari 00")) == AWKWARD["ari 00"]
    material(named, "Afterwards")
    assert titles(people, "afterw") == ["Afterwards"]


def test_an_older_database_is_read_when_it_is_upgraded(database_url: str) -> None:
    engine = db.open_engine(database_url)
    try:
        run.upgrade(engine, "0002")
        ids = [UUID(int=number) for number in range(3)]
        with engine.execution_options(writes=True).begin() as connection:
            for number, id_ in enumerate(ids):
                project = {"id": id_, "key": f"P-{number}", "title": "A cell", "stage": "idea", "confidential": True}
                project |= {"invented": True, "created_at": now(), "revision": 1}
                kept = Project.__table__.columns  # type: ignore[attr-defined]
                table = sqlalchemy.table("project", *(sqlalchemy.column(n, kept[n].type) for n in project))
                connection.execute(insert(table), project)
        run.upgrade(engine)
        run.check(engine)
        with engine.connect() as connection:
            assert [row[2] for row in rows_of(connection)] == ["P-0 A cell", "P-1 A cell", "P-2 A cell"]
    finally:
        engine.dispose()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_migration_may_rebuild_a_table_that_is_followed(named: Project, people: People) -> None:
    with db.engine().connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        operations = Operations(MigrationContext.configure(connection))
        for table in ("material", "project"):
            with operations.batch_alter_table(table, recreate="always") as batch:
                batch.alter_column("key", existing_type=sqlalchemy.String(), type_=sqlalchemy.String(150))
        indexed.install(connection)
        connection.commit()
    assert set(titles(people, "ari 00")) == AWKWARD["ari 00"]
    material(named, "Afterwards")
    assert titles(people, "afterw") == ["Afterwards"]


def test_a_sqlite_without_fts5_is_told_what_to_do(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_WORDS", sqlite._WORDS.replace("USING fts5", "USING fts_of_nobody"))
    engine = db.open_engine(f"sqlite:///{tmp_path / 'none.db'}")
    try:
        with pytest.raises(Misconfigured, match="built without FTS5"):
            run.upgrade(engine)
    finally:
        engine.dispose()
