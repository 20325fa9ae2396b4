"""An invented dossier with every kind of block, and a reader that takes a Word file apart again."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from lxml import etree

from dossiers.blocks import (
    Cell,
    Column,
    Cover,
    Draft,
    Figure,
    Footnote,
    Gap,
    Heading,
    Inlines,
    Kind,
    Listing,
    Manner,
    Mark,
    Origin,
    Paragraph,
    Reference,
    Remark,
    Run,
    Section,
    Standing,
    Still,
    Table,
)
from dossiers.word import write

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


# ---------------------------------------------------------------- an invented dossier


def fact(record: str, name: str, kind: str = "batch") -> Origin:
    return Origin(kind, record, f"id-{kind}-{record}", name)


def text(*parts: str | Run | Gap | Footnote | Reference) -> Inlines:
    return tuple(Run(part) if isinstance(part, str) else part for part in parts)


def cells(*parts: str) -> tuple[Cell, ...]:
    return tuple(Cell(text(part)) for part in parts)


def picture(width: int = 240, height: int = 120) -> bytes:
    """A PNG: growing bars on white."""
    rows = b"".join(
        b"\0" + b"".join(b"\x2f\x54\x96" if x % 30 < 18 and y > height - x // 3 else b"\xff" * 3 for x in range(width))
        for y in range(height)
    )

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def specification() -> Table:
    rows = []
    for at in range(16):
        limit = ("≥ 70\u00a0%", "≤ 5\u00a0EU/mL", "1.0–5.0 × 10⁸ cells", "Not detected in 10\u00a0mL")[at % 4]
        method = (
            "Flow cytometry, 7-AAD exclusion (in-house SOP-QC-118)",
            "Ph. Eur. 2.6.14, method D",
            "Ph. Eur. 2.7.29",
        )
        rows.append(
            (
                Cell(text(f"Attribute {at + 1}, measured on the final container"), strong=True),
                Cell(text(Run(method[at % 3], frozenset(), fact(f"spec-{at}", "method", "test")))),
                Cell(text(Run(limit, frozenset(), fact(f"spec-{at}", "limit", "test")))),
                *cells("Release" if at % 2 else "Release and stability"),
            )
        )
    head = cells("Test", "Method", "Acceptance criterion", "Stage")
    columns = (Column(), Column(), Column(), Column(Kind.SHORT))
    notes = (text("Limits are those of the invented process version MP-1."), text("EU: endotoxin unit."))
    return Table("t-spec", text("Specification of the drug product"), columns, (head,), tuple(rows), notes, "Table 1")


def batches(count: int = 60) -> Table:
    rows = []
    for at in range(count):
        key = f"INV-{at + 1:03}"
        dose = Run(("0.95", "12.4", "103", "7.25 × 10⁶", "not tested")[at % 5], frozenset(), fact(key, "dose"))
        viability = Run(f"{71 + at % 28}.{at % 10}", frozenset(), fact(key, "viability"))
        if at == 3:
            viability = Run("88.0", frozenset({Mark.UNVERIFIED}), fact(key, "viability"))
        recovery = (
            Cell(text(Gap("Recovery: not found", fact(key, "recovery")))) if at == 5 else Cell(text(f"{at % 9 + 90}"))
        )
        made = f"{at % 28 + 1}\u00a0Mar\u00a02026"
        rows.append((*cells(key, made), Cell(text(dose)), Cell(text(viability)), recovery, *cells("Clinical")))
    head = cells("Batch", "Manufactured", "Dose (10⁶ cells/kg)", "Viability (%)", "Recovery (%)", "Use")
    kinds = (Kind.SHORT, Kind.DATE, Kind.NUMBER, Kind.NUMBER, Kind.NUMBER, Kind.TEXT)
    columns = tuple(Column(kind) for kind in kinds)
    return Table(
        "t-batch", text("Batch analyses, all batches of process MP-1"), columns, (head,), tuple(rows), (), "Table 2"
    )


def stability() -> Table:
    months = (0, 1, 2, 3, 6, 9, 12, 18, 24, 30, 36, 48, 60)
    head = (
        (Cell(text("Attribute"), down=2), Cell(text("Time point (months) at −150\u00a0°C"), across=13)),
        tuple(Cell(text(str(month))) for month in months),
    )
    rows = [
        (Cell(text("Viability (%)"), strong=True, down=2), *cells(*(f"{95 - m / 7:.1f}" for m in months))),
        cells(*(f"{94 - m / 5:.1f}" for m in months)),
        (Cell(text("Sterility"), strong=True), Cell(text("No growth at any time point"), across=13)),
        (Cell(text("Vector copies per cell"), strong=True), *cells(*(f"{2.1 + m / 100:.2f}" for m in months))),
    ]
    columns = (Column(), *(Column(Kind.NUMBER) for _ in months))
    notes = (text("Values of two bags of batch INV-001."),)
    return Table("t-stab", text("Stability of the drug product"), columns, head, tuple(rows), notes, "Table 3")


def lists() -> tuple[Listing, Listing]:
    def item(said: str, *more: Listing | Paragraph) -> tuple[Paragraph | Listing, ...]:
        return (Paragraph(text(said)), *more)

    third = Listing(True, (item("wash twice"), item("count")))
    second = Listing(True, (item("Thaw at 37\u00a0°C"), item("Dilute 1:10, then", third), item("Seed")))
    first = Listing(True, (item("Receive the leukapheresis"), item("Select and activate", second), item("Transduce")))
    bullets = Listing(
        False, (item("Sterility"), item("Mycoplasma", Listing(False, (item("by culture"), item("by NAT")))))
    )
    return first, bullets


def narrative() -> tuple[Paragraph, ...]:
    shelf_life = Run("24\u00a0months", frozenset(), fact("inv-1", "shelf_life", "product"))
    sentence = "The product is made from autologous CD4- and CD8-positive T cells in a closed system. "
    return (
        Paragraph(
            text(
                "The drug product keeps for ",
                shelf_life,
                " in vapour of liquid nitrogen (see ",
                Reference("t-stab", "Table 3"),
                " and ",
                Reference("P.8", "section 2.1.P.8"),
                "). It carries ",
                Run("CD19", frozenset({Mark.ITALIC})),
                ", about 2.5 × 10",
                Run("8", frozenset({Mark.SUP})),
                " cells, H",
                Run("2", frozenset({Mark.SUB})),
                "O. ",
                Run("Bold", frozenset({Mark.BOLD})),
                " and ",
                Run("code()", frozenset({Mark.CODE})),
                ".",
                Footnote(text("Measured by ", Run("in situ", frozenset({Mark.ITALIC})), " hybridisation.")),
                " ",
                sentence * 3,
            )
        ),
        Paragraph(
            text(
                "The storage container is ",
                Gap("Container: not found", fact("inv-1", "container", "product")),
                "; ",
                Run("Lagerung in flüssigem Stickstoff", lang="de-DE"),
                ". ",
                sentence * 2,
                Footnote(text("A second note, on the container.")),
            )
        ),
    )


def sections() -> tuple[Section, ...]:
    body = Paragraph(text("The process runs in a closed system in a grade C room; each step is recorded. " * 4))
    figure = Figure(
        "f-flow", text("Growth of the culture"), "Bars that grow", Still(picture()), width=150, label="Figure 1"
    )
    code = Paragraph(text("GATTACA\nCCGGTT"), Manner.CODE)
    absent = Paragraph(text("Not applicable: the product holds no novel excipient."), Manner.NOTE)
    remark = Paragraph(text("A quotation from the manufacturer."), Manner.QUOTE)
    return (
        Section("P", "2.1.P", "Investigational medicinal product", 1, (body,)),
        Section("P.1", "2.1.P.1", "Description and composition", 2, narrative()),
        Section("P.3", "2.1.P.3", "Manufacture", 2, ()),
        Section("P.3.3", "2.1.P.3.3", "Description of the manufacturing process", 3, (body, *lists(), lists()[0])),
        Section(
            "P.3.4",
            "2.1.P.3.4",
            "Controls of critical steps",
            3,
            (Heading(1, text("Culture")), body, figure, code, remark),
        ),
        Section("P.4", "2.1.P.4", "Novel excipients", 2, (absent,), Standing.NOT_APPLICABLE),
        Section("P.5.1", "2.1.P.5.1", "Specification", 3, (body, specification())),
        Section("P.5.4", "2.1.P.5.4", "Batch analyses", 3, (body, batches())),
        Section("P.8", "2.1.P.8", "Stability", 2, (Paragraph(text("Stability data follow.")), stability(), body)),
        Section("A.1", "2.1.A.1", "Facilities and equipment", 2, (body,)),
    )


@pytest.fixture(scope="session")
def rich() -> Draft:
    """An invented dossier with every kind of block, as a draft."""
    cover = Cover(
        "Investigational medicinal product dossier: quality",
        "INV-1",
        "Inventocabtagene, dispersion for infusion (invented)",
        "Hospital of Nowhere",
        "draft",
        date(2026, 11, 25),
        status="Draft: 2 gaps, not for submission",
        lines=(("EU CT number", "2026-500001-11-00"), ("Phase", "I/IIa")),
        signers=(
            ("A. Author", "Regulatory affairs", "24\u00a0Nov\u00a02026"),
            ("Q. Person", "Qualified person", "25\u00a0Nov\u00a02026"),
        ),
    )
    remarks = (
        Remark("P.1", "The shelf life is longer than the data.", fact("inv-1", "shelf_life", "product")),
        Remark("P.5.4", "Viability of INV-004 was not re-read.", fact("INV-004", "viability")),
        Remark("P.8", "The last time point is not yet reached."),
    )
    return Draft("impd-q", cover, sections(), remarks)


# ---------------------------------------------------------------- taking a Word file apart


@dataclass
class Opened:
    """The parts of a Word file."""

    parts: dict[str, bytes]

    def xml(self, name: str) -> etree._Element:
        return etree.fromstring(self.parts[name])

    @property
    def document(self) -> etree._Element:
        return self.xml("word/document.xml")


def opened(docx: bytes) -> Opened:
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return Opened({name: package.read(name) for name in package.namelist()})


def said(element: etree._Element) -> str:
    """The characters a reader sees in a paragraph: text, breaks, tabs."""
    signs = {f"{W}br": "\n", f"{W}tab": "\t", f"{W}cr": "\r"}
    runs: Iterator[etree._Element] = (child for run in element.iter(f"{W}r") for child in run)
    return "".join((child.text or "") if child.tag == f"{W}t" else signs.get(str(child.tag), "") for child in runs)


def faults(docx: bytes) -> list[str]:
    """What is wrong inside the package, beyond what a schema sees."""
    found = opened(docx)
    document = found.document
    names = [str(e.get(f"{W}name")) for e in document.iter(f"{W}bookmarkStart")]
    starts = [e.get(f"{W}id") for e in document.iter(f"{W}bookmarkStart")]
    controls = [e.get(f"{W}val") for e in document.iterfind(f".//{W}sdtPr/{W}id")]
    out = [
        f"{what} twice"
        for what, ids in (("bookmark", names), ("bookmark id", starts), ("control id", controls))
        if len(set(ids)) < len(ids)
    ]
    out += [f"bookmark {name}" for name in names if len(name) > 40 or not (name[0] == "_" or name[0].isalpha())]
    out += ["bookmark not closed"] * (
        sorted(map(str, starts)) != sorted(str(e.get(f"{W}id")) for e in document.iter(f"{W}bookmarkEnd"))
    )
    out += [*_fields(document, set(names)), *_tables(document), *_styles(found), *_relations(found), *_notes(found)]
    out += [
        f"no lock of {len(str(e.get(f'{W}val')))}"
        for e in document.iter(f"{W}tag", f"{W}alias")
        if len(str(e.get(f"{W}val"))) > 64
    ]
    return out


def _fields(document: etree._Element, names: set[str]) -> Iterator[str]:
    depth = 0
    for element in document.iter(f"{W}fldChar", f"{W}instrText", f"{W}hyperlink"):
        kind = element.get(f"{W}fldCharType")
        depth += (kind == "begin") - (kind == "end")
        if depth < 0:
            yield "a field ends before it begins"
        words = (element.text or "").split()
        if words[:1] in (["REF"], ["PAGEREF"]) and words[1] not in names:
            yield f"a field names {words[1]}"
        if element.tag == f"{W}hyperlink" and element.get(f"{W}anchor") not in names:
            yield "a link leads nowhere"
    if depth:
        yield "a field is open"


def _tables(document: etree._Element) -> Iterator[str]:
    for table in document.iter(f"{W}tbl"):
        width = len(table.findall(f"{W}tblGrid/{W}gridCol"))
        for row in table.findall(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in cells]
            if sum(1 if span is None else int(str(span.get(f"{W}val"))) for span in spans) != width:
                yield "a row does not fill its grid"
            if any(cell[-1].tag != f"{W}p" for cell in cells):
                yield "a cell without a last paragraph"


def _styles(found: Opened) -> Iterator[str]:
    known = {style.get(f"{W}styleId") for style in found.xml("word/styles.xml").iter(f"{W}style")}
    for name in found.parts:
        if name.startswith("word/") and name.endswith(".xml") and name != "word/stylesWithEffects.xml":
            used = {
                e.get(f"{W}val")
                for e in found.xml(name).iter(*(f"{W}{k}" for k in ("pStyle", "rStyle", "tblStyle", "basedOn")))
            }
            yield from (f"{name} uses style {style}" for style in sorted(map(str, used - known)))
    numbers = {e.get(f"{W}numId") for e in found.xml("word/numbering.xml").iter(f"{W}num")}
    yield from (f"list {e.get(f'{W}val')}" for e in found.document.iter(f"{W}numId") if e.get(f"{W}val") not in numbers)


def _relations(found: Opened) -> Iterator[str]:
    types = found.xml("[Content_Types].xml")
    covered = {str(e.get("PartName"))[1:] for e in types if e.get("PartName")}
    endings = {str(e.get("Extension")) for e in types if e.get("Extension")}
    yield from (
        f"no type for {name}" for name in found.parts if name not in covered and name.rpartition(".")[2] not in endings
    )
    yield from (f"a type for {name}" for name in covered if name not in found.parts)
    relations = found.xml("word/_rels/document.xml.rels")
    known = {str(e.get("Id")): str(e.get("Target")) for e in relations}
    yield from (f"no part {target}" for target in known.values() if _target(target) not in found.parts)
    attributes = [(k, v) for e in found.document.iter() for k, v in e.attrib.items()]
    yield from (
        f"relation {v}"
        for k, v in attributes
        if str(k).startswith("{http://schemas.openxmlformats.org/officeDocument") and v not in known
    )


def _target(target: str) -> str:
    return posixpath.normpath(posixpath.join("word", target)) if not target.startswith("/") else target[1:]


def _notes(found: Opened) -> Iterator[str]:
    for mark, part in (("footnoteReference", "footnotes"), ("commentReference", "comments")):
        marked = [str(e.get(f"{W}id")) for e in found.document.iter(f"{W}{mark}")]
        held = (
            [str(e.get(f"{W}id")) for e in found.xml(f"word/{part}.xml")] if f"word/{part}.xml" in found.parts else []
        )
        if sorted(marked, key=int) != sorted((i for i in held if part == "comments" or int(i) > 0), key=int):
            yield f"{part} and their marks differ"


@pytest.fixture(scope="session", name="faults")
def _faults() -> Callable[[bytes], list[str]]:
    return faults


@pytest.fixture(scope="session", name="opened")
def _opened() -> Callable[[bytes], Opened]:
    return opened


@pytest.fixture(scope="session", name="said")
def _said() -> Callable[[etree._Element], str]:
    return said


@pytest.fixture(scope="session", name="picture")
def _picture() -> bytes:
    return picture()


@pytest.fixture(scope="session")
def rich_docx(rich: Draft) -> bytes:
    return write(rich)
