"""A foreign .docx opened with care: limits, names, XML without entities, relationships."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

MEGABYTE = 1 << 20
LARGEST = 20 * MEGABYTE  # of the file
UNPACKED = 200 * MEGABYTE  # of all parts together
PART = 60 * MEGABYTE  # of one part
COUNT = 2000  # parts
RATIO = 200  # a part above 1 MB that shrank more than this is no document
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)

TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
RELATED = "{http://schemas.openxmlformats.org/package/2006/relationships}"
STRICT = "http://purl.oclc.org/ooxml/"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, as a sentence with its remedy, and the part of the file where it is."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class Unfit(ValueError):
    """The file is not opened; `faults` say why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Relationship:
    """A part (`source`, '' for the file itself) leads to `target`; `part` is the target's name inside the file."""

    source: str
    kind: str  # last word of its type: "styles", "image"
    target: str
    external: bool

    @property
    def part(self) -> str:
        """Name of the part it leads to, as in the file's own list."""
        if self.target.startswith("/"):
            return self.target[1:]
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.source), self.target.partition("#")[0]))


@dataclass(frozen=True)
class Parcel:
    """The parts of a file by name, their content types, the XML ones as trees, and what leads where."""

    parts: dict[str, bytes]
    kinds: dict[str, str]
    trees: dict[str, etree._Element]
    relationships: tuple[Relationship, ...]
    main: str

    def only(self, kind: str) -> str | None:
        """Name of the part of that kind which the main part leads to."""
        found = (r.part for r in self.relationships if r.source == self.main and r.kind == kind and not r.external)
        return next(found, None)


def opened(data: bytes) -> Parcel:
    """The file's parts. Raises Unfit where it is no .docx or one that is not safe to open."""
    parts = _unpacked(data)
    trees = _trees(parts)
    kinds = _kinds(parts, trees)
    relationships = tuple(_relationships(trees))
    main = next((r for r in relationships if not r.source and r.kind == "officeDocument"), None)
    if main is None or main.external or main.part not in parts:
        raise Unfit(Fault("the file", "This is not a Word file: it has no document part. Save it in Word as .docx."))
    return Parcel(parts, kinds, trees, relationships, main.part)


def _unpacked(data: bytes) -> dict[str, bytes]:
    if len(data) > LARGEST:
        size = f"{len(data) / MEGABYTE:.0f}\u00a0MB"
        raise Unfit(
            Fault("the file", f"The file has {size}; a template may have at most {LARGEST // MEGABYTE}\u00a0MB.")
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        sentence = "This is an old Word file (.doc) or one locked with a password. Save it as .docx without a password."
        raise Unfit(Fault("the file", sentence))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if faults := list(_suspicions(infos)):
                raise Unfit(*faults)
            return {info.filename: archive.read(info) for info in infos}
    except Unfit:
        raise
    except DAMAGE as why:
        raise Unfit(
            Fault("the file", "This is not a Word file (.docx), or it is damaged. Save it again in Word.")
        ) from why


def _suspicions(infos: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    """Judged from the archive's list alone, before anything is unpacked (no more than it states is unpacked later)."""
    if len(infos) > COUNT:
        yield Fault("the file", f"The file has {len(infos):,} parts; a template may have at most {COUNT:,}.")
    if sum(info.file_size for info in infos) > UNPACKED:
        yield Fault(
            "the file", f"Unpacked, the file has more than {UNPACKED // MEGABYTE}\u00a0MB. Make its pictures smaller."
        )
    seen: set[str] = set()
    for info in infos[: COUNT + 1]:
        name, where = info.filename, info.filename[:120]
        if name.lower() in seen:
            yield Fault(where, "The file has this part twice. Save it again in Word.")
        seen.add(name.lower())
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            yield Fault(where, "The part's name leads out of the file. Save it again in Word.")
        if info.flag_bits & 0x1:
            yield Fault(where, "The part is encrypted. Save the file without a password.")
        if info.file_size > PART:
            yield Fault(
                where, f"The part has more than {PART // MEGABYTE}\u00a0MB unpacked. Make its pictures smaller."
            )
        elif info.file_size > MEGABYTE and info.file_size > RATIO * max(info.compress_size, 1):
            yield Fault(
                where, f"The part is packed more than {RATIO} times smaller, as no document is. Save it again in Word."
            )


def _trees(parts: dict[str, bytes]) -> dict[str, etree._Element]:
    trees, faults = {}, []
    for name, data in parts.items():
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as why:
            faults.append(Fault(name, f"The part is not well-formed XML ({why}). Save the file again in Word."))
            continue
        if root.getroottree().docinfo.doctype:
            faults.append(
                Fault(name, "The part declares a document type (DOCTYPE), as Word never does. Save it again in Word.")
            )
        elif STRICT in " ".join(filter(None, root.nsmap.values())):
            faults.append(Fault(name, "The file is “Strict Open XML”. Save it as “Word Document (*.docx)”."))
        trees[name] = root
    if faults:
        raise Unfit(*faults)
    return trees


def _kinds(parts: dict[str, bytes], trees: dict[str, etree._Element]) -> dict[str, str]:
    """Content type of each part."""
    root = trees.get("[Content_Types].xml")
    if root is None:
        raise Unfit(
            Fault("the file", "This is not a Word file: it has no list of content types. Save it in Word as .docx.")
        )
    by_ending = {str(e.get("Extension", "")).lower(): str(e.get("ContentType")) for e in root.iter(f"{TYPES}Default")}
    by_name = {
        str(e.get("PartName", "")).lstrip("/").lower(): str(e.get("ContentType")) for e in root.iter(f"{TYPES}Override")
    }
    return {name: by_name.get(name.lower()) or by_ending.get(name.rsplit(".", 1)[-1].lower(), "") for name in parts}


def _relationships(trees: dict[str, etree._Element]) -> Iterator[Relationship]:
    for name, root in trees.items():
        folder, file = posixpath.split(name)
        if posixpath.basename(folder) != "_rels" or not file.endswith(".rels"):
            continue
        source = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        for element in root.iter(f"{RELATED}Relationship"):
            kind = str(element.get("Type", "")).rstrip("/").rsplit("/", 1)[-1]
            external = str(element.get("TargetMode", "")).lower() == "external"
            yield Relationship(source, kind, str(element.get("Target", "")), external)
