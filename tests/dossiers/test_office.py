from __future__ import annotations

import io
import json
import stat
import time
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from pypdf import PdfReader

from dossiers import office
from dossiers.word.names import bookmark

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def document(count: int) -> bytes:
    """A Word file with `count` headings, each in a bookmark and, but the first two, on a page of its own."""
    made = docx.Document()
    for at in range(count):
        heading = made.add_heading(f"Heading {at}", 1)
        heading.paragraph_format.page_break_before = at > 1
        name = bookmark(f"S.{at}")
        heading._p.insert(1, parse_xml(f'<w:bookmarkStart {NS} w:id="{at}" w:name="{name}"/>'))
        heading._p.append(parse_xml(f'<w:bookmarkEnd {NS} w:id="{at}"/>'))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pretend(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program named soffice, first and alone on the PATH."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_a_pdf_has_an_outline_and_tags_and_tells_where_bookmarks_are() -> None:
    pdf = office.pdf(document(4))
    reader = PdfReader(io.BytesIO(pdf))
    assert [entry.title for entry in reader.outline] == [f"Heading {at}" for at in range(4)]  # type: ignore[union-attr]
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in root  # type: ignore[operator]
    bookmarks = {f"S.{at}": bookmark(f"S.{at}") for at in range(4)}
    assert office.destinations(pdf, bookmarks) == {"S.0": 1, "S.1": 1, "S.2": 2, "S.3": 3}
    assert office.destinations(pdf, {"S.3": bookmark("S.3"), "x": "nowhere"}) == {"S.3": 3}


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_pages_of_a_document_in_one_step() -> None:
    assert office.pages(document(3), {"S.2": bookmark("S.2")}) == {"S.2": 2}


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_a_damaged_document_gets_a_sentence() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x", "not a document")
    with pytest.raises(office.OfficeFault, match="LibreOffice made no PDF of this Word file"):
        office.pdf(out.getvalue())


def test_what_is_no_word_file_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path, "exit 9", monkeypatch)
    with pytest.raises(office.OfficeFault, match="not a Word file"):
        office.pdf(b"just text")


def test_without_libreoffice_the_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not office.available()
    with pytest.raises(office.OfficeFault, match="needs LibreOffice, which is not installed here"):
        office.pdf(document(1))


def test_a_program_that_fails_is_quoted_without_machine_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path, 'echo "source file $PWD/document.docx could not be loaded"; exit 1', monkeypatch)
    assert office.available()
    with pytest.raises(office.OfficeFault, match=r"It said: source file /document.docx could not be loaded"):
        office.pdf(document(1))


def test_an_endless_program_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "child"
    pretend(tmp_path, f"/bin/sleep 60 & echo $! > {mark}; wait", monkeypatch)
    with pytest.raises(office.OfficeFault, match=r"did not finish within 0\.5 seconds"):
        office.pdf(document(1), timeout=0.5)
    child = int(mark.read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the program's child still runs")


def test_each_call_has_a_place_of_its_own_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    pretend(
        tmp_path, f'echo "$@" >> {tmp_path}/said; echo "$HOME" >> {tmp_path}/homes; echo x > document.pdf', monkeypatch
    )
    assert office.pdf(document(1)) == b"x\n"
    office.pdf(document(1))
    homes = (tmp_path / "homes").read_text().split()
    assert len(set(homes)) == 2
    assert all(home.startswith(str(place)) for home in homes)
    assert not list(place.iterdir())
    said = (tmp_path / "said").read_text().splitlines()[0]
    assert f"-env:UserInstallation=file://{homes[0]}/profile" in said
    options = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert options["UseTaggedPDF"] == {"type": "boolean", "value": "true"}


def test_a_broken_pdf_is_told() -> None:
    with pytest.raises(office.OfficeFault, match="cannot be read"):
        office.destinations(b"%PDF-1.7 broken", {})
