"""The sections of a draft as fragments, those written before taken from where they are kept."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

from dossiers.blocks import Draft, Origin, Section
from dossiers.word.body import Fragment, Setting, compose
from dossiers.word.front import captioned
from dossiers.word.widths import Geometry

LIMIT = 48_000_000  # bytes of XML kept between exports


class Key:
    """What a fragment was made of. Its hash is taken once: a large table has many parts."""

    __slots__ = ("content", "hash")

    def __init__(self, section: Section, setting: Setting) -> None:
        self.content = (section, setting.room, setting.remarks, setting.salt)
        self.hash = hash(self.content)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.content == other.content


class Cache:
    """Fragments by the content they were made of; the least used leave first. Safe between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit, self.size = limit, 0
        self.kept: OrderedDict[Key, Fragment] = OrderedDict()
        self.lock = Lock()

    def find(self, key: Key, printed: Mapping[str, str]) -> Fragment | None:
        """The fragment of that content, if what its references point at still reads the same."""
        with self.lock:
            fragment = self.kept.get(key)
            if fragment is None or any(printed.get(target) != held for target, held in fragment.references.items()):
                return None
            self.kept.move_to_end(key)
            return fragment

    def keep(self, key: Key, fragment: Fragment) -> None:
        """Keep the fragment, unless it is larger than everything that may be kept."""
        with self.lock:
            previous = self.kept.pop(key, None)
            self.size += fragment.size - (previous.size if previous else 0)
            self.kept[key] = fragment
            while self.size > self.limit:
                self.size -= self.kept.popitem(last=False)[1].size


_cache = Cache()


@dataclass(frozen=True, slots=True)
class Remarks:
    """The remarks of one section: the origin each is hung on, None for the section itself, and what each says."""

    origins: tuple[Origin | None, ...] = ()
    texts: tuple[str, ...] = ()


def remarks(draft: Draft) -> dict[str, Remarks]:
    """Section key → its remarks. A remark on a section that is not in the draft goes to the first; finals have none."""
    if draft.cover.final or not draft.sections:
        return {}
    keys = {section.key for section in draft.sections}
    out: dict[str, Remarks] = {}
    for remark in draft.remarks:
        key = remark.section if remark.section in keys else draft.sections[0].key
        held = out.get(key, Remarks())
        out[key] = Remarks((*held.origins, remark.origin), (*held.texts, remark.text))
    return out


def fragments(draft: Draft, room: Geometry) -> list[Fragment]:
    """Each section's fragment, with ids that no other section of the draft has.

    Ids come from names by a checksum of 30 bits. Should two meet, the later section is written again with the next
    salt: the same draft then always gets the same ids.
    """
    printed, held, used = _printed(draft), remarks(draft), set[tuple[str, int]]()
    out = []
    for section in draft.sections:
        setting = Setting(printed, room, held.get(section.key, Remarks()).origins)
        fragment = _fragment(section, setting)
        while len({*fragment.idents}) < len(fragment.idents) or not used.isdisjoint(fragment.idents):
            setting = replace(setting, salt=setting.salt + 1)
            fragment = _fragment(section, setting)
        used.update(fragment.idents)
        out.append(fragment)
    return out


def _fragment(section: Section, setting: Setting) -> Fragment:
    key = Key(section, setting)
    fragment = _cache.find(key, setting.printed)
    if fragment is None:
        fragment = compose(section, setting)
        _cache.keep(key, fragment)
    return fragment


def _printed(draft: Draft) -> dict[str, str]:
    """What the bookmark of each anchor holds. Raises ValueError where an anchor is used twice."""
    named = [(section.key, section.number or section.title) for section in draft.sections]
    named += [(thing.anchor, thing.label) for thing in captioned(draft)]
    printed = dict(named)
    if len(printed) < len(named):
        twice = [anchor for anchor, times in Counter(anchor for anchor, _ in named).items() if times > 1]
        raise ValueError(f"Two parts of the draft carry the same anchor: {', '.join(twice[:5])}. Give each its own.")
    return printed
