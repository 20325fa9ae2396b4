from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from hypothesis import given
from hypothesis import strategies as st

from dossiers.blocks import Draft
from dossiers.word import inspection, parcel
from dossiers.word.notes import custom_values
from dossiers.word.styles import NEEDED, PROPERTIES

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KINDS = {"paragraph": WD_STYLE_TYPE.PARAGRAPH, "character": WD_STYLE_TYPE.CHARACTER, "table": WD_STYLE_TYPE.TABLE}
Parts = dict[str, bytes]


def field(instruction: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {instruction[:4]}</w:instrText></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{instruction[4:]} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.fixture(scope="module")
def good() -> Parts:
    """The parts of a template that has every style and nothing that is refused."""
    document = docx.Document()
    there = {style.name.lower(): style for style in document.styles}
    for style in NEEDED:
        if (
            style.name.lower() not in there
            and document.styles.element.find(f".//*[@{{{W[9:-1]}}}val='{style.name}']") is None
        ):
            document.styles.add_style(style.name, KINDS[style.kind])
    document.sections[0].header.paragraphs[0].text = "Header"
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def changed(parts: Parts, name: str, old: str, new: str) -> bytes:
    text = parts[name].decode()
    assert old in text
    return packed(parts | {name: text.replace(old, new, 1).encode()})


def in_header(parts: Parts, inner: str) -> bytes:
    name = next(name for name in parts if name.startswith("word/header"))
    return changed(parts, name, "</w:p>", f"{inner}</w:p>")


def in_body(parts: Parts, inner: str) -> bytes:
    return changed(parts, "word/document.xml", "<w:body>", f"<w:body>{inner}")


def related(parts: Parts, kind: str, target: str, mode: str = "", part: Parts | None = None) -> bytes:
    mode = f' TargetMode="{mode}"' if mode else ""
    line = f'<Relationship Id="rId99" Type="{OFFICE}/{kind}" Target="{target}"{mode}/></Relationships>'
    name = "word/_rels/document.xml.rels"
    return packed(parts | (part or {}) | {name: parts[name].decode().replace("</Relationships>", line).encode()})


def said(data: bytes) -> str:
    return "\n".join(map(str, inspection.inspect(data)))


def test_a_template_with_everything_is_accepted(good: Parts) -> None:
    assert inspection.inspect(packed(good)) == ()


@pytest.mark.parametrize(
    "instruction",
    ["PAGE", "NUMPAGES \\* MERGEFORMAT", "SECTIONPAGES", 'STYLEREF "Heading 1"', "STYLEREF 2 \\n",
     *(f'DOCPROPERTY "{name}" \\* MERGEFORMAT' for name in PROPERTIES), f"docproperty {PROPERTIES[0]}"],
)  # fmt: skip
def test_known_fields_are_accepted(good: Parts, instruction: str) -> None:
    assert said(in_header(good, field(instruction))) == ""
    simple = f"""<w:fldSimple w:instr=' {instruction} '><w:r><w:t>1</w:t></w:r></w:fldSimple>"""
    assert said(in_header(good, simple)) == ""


@pytest.mark.parametrize(
    ("instruction", "sentence"),
    [
        ('DATE \\@ "d MMMM yyyy"', "The field DATE shows another text every day"),
        ("SAVEDATE", "The field SAVEDATE shows another text every day"),
        ("INCLUDEPICTURE http://example.org/x.png", "The field INCLUDEPICTURE is not known here"),
        ("DDEAUTO c:\\\\windows\\\\cmd.exe", "The field DDEAUTO is not known here"),
        ("IF 1 = 1 a b", "The field IF is not known here"),
        ("AUTHOR", "The field AUTHOR is not known here"),
        ('DOCPROPERTY "Colour"', "The field DOCPROPERTY asks for “Colour”. Known properties are DocumentID"),
        ('STYLEREF "No such style"', "The field STYLEREF asks for the style “No such style”"),
        ("", "The field (empty) is not known here"),
    ],
)
def test_other_fields_are_refused_with_their_place(good: Parts, instruction: str, sentence: str) -> None:
    found = inspection.inspect(in_header(good, field(instruction)))
    assert [fault.place for fault in found] == [next(name for name in good if name.startswith("word/header"))]
    assert found[0].text.startswith(sentence)
    simple = f"""<w:fldSimple w:instr='{instruction}'/>"""
    assert sentence in said(in_header(good, simple))


def test_a_field_in_a_field_is_seen(good: Parts) -> None:
    inner = field("DDEAUTO x")
    outer = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PA</w:instrText></w:r>'
        f"{inner}<w:r><w:instrText>GE</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert [fault.text[:17] for fault in inspection.inspect(in_header(good, outer))] == ["The field DDEAUTO"]


@pytest.mark.parametrize(
    "inner",
    ['<w:r><w:fldChar w:fldCharType="begin"/></w:r>', '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
     "<w:r><w:instrText>PAGE</w:instrText></w:r>"],
)  # fmt: skip
def test_a_field_without_end_or_beginning_is_refused(good: Parts, inner: str) -> None:
    assert "A field is not closed" in said(in_header(good, inner))


# ---------------------------------------------------------------- styles


@pytest.mark.parametrize("style", NEEDED, ids=lambda style: style.name)
def test_each_missing_style_is_named(good: Parts, style: object) -> None:
    name = style.name  # type: ignore[attr-defined]
    text = good["word/styles.xml"].decode()
    here = next(w for w in (name, name.lower(), name.capitalize()) if f'<w:name w:val="{w}"/>' in text)
    data = changed(good, "word/styles.xml", f'<w:name w:val="{here}"/>', '<w:name w:val="Other"/>')
    (fault,) = inspection.inspect(data)
    assert fault.place == "word/styles.xml"
    assert f"style “{name}” is missing" in fault.text


def test_a_style_of_another_kind_is_named(good: Parts) -> None:
    data = changed(good, "word/styles.xml", '<w:style w:type="paragraph" w:styleId="Heading1"',
                   '<w:style w:type="character" w:styleId="Heading1"')  # fmt: skip
    assert said(data) == ("word/styles.xml: The style “heading 1” is a character style and must be a paragraph style.")


def test_style_ids_may_be_those_of_another_language(good: Parts) -> None:
    text = good["word/styles.xml"].decode().replace('"Heading1"', '"berschrift1"')
    assert said(packed(good | {"word/styles.xml": text.encode()})) == ""


# ---------------------------------------------------------------- what acts or loads


@pytest.mark.parametrize(
    ("kind", "target", "sentence"),
    [
        ("hyperlink", "https://example.org/", "has a link to “https://example.org/”"),
        ("image", "https://example.org/x.png", "loads “https://example.org/x.png” (image) from elsewhere"),
        ("attachedTemplate", "https://example.org/x.dotm", "loads “https://example.org/x.dotm” (attachedTemplate)"),
        ("attachedTemplate", "file:///C:/x.dotm", "(attachedTemplate) from elsewhere"),
        ("oleObject", "\\\\server\\x.bin", "(oleObject) from elsewhere"),
        ("frame", "mhtml:https://example.org!x", "(frame) from elsewhere"),
    ],
)
def test_nothing_is_loaded_from_elsewhere(good: Parts, kind: str, target: str, sentence: str) -> None:
    (fault,) = inspection.inspect(related(good, kind, target, "External"))
    assert fault.place == "word/document.xml"
    assert sentence in fault.text


@pytest.mark.parametrize(
    ("kind", "part", "sentence"),
    [
        ("vbaProject", "vbaProject.bin", "holds macros"),
        ("oleObject", "embeddings/oleObject1.bin", "holds an embedded object"),
        ("package", "embeddings/book.xlsx", "holds an embedded file"),
        ("control", "activeX/activeX1.xml", "holds an ActiveX control"),
        ("aFChunk", "chunk.mht", "takes in another file"),
        ("subDocument", "sub.docx", "master document"),
        ("comments", "comments.xml", "holds comments"),
        ("chart", "charts/chart1.xml", "holds a chart"),
        ("customUi", "ui.xml", "a kind it does not need (customUi)"),
        ("unheardOf", "x.bin", "a kind it does not need (unheardOf)"),
    ],
)
def test_parts_that_act_are_refused(good: Parts, kind: str, part: str, sentence: str) -> None:
    assert sentence in said(related(good, kind, part, part={f"word/{part}": b"<x/>"}))


@pytest.mark.parametrize(
    "name", ["word/vbaProject.bin", "word/vbaData.xml", "word/activeX/activeX1.bin", "word/embeddings/x.bin"]
)
def test_a_part_that_nothing_leads_to_is_seen(good: Parts, name: str) -> None:
    (fault,) = inspection.inspect(packed(good | {name: b"<x/>"}))
    assert fault.place == name


@pytest.mark.parametrize(
    ("inner", "sentence"),
    [
        ("<w:p><w:r><w:object/></w:r></w:p>", "embedded object"),
        ("<w:p><w:r><w:control/></w:r></w:p>", "ActiveX"),
        ("<w:altChunk/>", "takes in another file"),
        ("<w:p><w:ins><w:r><w:t>x</w:t></w:r></w:ins></w:p>", "tracked changes"),
        ("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr></w:p>", "tracked changes"),
        ("<w:p><w:r><w:commentReference/></w:r></w:p>", "holds comments"),
        ("<w:p><w:r><w:fldChar><w:ffData><w:entryMacro/></w:ffData></w:fldChar></w:r></w:p>", "starts a macro"),
    ],
)
def test_passages_that_act_or_wait_are_refused(good: Parts, inner: str, sentence: str) -> None:
    (fault,) = inspection.inspect(in_body(good, inner))
    assert fault.place == "word/document.xml"
    assert sentence in fault.text


def test_protected_and_mail_merge_documents_are_refused(good: Parts) -> None:
    for inner, sentence in (("<w:mailMerge/>", "mail merge"), ("<w:documentProtection/>", "protected against editing")):
        assert sentence in said(changed(good, "word/settings.xml", "</w:settings>", f"{inner}</w:settings>"))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("application/vnd.ms-word.document.macroEnabled.main+xml", "macro-enabled document"),
        ("application/vnd.ms-word.template.macroEnabledTemplate.main+xml", "macro-enabled document"),
        (inspection.MAIN.replace("document.main", "template.main"), "Word template (.dotx)"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "no Word document"),
    ],
)
def test_only_an_ordinary_document_is_a_template(good: Parts, kind: str, sentence: str) -> None:
    assert sentence in said(changed(good, "[Content_Types].xml", inspection.MAIN, kind))


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("word/media/x.png", b"<html>", "not the PNG picture"),
        ("word/media/x.svg", b"<svg/>", "“.svg” is none"),
        ("word/media/x.wmf", b"\xd7\xcd\xc6\x9a", "“.wmf” is none"),
        ("word/media/x.jpeg", b"\x89PNG\r\n\x1a\n", "not the JPEG picture"),
    ],
)
def test_pictures_are_pictures(good: Parts, name: str, data: bytes, sentence: str) -> None:
    assert sentence in said(packed(good | {name: data}))


def test_a_missing_part_is_named(good: Parts) -> None:
    assert "refers to “nowhere.xml”, which is not in the file" in said(related(good, "styles", "nowhere.xml"))


# ---------------------------------------------------------------- files that are not opened


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a Word file"),
        (b"%PDF-1.7", "not a Word file"),
        (b"PK\x03\x04 nonsense", "not a Word file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word file (.doc)"),
        (b"x" * (parcel.LARGEST + 1), "at most 20\u00a0MB"),
        (packed({"a.txt": b"x"}), "no list of content types"),
        (packed({"[Content_Types].xml": b"<Types/>"}), "no document part"),
        (packed({"[Content_Types].xml": b"not xml"}), "not well-formed"),
    ],
)
def test_what_is_no_word_file_is_refused(data: bytes, sentence: str) -> None:
    assert sentence in said(data)


@pytest.mark.parametrize(
    "prolog",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;]>',
        b'<!DOCTYPE x [<!ENTITY a "'
        + b"a" * 999
        + b'"><!ENTITY b "'
        + b"&a;" * 999
        + b'"><!ENTITY c "'
        + b"&b;" * 999
        + b'">]>',
    ],
)
@pytest.mark.parametrize("name", ["word/styles.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"])
def test_no_part_declares_a_document_type(good: Parts, name: str, prolog: bytes) -> None:
    text = good[name]
    root = text[text.index(b"?>") + 2 :]
    (fault,) = inspection.inspect(packed(good | {name: prolog + root}))
    assert fault.place == name
    assert "DOCTYPE" in fault.text or "not well-formed" in fault.text


def test_a_document_type_in_another_encoding_is_seen(good: Parts) -> None:
    text = good["word/styles.xml"].decode()
    hidden = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]>' + text[text.index("?>") + 2 :]
    assert "DOCTYPE" in said(packed(good | {"word/styles.xml": hidden.encode("utf-16")}))


def test_bombs_are_not_unpacked(good: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = packed(good | {f"word/media/{i}.png": b"\0" * (5 * parcel.MEGABYTE) for i in range(41)})
    many = packed(good | {f"x/{i}": b"" for i in range(parcel.COUNT)})
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    assert "more than 200\u00a0MB" in said(wide)
    assert "packed more than 200 times" in said(wide)
    assert "a template may have at most 2,000" in said(many)


def test_a_bomb_that_understates_its_size_is_cut_short(good: Parts) -> None:
    data = bytearray(packed({"word/media/x.png": b"\0" * (8 * parcel.MEGABYTE)} | good))
    claimed = (8 * parcel.MEGABYTE).to_bytes(4, "little")
    while (at := data.find(claimed)) >= 0:
        data[at : at + 4] = (100).to_bytes(4, "little")
    assert "damaged" in said(bytes(data))


@pytest.mark.parametrize("name", ["../x.xml", "/etc/x.xml", "word\\x.xml", "C:x.xml", "word/../../x.xml"])
def test_names_stay_inside_the_file(good: Parts, name: str) -> None:
    out = io.BytesIO(packed(good))
    with zipfile.ZipFile(out, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"<x/>")
    assert "leads out of the file" in said(out.getvalue())


def test_a_part_that_is_there_twice_is_refused(good: Parts) -> None:
    assert "has this part twice" in said(packed(good | {"WORD/styles.xml": good["word/styles.xml"]}))


def test_an_encrypted_part_is_refused(good: Parts) -> None:
    data = bytearray(packed(good))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "encrypted" in said(bytes(data))


def test_strict_open_xml_is_refused(good: Parts) -> None:
    text = good["word/document.xml"].decode()
    strict = text.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main", f"{parcel.STRICT}wordprocessingml/main"
    )
    assert "Strict Open XML" in said(packed(good | {"word/document.xml": strict.encode()}))


def test_deep_xml_is_refused(good: Parts) -> None:
    deep = b"<a>" * 5000 + b"</a>" * 5000
    assert "not well-formed" in said(packed(good | {"word/document.xml": deep}))


@given(data=st.data())
def test_a_damaged_file_never_raises(good: Parts, data: st.DataObject) -> None:
    whole = bytearray(packed(good))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    inspection.inspect(bytes(whole))
    inspection.inspect(bytes(whole[:cut]))


@given(data=st.binary(max_size=200))
def test_any_bytes_give_faults(data: bytes) -> None:
    assert inspection.inspect(data)


@given(data=st.data())
def test_a_part_with_any_content_never_raises(good: Parts, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(good)))
    assert inspection.inspect(packed(good | {name: data.draw(st.binary(max_size=60))})) is not None


def test_a_template_may_be_asked_by_anyone(good: Parts) -> None:
    """The check is a function of the bytes alone: asked twice, it says the same."""
    check: Callable[[bytes], tuple[inspection.Fault, ...]] = inspection.inspect
    broken = in_header(good, field("DATE"))
    assert check(broken) == check(broken) != ()


def test_the_known_properties_are_those_the_writer_gives(sample: Draft) -> None:
    assert tuple(custom_values(sample)) == PROPERTIES
