"""Rules about the text as it will be sent (T8): what stands in it that should not, and what is missing from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dossiers.blocks import (
    Block,
    Figure,
    Gap,
    Origin,
    Paragraph,
    Run,
    Section,
    Standing,
)
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Printed
from dossiers.checks.pieces import contents, pieces
from dossiers.checks.rules import rule
from dossiers.compose import flat
from dossiers.facts import by_name
from dossiers.outlines import outline, outlines
from dossiers.records import RECORDS
from dossiers.records.dossier import DocumentKind, DocumentRef, Source
from dossiers.records.product import Product
from dossiers.records.regulatory import Commitment, CommitmentStatus
from dossiers.records.substance import ActiveSubstance
from dossiers.stage import Stage

PRACTICE = "practice of reviewers"


def matches(
    printed: Printed, patterns: Iterable[str], without: Iterable[str] = ()
) -> Iterator[tuple[str, Origin | None]]:
    """(what matched, the fact it came from) for each pattern in the section, each once."""
    compiled = [re.compile(p) for p in patterns]
    seen: set[str] = set()
    compiled = [pattern for pattern in compiled if pattern.search(printed.text)]  # most sections hold none of them
    for piece in printed.pieces if compiled else ():
        for pattern in compiled:
            for found in pattern.finditer(piece.text):
                around = piece.text[max(0, found.start() - 12) : found.end() + 12]
                said = found[0].strip()
                if said not in seen and not any(word in around for word in without):
                    seen.add(said)
                    yield said, piece.origin(found.start())


def listed(look: Look, name: str) -> list[str]:
    """The patterns of a setting, in order."""
    return sorted(look.settings.words(name))


@rule(
    "T801",
    Severity.ERROR,
    "No placeholder is left in the text",
    each=Section,
    why="A placeholder shows that the file was not finished.",
    source=(PRACTICE,),
    remedy="Write what is meant, or empty the fact so that the gap is listed.",
    reading="Gaps that the product itself shows are no placeholders: they are counted by the completeness of the "
    "dossier.",
)
def no_placeholder_is_left(look: Look, printed: Printed) -> Iterator[Said]:
    without = look.settings.words("placeholder_exceptions")
    for said, where in matches(printed, listed(look, "placeholders"), without):
        yield printed.says(f"“{said}” stands in section {printed.section.number}.", where=where)


@rule(
    "T802",
    Severity.ERROR,
    "No section is empty",
    each=Section,
    why="What is missing from the structure is asked for each time.",
    source=("EMA/CAT/22473/2025 (structure)", "EMA/CHMP/BWP/534898/2008 rev. 2"),
    remedy="Enter the data or the text of the section, or say with a reason that it does not apply.",
    reading="A section is empty if it shows gaps and prints next to nothing of the project’s own data or text; "
    "sentences of the product do not count. Headings that only group others are not asked, nor documents that no "
    "authority is sent.",
)
def no_section_is_empty(look: Look, printed: Printed) -> Iterator[Said]:
    section, planned = printed.section, outline(printed.document)
    if section.standing is Standing.NOT_APPLICABLE or not planned.filed or planned.section(section.number).group:
        return
    lines = [inline for block in section.blocks for line in contents(block) for inline in flat(line)]
    own = sum(len(i.text.strip()) for i in lines if isinstance(i, Run) and i.origin is not None)
    drawn = any(isinstance(block, Figure) for block in section.blocks)
    has_gap = any(isinstance(i, Gap) for i in lines) or not lines
    if has_gap and not drawn and own < look.settings.number("section_least_letters"):
        yield printed.says(f"Section {section.number} ({section.title}) holds nothing of its own.")


_NUMBERED = re.compile(r"\bsections? ((?:[SPAR]\.)?\d+(?:\.\d+)*)(?:(?: and |, )((?:[SPAR]\.)?\d+(?:\.\d+)+))?")
_UNRESOLVED = re.compile(r"(?:[SPAR]|\d+)(?:\.\d+)+, [a-z0-9]+(?:-[a-z0-9]+)*")


@rule(
    "T803",
    Severity.ERROR,
    "No reference is broken",
    each=Section,
    why="A reader who cannot follow a reference cannot follow the file.",
    source=(PRACTICE,),
    remedy="Name a section, table or figure that is there.",
    reading="A number of a section is known if any part of the dossier has it. Sections of other documents (“section "
    "6.2 of the protocol”) and facts about documents of the trial are left out.",
)
def no_reference_is_broken(look: Look, printed: Printed) -> Iterator[Said]:
    number = printed.section.number
    for said, where in matches(printed, listed(look, "broken_references")):
        yield printed.says(f"“{said}” in section {number} points nowhere.", where=where)
    known = {planned.number for each in outlines() for planned in each.sections}
    seen: set[str] = set()
    for piece in printed.pieces:
        for found in _NUMBERED.finditer(piece.text):
            where = piece.origin(found.start())
            after = piece.text[found.end() :][:40]
            foreign = re.match(r"[\s\u00a0]?(?:of|in) (?!the (?:quality|safety|dossier|file|product)|this)", after)
            if foreign or (where is not None and where.kind in ("trial_document", "protocol_provision")):
                continue
            for target in filter(None, found.groups()):
                if target not in known and target not in seen:
                    seen.add(target)
                    yield printed.says(f"Section {number} refers to section {target}, which is not there.", where=where)
    yield from _lost(printed)


def _lost(printed: Printed) -> Iterator[Said]:
    """References to a table or figure that no longer has its anchor: they print as the section and the anchor."""
    for block in printed.section.blocks:
        for line in contents(block):
            for inline in flat(line):
                is_typed = isinstance(inline, Run) and inline.origin is None and inline.text.strip() != ""
                if is_typed and isinstance(inline, Run) and _UNRESOLVED.fullmatch(inline.text):
                    yield printed.says(f"“{inline.text}” in section {printed.section.number} points to no table.")


@rule(
    "T804",
    Severity.ERROR,
    "No remark of the team is left in the text",
    each=Section,
    why="Doubts that were meant for colleagues become public.",
    source=(PRACTICE,),
    remedy="Remove the remark; ask the question in the discussion of the section.",
    reading="The product writes finals without comments and tracked changes, so that only words can betray a remark.",
)
def no_remark_is_left(look: Look, printed: Printed) -> Iterator[Said]:
    for said, where in matches(printed, listed(look, "internal_notes")):
        yield printed.says(
            f"“{said}” in section {printed.section.number} reads like a remark of the team.", where=where
        )


@rule(
    "T805",
    Severity.ERROR,
    "No other product is named",
    each=Section,
    why="A text copied from a sister file is the usual cause of false facts.",
    source=(PRACTICE,),
    remedy="Replace the name, or list the product that is meant as comparator or in the literature.",
    reading="Known other products are a list of settings, to which a house adds its own. Beside it, a code of the same "
    "family as the product’s (the same letters before the first hyphen) must be one that a record of the dossier "
    "has. Products that share a room, and those that titles of literature name, may be named.",
)
def no_other_product_is_named(look: Look, printed: Printed) -> Iterator[Said]:
    names, family, codes = look.once("other names", lambda: _other_names(look))
    patterns = [rf"\b{re.escape(name)}\b" for name in names]
    patterns += [rf"\b{family}-[A-Z0-9]+(?:-[A-Z0-9]+)*\b"] if family else []
    for said, where in matches(printed, patterns):
        if where is not None and where.kind in ("facility_area", "document_ref", "source"):
            continue
        if not any(said == code or said.startswith((f"{code}-", f"{code}.")) for code in codes):
            yield printed.says(f"“{said}” is named in section {printed.section.number}.", where=where)


CODED: tuple[type[Any], ...] = tuple(model for model in RECORDS.values() if "code" in by_name(model))


def _other_names(look: Look) -> tuple[list[str], str, frozenset[str]]:
    """(names not to be found, family of the product's codes, codes that are the dossier's own)."""
    products = look.all(Product)
    own: list[str | None] = [c for p in products for c in (p.code, p.name, p.inn, *(p.other_codes or ()))]
    own += [c for s in look.all(ActiveSubstance) for c in (s.code, s.name, *(s.former_codes or ()))]
    own += [r.code for model in CODED for r in look.all(model)]
    cited = [s.title for s in look.all(Source)]
    cited += [d.title for d in look.all(DocumentRef) if d.type is DocumentKind.LITERATURE]
    told = " ".join(filter(None, (*own, *cited)))
    names = [n for n in sorted(look.settings.words("other_products")) if n not in told]
    code = next((p.code for p in products if p.code), "") or ""
    family = code.partition("-")[0]
    apt = family if re.fullmatch(r"[A-Z]{2,}", family) and "-" in code else ""
    return names, apt, frozenset(c.partition(" (")[0] for c in own if c)


@rule(
    "T806",
    Severity.WARNING,
    "No promise stands where data are needed now",
    each=Section,
    why="Promises are accepted where potency is refined, not where sterility or safety is shown.",
    source=("EMA/CAT/22473/2025 (general)",),
    remedy="Give the data, or enter the commitment of this section with its date.",
    reading="Looked for in the sections of a setting alone. An open commitment for the section with a date answers it.",
)
def no_promise_replaces_data(look: Look, printed: Printed) -> Iterator[Said]:
    number = printed.section.number
    if number not in look.settings.words("safety_sections"):
        return
    for said, where in matches(printed, listed(look, "promises")):
        kept = [c for c in look.all(Commitment) if c.section_ref == number and c.status is not CommitmentStatus.CLOSED]
        if not any(c.deadline for c in kept):
            sentence = f"“{said}” in section {number} promises what is needed now, and no commitment has a date for it."
            yield printed.says(sentence, where=where)


@rule(
    "T807",
    Severity.WARNING,
    "What does not apply says why",
    each=Section,
    why="A short reason saves a question.",
    source=("Regulation (EU) 536/2014 Annex I",),
    remedy="Write in a sentence why the section does not apply.",
    due=Stage.DOSSIER,
    reading="A reason that only repeats that it does not apply, or is shorter than a setting, is none. A text of a "
    "section that consists of “not applicable” alone counts as well.",
)
def what_does_not_apply_says_why(look: Look, printed: Printed) -> Iterator[Said]:
    section = printed.section
    empty = look.settings.words("no_reasons")
    least = look.settings.number("least_reason")
    for piece in pieces(replace(section, blocks=tuple(b for b in section.blocks if isinstance(b, Paragraph)))):
        lead, colon, reason = piece.text.strip().rstrip(".").partition(":")
        if not lead.casefold().startswith("not applicable") or (colon and section.standing is Standing.APPLIES):
            continue
        words = " ".join(reason.casefold().split())
        if words in empty or len(words) < least:
            where = piece.origin(len(piece.text) - 1)
            yield printed.says(f"Section {section.number} does not apply, and no reason says why.", where=where)
            return
    if section.standing is Standing.NOT_APPLICABLE and any(_is_gap(b) for b in section.blocks):
        yield printed.says(f"Section {section.number} does not apply, and no reason says why.")


def _is_gap(block: Block) -> bool:
    return any(isinstance(inline, Gap) for line in contents(block) for inline in flat(line))


@rule(
    "T809",
    Severity.ERROR,
    "No personal or commercial data stand in the text",
    each=Section,
    why="What is published cannot be called back.",
    source=("EMA/212507/2021 (CTIS guidance)", "Regulation (EU) 536/2014 art. 81"),
    remedy="Remove the data, or replace them by a role or a pseudonym.",
    reading="The reference asks it of documents that are published. Neither part of the dossier is; yet both go to "
    "many readers and hold pseudonyms only, so that the patterns are looked for in them as well.",
)
def no_personal_data_stand_there(look: Look, printed: Printed) -> Iterator[Said]:
    table: Mapping[str, str] = look.settings.table("personal_data")
    for kind, pattern in table.items():
        for said, where in matches(printed, [pattern]):
            shown = f"{said[:3]}…"
            yield printed.says(f"Section {printed.section.number} holds a {kind} (“{shown}”).", where=where)


@rule(
    "T810",
    Severity.INFO,
    "Units and numbers are written one way",
    each=Section,
    why="A power of ten that can be read in two ways leads to an error of dose.",
    source=("internal consistency",),
    remedy="Write × 10⁶, mL, µ and a decimal point, as the product does.",
    reading="All values that the product prints are in one notation; whatever a text writes otherwise is a mixture.",
)
def notation_is_one(look: Look, printed: Printed) -> Iterator[Said]:
    table: Mapping[str, str] = look.settings.table("other_notations")
    for kind, pattern in table.items():
        for said, where in matches(printed, [pattern]):
            yield printed.says(f"“{said}” in section {printed.section.number} is {kind}.", where=where)
