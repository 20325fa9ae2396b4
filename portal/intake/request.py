"""The draft of a request to the CAT for a recommendation on classification, in Word by the document engine.

Sections after what the request form and the briefing information ask for (Regulation (EC) 1394/2007 art. 17; reflection
paper on classification of the EMA, June 2015; own knowledge, verify).
"""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.binder import Binder, origin
from dossiers.blocks import Block, Cover, Draft, Gap, Inlines, Listing, Mark, Origin, Paragraph, Run, Section
from dossiers.facts import by_name, gaps, is_empty, show
from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from dossiers.word import write
from portal.intake.walk import CAUTION, Walked
from portal.models import Project, now

# Number and title of a section → the answers of the proposal that it holds.
PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("1", "Administrative data", ("project_title", "acronym", "pi", "clinical_lead", "lab", "co_applicants")),
    ("2", "Active substance", ("donor", "cell_source", "vector", "transgene", "gmo")),
    ("3", "Finished product", ("form_route", "dose", "device")),
    ("4", "Mode of action and proposed use", ("moa", "indication", "paediatric")),
    ("5", "Summary of manufacture", ("process_sketch", "manipulation", "manipulation_note", "materials")),
    ("6", "Development so far", ("evidence_list", "in_vivo", "human_data", "competitors")),
)


def draft(project: Project, proposal: Proposal, walked: Walked) -> Draft:
    """The request as a draft: what the proposal says, a gap where it says nothing, and the walk as the reasoning."""
    sections = [Section(n, n, title, 1, tuple(_answers(proposal, names))) for n, title, names in PARTS]
    sections.append(Section("7", "7", "The applicant's classification and reasons", 1, tuple(_reasons(walked))))
    cover = Cover(
        "Request for a recommendation on ATMP classification",
        project.key,
        project.title,
        proposal.lab or "",
        on=now().date(),
        status="Draft: not sent",
        lines=(("Addressee", "Committee for Advanced Therapies (CAT), European Medicines Agency"),),
    )
    return Draft("cat-classification", cover, tuple(sections))


def docx(project: Project, proposal: Proposal, walked: Walked) -> bytes:
    """The request as a Word file."""
    return write(draft(project, proposal, walked))


def _answers(proposal: Proposal, names: tuple[str, ...]) -> Iterator[Block]:
    known, alone = by_name(Proposal), Binder("", records={"proposal": (proposal,)})
    open_ = {f.name for f in gaps(proposal, {Stage.PROPOSED}, alone)}
    for name in names:
        f, value, at = known[name], getattr(proposal, name), origin(proposal, name)
        if is_empty(value) and name not in open_:
            continue  # nobody has to answer it here
        said: Inlines = (Gap(f.label, at),) if is_empty(value) else _lines(show(f, value), at)
        yield Paragraph((Run(f"{f.label}: ", frozenset({Mark.BOLD})), *said))


def _lines(text: str, at: Origin) -> Inlines:
    parts: list[Run] = []
    for n, line in enumerate(text.split("\n")):
        parts += [Run("\n")] if n else []
        parts.append(Run(line, origin=at))
    return tuple(parts)


def _reasons(walked: Walked) -> Iterator[Block]:
    if walked.outcome is None:
        yield Paragraph((Gap("Class", note="the classification walk was not finished"),))
        return
    yield Paragraph((Run(f"{walked.outcome.title}. ", frozenset({Mark.BOLD})), Run(walked.outcome.reason)))
    yield Paragraph((Run("The way to it, question by question:"),))
    items = tuple(
        (Paragraph((Run(f"{s.question.text} "), Run(s.said, frozenset({Mark.BOLD})), Run(f" ({s.question.basis})"))),)
        for s in walked.steps
    )
    yield Listing(True, items)
    yield Paragraph((Run(CAUTION),))
