"""Verbs that let documents out, and take a template in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from dossiers.binder import dump
from dossiers.blocks import Draft
from dossiers.issue import as_draft, final, paged
from dossiers.office import available
from dossiers.outlines import outline
from dossiers.plain import tree
from dossiers.word import write
from dossiers.word.inspection import inspect
from portal.db import Refused, held
from portal.drafts.queries import goes_out, shown, template, unverified
from portal.models import HouseTemplate, Issue, Person, Project, now
from portal.records.queries import binder_of
from portal.rights import Asker
from portal.trail import Unit

LARGEST_TEMPLATE = 10_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked to go out: document, whether as final, the reason for letting gaps go out, the gaps seen."""

    outline: str
    as_final: bool
    reason: str = ""
    gaps_seen: int = -1


def issue(session: Unit, who: Asker, row: tuple[Any, int], asked: Asked) -> Issue:
    """The document as it goes out: binder, block tree and Word file, kept for good, under the next version number.

    `row` is the project as (id, revision seen). A final may have no gap and no unverified value; a draft that goes out
    with gaps says why. Raises `Refused`, `Stale`.
    """
    project = held(session, Project, *row)
    planned, binder = outline(asked.outline), binder_of(session, project)
    if not goes_out(project, planned):
        raise Refused(
            f"The document “{planned.title}” goes out from the GMP tech transfer on. Download its draft in Word."
        )
    made = shown(planned, binder)
    _may_go(asked, len(made.missing), len(unverified(made.draft)))
    version = _next(session, project, asked.outline)
    signer = ((who.person.name, "Issued by", f"{now():%Y-%m-%d %H:%M} UTC"),)
    draft = (final if asked.as_final else as_draft)(made.draft, str(version), now().date(), signer)
    house = template(session)
    docx, draft = _written(draft, house.docx if house else None)
    text = dump(binder)
    gone = Issue(
        project_id=project.id,
        outline=asked.outline,
        version=version,
        binder=text,
        tree=json.dumps(tree(draft), ensure_ascii=False),
        docx=docx,
        sha256=sha256(docx).hexdigest(),
        binder_sha256=sha256(text.encode()).hexdigest(),
        gaps=[_gap(m.section.number, m.gap) for m in made.missing],
        waiver=asked.reason.strip(),
        by_id=who.person.id,
        by=who.person.name,
    )
    session.add(gone)
    session.flush()
    return gone


def _written(draft: Draft, house: bytes | None) -> tuple[bytes, Draft]:
    """The Word file and the draft with its page map; without LibreOffice the contents have links and no pages."""
    if available():
        draft = paged(draft, house)
    return write(draft, house), draft


def _may_go(asked: Asked, gaps: int, doubtful: int) -> None:
    reasons = []
    if asked.gaps_seen not in (-1, gaps):
        reasons.append(f"The document changed while you read it: it shows {_n(gaps, 'gap')} now. Read it again.")
    if asked.as_final and gaps:
        reasons.append(f"It still shows {_n(gaps, 'gap')}. Fill them, say why they stay empty, or issue it as a draft.")
    if asked.as_final and doubtful:
        said = _n(doubtful, "value")
        reasons.append(f"It prints {said} whose source was not re-read. Verify them, or issue it as a draft.")
    if not asked.as_final and gaps and not asked.reason.strip():
        reasons.append("Say why it goes out with gaps: the reason is kept with the issue.")
    if reasons:
        raise Refused(*reasons)


def _n(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _next(session: Unit, project: Project, name: str) -> int:
    last = session.scalar(
        select(func.max(col(Issue.version))).where(col(Issue.project_id) == project.id, col(Issue.outline) == name)
    )
    return (last or 0) + 1


def _gap(number: str, gap: Any) -> dict[str, str]:
    where = gap.origin
    return {
        "section": number,
        "label": gap.label,
        "record": where.id if where else "",
        "fact": where.fact if where else "",
    }


def take_template(session: Unit, person: Person, name: str, docx: bytes) -> HouseTemplate:
    """The house's own template from now on; an empty file means the product's. Raises `Refused` with each fault."""
    if len(docx) > LARGEST_TEMPLATE:
        raise Refused(f"A template may have at most {LARGEST_TEMPLATE // 1_000_000} MB; this file is larger.")
    if docx and (faults := inspect(docx)):
        raise Refused(*(str(fault) for fault in faults))
    made = HouseTemplate(name=name[:200], docx=docx, sha256=sha256(docx).hexdigest(), by_id=person.id, by=person.name)
    session.add(made)
    session.flush()
    return made
