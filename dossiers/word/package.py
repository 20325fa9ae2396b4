"""The Word package: a template opened by python-docx, its parts changed or added, zipped the same on any day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import docx
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.parts.document import DocumentPart
from lxml import etree

from dossiers.word import markup

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_DEFAULT_TYPES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "png": "image/png",
}
_STORED = (".png", ".jpg", ".jpeg", ".gif")  # compressed already


class Package:
    """The parts of one document on their way from the template to the finished file."""

    def __init__(self, template: bytes) -> None:
        self.main: DocumentPart = docx.Document(io.BytesIO(template)).part
        opc = self.main.package
        assert opc is not None
        self.opc = opc
        self.changed: dict[str, bytes] = {}

    def related(self, kind: str) -> Part | None:
        """The part that the document names as its `kind` ("styles", "footnotes"); None if it has none."""
        return next((r.target_part for r in self.main.rels.values() if r.reltype == _OFFICE + kind), None)

    def blob(self, kind: str) -> bytes | None:
        """The bytes of the part of that kind."""
        part = self.related(kind)
        return None if part is None else self.changed.get(str(part.partname), part.blob)

    def put(self, kind: str, blob: bytes) -> None:
        """Set the bytes of the document's part of that kind ("footnotes"), which is added if there is none."""
        part = self.related(kind)
        if part is None:
            part = Part(PackURI(f"/word/{kind}.xml"), f"{_WORD_TYPE}{kind}+xml", b"", self.opc)
            self.main.relate_to(part, _OFFICE + kind)
        self.changed[str(part.partname)] = blob

    def put_properties(self, core: bytes, custom: bytes) -> None:
        """Set the core and custom properties of the file."""
        for reltype, name, content_type, blob in (
            (_CORE, "core", "application/vnd.openxmlformats-package.core-properties+xml", core),
            (
                _OFFICE + "custom-properties",
                "custom",
                "application/vnd.openxmlformats-officedocument.custom-properties+xml",
                custom,
            ),
        ):
            part = next((r.target_part for r in self.opc.rels.values() if r.reltype == reltype), None)
            if part is None:
                part = Part(PackURI(f"/docProps/{name}.xml"), content_type, b"", self.opc)
                self.opc.relate_to(part, reltype)
            self.changed[str(part.partname)] = blob

    def put_map(self, blob: bytes, namespace: str) -> None:
        """Add a custom XML part, beside those the template may hold."""
        names = {str(part.partname) for part in self.opc.iter_parts()}
        at = next(n for n in range(1, len(names) + 2) if f"/customXml/item{n}.xml" not in names)
        part = Part(PackURI(f"/customXml/item{at}.xml"), "application/xml", blob, self.opc)
        self.main.relate_to(part, _OFFICE + "customXml")
        properties = (
            f'{markup.DECLARATION}<ds:datastoreItem ds:itemID="{{7A4D0003-0000-4000-8000-000000000001}}" xmlns:ds='
            '"http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
            f'<ds:schemaRef ds:uri="{namespace}"/></ds:schemaRefs></ds:datastoreItem>'
        )
        content_type = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
        companion = Part(PackURI(f"/customXml/itemProps{at}.xml"), content_type, properties.encode(), self.opc)
        part.relate_to(companion, _OFFICE + "customXmlProps")

    def put_pictures(self, pictures: Mapping[str, bytes]) -> None:
        """Add PNG pictures under the relationship ids that the body names."""
        for relation, png in sorted(pictures.items()):
            part = Part(PackURI(f"/word/media/{relation}.png"), "image/png", png, self.opc)
            self.main.rels.add_relationship(_OFFICE + "image", part, relation)

    def zipped(self, body: Iterable[bytes]) -> bytes:
        """The finished file, with `body` as the bytes of its main part."""
        parts: dict[str, Callable[[], Iterable[bytes]]] = {"_rels/.rels": lambda: [_bytes(self.opc.rels.xml)]}
        types = {}
        for part in self.opc.iter_parts():
            name = str(part.partname)
            types[name] = part.content_type
            parts[name[1:]] = (lambda: body) if part is self.main else _content(part, self.changed.get(name))
            if len(part.rels):
                parts[part.partname.rels_uri.membername] = _relations(part)
        return archive({"[Content_Types].xml": lambda: [content_types(types)], **dict(sorted(parts.items()))})


def _content(part: Part, changed: bytes | None) -> Callable[[], Iterable[bytes]]:
    return lambda: [part.blob if changed is None else changed]


def _relations(part: Part) -> Callable[[], Iterable[bytes]]:
    return lambda: [_bytes(part.rels.xml)]


def _bytes(xml: str | bytes) -> bytes:
    return xml if isinstance(xml, bytes) else xml.encode()


def content_types(types: Mapping[str, str]) -> bytes:
    """The content types part for part names ("/word/document.xml") and their types."""
    rows = [f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in sorted(_DEFAULT_TYPES.items())]
    rows += [
        f'<Override PartName="{markup.attribute(name)}" ContentType="{kind}"/>'
        for name, kind in sorted(types.items())
        if _DEFAULT_TYPES.get(name.rpartition(".")[2].lower()) != kind
    ]
    return f'{markup.DECLARATION}<Types xmlns="{_TYPES}">{"".join(rows)}</Types>'.encode()


def archive(parts: Mapping[str, Callable[[], Iterable[bytes]]]) -> bytes:
    """A zip of the parts in the order given, each written piece by piece, with fixed dates and attributes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
        for name, pieces in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
            entry._compresslevel = 6  # type: ignore[attr-defined]
            with zipped.open(entry, "w") as member:
                for piece in pieces():
                    member.write(piece)
    return out.getvalue()


@lru_cache(maxsize=1)
def reference() -> bytes:
    """The house's own template, as `templates/dossiers/reference.docx` holds it."""
    from dossiers.word.template import build

    return build()


def parsed(blob: bytes) -> etree._Element:
    """A part's XML, without entities and network."""
    return etree.fromstring(blob, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def serialised(root: etree._Element) -> bytes:
    """A part's XML as bytes."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
