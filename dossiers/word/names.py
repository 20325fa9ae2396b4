"""Names and numbers of things inside a Word file, always derived from what they name and never from a counter.

A section's XML is therefore the same wherever the section stands, and can be kept between two exports.
"""

from __future__ import annotations

import hashlib
import re
import zlib

from dossiers.blocks import Origin

_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
_PLAIN_TAG = re.compile(r"[A-Za-z0-9._@+-]{1,60}")
TAG_LIMIT = 64  # Word refuses a file with a longer tag or title of a content control


def digest(text: str, length: int) -> str:
    """The first `length` hexadecimal digits of the text's SHA-1 (any str, lone surrogates too)."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:length]


def bookmark(anchor: str) -> str:
    """The bookmark of a section, table or figure: at most 40 characters, as Word asks, readable at its beginning.

    It begins with "_", so that Word keeps it out of its list of bookmarks.
    """
    readable = _NOT_WORD.sub("_", anchor)[:22].strip("_")
    return f"_{readable}_{digest(anchor, 12)}"


def number(kind: str, name: str, salt: int) -> int:
    """An id for a bookmark, control or picture from its name: 2³⁰ to 2³¹ − 1 (smaller ids are given in order).

    `salt` is raised by the writer when two names of one document meet on the same number.
    """
    seed = f"{kind}\0{name}\0{salt}" if salt else f"{kind}\0{name}"
    return 0x40000000 | zlib.crc32(seed.encode("utf-8", "surrogatepass")) & 0x3FFFFFFF


def tag(kind: str, name: str) -> str:
    """The tag of a section's ("s") or table's ("t") content control: its key where short and plain, else hashed."""
    return f"{kind}:{name}" if _PLAIN_TAG.fullmatch(name) else f"{kind}:#{digest(name, 40)}"


def value_tag(origin: Origin) -> str:
    """The tag of the control round a value: the same for the same fact of the same record, wherever it is printed."""
    return "v:" + digest(f"{origin.kind}\0{origin.key}\0{origin.id}\0{origin.fact}", 20)
