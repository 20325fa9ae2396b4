"""Whether a regulatory user's own .docx can be the template of documents, and what stands in the way.

A template is foreign content that ends up in every document sent to an authority. It is therefore judged by what it
may hold, not by what it must not: kinds of parts and relationships, fields and pictures that are not known are
refused, each with a sentence that says where it is and what to do. Nothing of the file is run or loaded, and none of
its entities are resolved.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
from lxml import etree

from dossiers.word import parcel
from dossiers.word.markup import NAMESPACES
from dossiers.word.parcel import Fault, Parcel, Relationship
from dossiers.word.styles import NEEDED, PROPERTIES

__all__ = ["Fault", "inspect"]

W = f"{{{NAMESPACES['w']}}}"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
KINDS = frozenset({  # what a template may be made of, by the last word of the relationship's type
    "classificationlabels", "core-properties", "custom-properties", "customXml", "customXmlProps", "endnotes",
    "extended-properties", "font", "fontTable", "footer", "footnotes", "glossaryDocument", "header", "image",
    "numbering", "officeDocument", "settings", "styles", "stylesWithEffects", "theme", "themeOverride", "thumbnail",
    "webSettings",
})  # fmt: skip
MACROS = "holds macros. Save it in Word as “Word Document (*.docx)”, which leaves them out."
OBJECT = "holds an embedded object. Delete it, or paste it again as a picture."
CONTROL = "holds an ActiveX control. Delete it in Word's Developer tab."
CHUNK = "takes in another file when it is opened. Delete that passage."
MASTER = "is a master document of others. Put their text in, or remove them."
COMMENTS = "holds comments. Delete all of them: a draft's findings are written there."
TRACKED = "has tracked changes. Accept or reject all of them."
REFUSED = {  # by the last word of the relationship's type
    "vbaProject": MACROS,
    "wordVbaData": MACROS,
    "oleObject": OBJECT,
    "package": "holds an embedded file. Delete it, or paste it again as a picture.",
    "control": CONTROL,
    "activeXControlBinary": CONTROL,
    "attachedTemplate": "is attached to another template. Detach it (Developer, Document Template) and save again.",
    "aFChunk": CHUNK,
    "subDocument": MASTER,
    "frame": "is a page of frames. Save it as an ordinary document.",
    "comments": COMMENTS,
    "chart": "holds a chart. Paste it again as a picture.",
}
ELEMENTS = {
    f"{W}object": OBJECT,
    f"{W}control": CONTROL,
    f"{W}altChunk": CHUNK,
    f"{W}subDoc": MASTER,
    f"{W}entryMacro": "has a form field that starts a macro. Delete the field.",
    f"{W}exitMacro": "has a form field that starts a macro. Delete the field.",
    f"{W}mailMerge": "is set up for a mail merge. Change it to a normal Word document (Mailings).",
    f"{W}documentProtection": "is protected against editing. Stop the protection (Review, Restrict Editing).",
    f"{W}ins": TRACKED,
    f"{W}del": TRACKED,
    f"{W}moveFrom": TRACKED,
    f"{W}moveTo": TRACKED,
    f"{W}commentReference": COMMENTS,
}
FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "STYLEREF", "DOCPROPERTY"})
CLOCKS = frozenset({"DATE", "TIME", "SAVEDATE", "CREATEDATE", "PRINTDATE", "EDITTIME"})
PICTURES = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "emf": (b"\x01\x00\x00\x00",),
}


def inspect(data: bytes) -> tuple[Fault, ...]:
    """What stands in the way of `data` as a template, each with its place; empty = it can be used.

    A file that cannot be opened safely is told only that; all other faults are told at once.
    """
    try:
        found = parcel.opened(data)
    except parcel.Unfit as why:
        return why.faults
    faults = [
        *_main(found),
        *(fault for relationship in found.relationships for fault in _related(relationship, found)),
        *(fault for name, part in found.parts.items() for fault in _part(name, part)),
        *(fault for name, root in found.trees.items() for fault in _content(name, root)),
        *_styles(found),
        *(fault for name, root in found.trees.items() for fault in _fields(name, root, found)),
    ]
    return tuple(dict.fromkeys(faults)) or _unreadable(data)


def _unreadable(data: bytes) -> tuple[Fault, ...]:
    """The last question: does the library that fills the template open it?"""
    try:
        docx.Document(io.BytesIO(data))
    except (ValueError, KeyError, AttributeError) as why:
        return (Fault("the file", f"The file cannot be opened as a Word document ({why}). Save it again in Word."),)
    return ()


def _main(found: Parcel) -> Iterator[Fault]:
    """The main part is a Word document: no template, no macro-enabled document, nothing else."""
    kind = found.kinds.get(found.main, "")
    if "macroEnabled" in kind:
        yield Fault(found.main, "The template is a macro-enabled document. Save it as “Word Document (*.docx)”.")
    elif kind == MAIN.replace("document.main", "template.main"):
        yield Fault(found.main, "The file is a Word template (.dotx). Save it as “Word Document (*.docx)”.")
    elif kind != MAIN:
        yield Fault(found.main, "The file's main part is no Word document. Save it as “Word Document (*.docx)”.")
    if found.main not in found.trees or found.trees[found.main].find(f"{W}body") is None:
        yield Fault(found.main, "The document has no body. Open it in Word and save it again.")


def _related(given: Relationship, found: Parcel) -> Iterator[Fault]:
    where, target, kind = given.source or "the file", given.target[:120], given.kind[:80]
    if given.external and given.kind == "hyperlink":
        yield Fault(where, f"The template has a link to “{target}”. Remove the link; its text may stay.")
    elif given.external:
        yield Fault(where, f"It loads “{target}” ({kind}) from elsewhere. Put it into the file, or remove it.")
    elif given.kind in REFUSED:
        yield Fault(where, f"The template {REFUSED[given.kind]}")
    elif given.kind not in KINDS:
        yield Fault(where, f"The template holds a part of a kind it does not need ({kind}). Remove it in Word.")
    elif given.part not in found.parts:
        yield Fault(where, f"The template refers to “{target}”, which is not in the file. Save it again in Word.")


def _part(name: str, data: bytes) -> Iterator[Fault]:
    """Parts known by their names: one that no relationship leads to is still in the file."""
    lower = name.lower()
    if "vbaproject" in lower or "vbadata" in lower:
        yield Fault(name, f"The template {MACROS}")
    elif "/activex/" in lower:
        yield Fault(name, f"The template {CONTROL}")
    elif "/embeddings/" in lower:
        yield Fault(name, f"The template {OBJECT}")
    elif "/media/" in lower:
        ending = lower.rsplit(".", 1)[-1]
        if ending not in PICTURES:
            yield Fault(name, f"Pictures may be PNG, JPEG, GIF or EMF; “.{ending}” is none. Insert the picture as PNG.")
        elif not data.startswith(PICTURES[ending]):
            yield Fault(name, f"This is not the {ending.upper()} picture it is named as. Insert the picture again.")


def _content(name: str, root: etree._Element) -> Iterator[Fault]:
    """Passages that a template must not have."""
    for element in root.iter(*ELEMENTS):
        yield Fault(name, f"The template {ELEMENTS[str(element.tag)]}")


def _styles(found: Parcel) -> Iterator[Fault]:
    """Each style that a template must bring is there and of the right kind."""
    part = found.only("styles")
    if part is None:
        yield Fault(found.main, "The template has no styles. Open it in Word and save it again.")
        return
    there = _named(found)
    for style in NEEDED:
        kind = there.get(style.name.lower())
        if kind is None:
            yield Fault(part, f"The {style.kind} style “{style.name}” is missing. Use it once in Word and save again.")
        elif kind != style.kind:
            yield Fault(part, f"The style “{style.name}” is a {kind} style and must be a {style.kind} style.")


def _named(found: Parcel) -> dict[str, str]:
    """Name in lower case → kind of each style; built-in styles keep their English names in every language of Word."""
    part = found.only("styles")
    if part not in found.trees:
        return {}
    return {
        str(name.get(f"{W}val", "")).lower(): str(style.get(f"{W}type", "paragraph"))
        for style in found.trees[part].iter(f"{W}style")
        for name in style.iterchildren(f"{W}name")
    }


# ---------------------------------------------------------------- fields


def _fields(name: str, root: etree._Element, found: Parcel) -> Iterator[Fault]:
    instructions, closed = _instructions(root)
    if not closed:
        yield Fault(name, "A field is not closed. Delete it and insert it again.")
    for instruction in instructions:
        if sentence := _complaint(instruction, found):
            yield Fault(name, sentence)


def _complaint(instruction: str, found: Parcel) -> str:
    """What is wrong with a field's instruction; '' if nothing."""
    word, *given = instruction.split() or [""]
    asked = instruction.split('"')[1] if instruction.count('"') > 1 else " ".join(given[:1])
    known = ", ".join(sorted(FIELDS))
    match word.upper():
        case clock if clock in CLOCKS:
            return (
                f"The field {clock} shows another text every day, but an issued document stays the same. "
                'Use DOCPROPERTY "Date".'
            )
        case "DOCPROPERTY" if asked not in PROPERTIES:
            return f"The field DOCPROPERTY asks for “{asked[:60]}”. Known properties are {', '.join(PROPERTIES)}."
        case "STYLEREF" if not (asked.isdigit() or asked.lower() in _named(found)):
            return f"The field STYLEREF asks for the style “{asked[:60]}”, which the template does not have."
        case other if other not in FIELDS:
            return f"The field {other[:40] or '(empty)'} is not known here. Use {known}, or plain text."
    return ""


def _instructions(root: etree._Element) -> tuple[list[str], bool]:
    """What each field of the part asks for, nested ones by themselves, and whether all are closed."""
    done = [str(simple.get(f"{W}instr", "")) for simple in root.iter(f"{W}fldSimple")]
    stack: list[list[str]] = []
    for element in root.iter(f"{W}fldChar", f"{W}instrText"):
        kind = element.get(f"{W}fldCharType")
        if element.tag == f"{W}fldChar" and kind == "begin":
            stack.append([])
        elif (element.tag == f"{W}instrText" or kind == "end") and not stack:
            return done, False
        elif element.tag == f"{W}instrText":
            stack[-1].append(element.text or "")
        elif kind == "end":
            done.append("".join(stack.pop()))
    return done, not stack
