"""Rules about what a batch was made from, and when (Q506, Q508)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from dossiers.checks.batches import ATMP_GMP, USED
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import EX_VIVO, IN_VIVO, rule
from dossiers.checks.specified import together
from dossiers.facts import show_date
from dossiers.judging import rule_for
from dossiers.limits import quantity
from dossiers.records.donors import CellBank
from dossiers.records.lots import MaterialLot, MaterialUse
from dossiers.records.materials import Material, MaterialCategory, MaterialRole
from dossiers.records.process import Process
from dossiers.records.product import Origin as CellOrigin
from dossiers.records.quality import ReleaseTiming, Specification, SpecificationScope
from dossiers.records.results import Batch, BatchScope, BatchUse, Disposition, TestResult
from dossiers.records.stability import ClaimScope, ClaimUnit, Segment, ShelfLifeClaim
from dossiers.records.substance import ActiveSubstance, SubstanceType
from dossiers.stage import Stage


def lots_of(look: Look, batch: Batch) -> tuple[tuple[MaterialUse, MaterialLot], ...]:
    """The lots of materials that went into the batch, each with its use."""
    uses = look.of(MaterialUse, batch=batch.uid)
    return tuple((use, lot) for use in uses if (lot := look.find(MaterialLot, use.lot)) is not None)


def made_from(look: Look, batch: Batch) -> tuple[Batch, ...]:
    """The batches that the batch was made from: its parents, its substance, and the lots that are batches."""
    named = (batch.ds_batch, *(batch.parents or ()), *(lot.batch for _, lot in lots_of(look, batch)))
    found = {uid: look.find(Batch, uid) for uid in named if uid is not None and uid != batch.uid}
    return tuple(b for b in found.values() if b is not None)


# ---------------------------------------------------------------- dates


@rule(
    "Q506",
    Severity.ERROR,
    "The dates of a batch follow each other",
    each=Batch,
    why="An error in a date points to others, and stops the certification.",
    source=(f"{ATMP_GMP}, 11.3",),
    remedy="Correct the date.",
    due=Stage.IDEA,
    reading="Starting material before manufacture, manufacture before release, release before the final certificate; "
    "results that decide on release before it; use before expiry. A batch may keep a shorter shelf life than is "
    "claimed today, and no longer one: the longest claim from manufacture is taken, to the day.",
)
def dates_follow(look: Look, batch: Batch) -> Iterator[Said]:
    yield from together(
        _of_origins(look, batch), _of_release(look, batch), _of_results(look, batch), _of_expiry(look, batch)
    )


def _of_origins(look: Look, batch: Batch) -> Iterator[Said]:
    parents = [p for p in made_from(look, batch) if p.date is not None]
    uses = [(use, lot) for use, lot in lots_of(look, batch) if use.used_on is not None]
    if not parents and not uses:
        return
    made = look.need(batch, "date")
    for parent in parents:
        if parent.date is not None and parent.date > made:
            before = f"{parent.named()} of {show_date(parent.date)}"
            said = f"Batch {batch.named()} of {show_date(made)} was made from {before}."
            yield look.at(batch, "date", said)
    for use, lot in uses:
        if use.used_on is not None and use.used_on > made:
            said = f"Lot {lot.named()} was used on {show_date(use.used_on)}, after batch {batch.named()} was made."
            yield look.at(use, "used_on", said)


def _of_release(look: Look, batch: Batch) -> Iterator[Said]:
    if batch.disposition in USED:
        look.need(batch, "released_on")
    order = (("date", "made"), ("released_on", "released"), ("confirmed_on", "certified for good"))
    days = [(name, what, day) for name, what in order if (day := getattr(batch, name)) is not None]
    for (_, before, first), (name, after, second) in pairwise(days):
        if second < first:
            said = f"Batch {batch.named()} was {after} on {show_date(second)} and {before} on {show_date(first)}."
            yield look.at(batch, name, said)


def _of_results(look: Look, batch: Batch) -> Iterator[Said]:
    for result in look.of(TestResult, batch=batch.uid):
        if result.reported_on is None or (row := rule_for(result, look.holdings).row) is None:
            continue
        is_late = row.release_timing is ReleaseTiming.AFTER_RELEASE
        last, what = (batch.confirmed_on, "the final certificate") if is_late else (batch.released_on, "release")
        if last is not None and result.reported_on > last:
            said = (
                f"The result of {row.named()} came on {show_date(result.reported_on)}, after {what} of batch "
                f"{batch.named()} on {show_date(last)}."
            )
            yield look.at(result, "reported_on", said)


def _of_expiry(look: Look, batch: Batch) -> Iterator[Said]:
    expiry = batch.expiry
    if expiry is None:
        return
    for name, what in (("date", "made"), ("released_on", "released"), ("given_on", "first given")):
        day = getattr(batch, name)
        if day is not None and day > expiry:
            said = f"Batch {batch.named()} was {what} on {show_date(day)}, after its expiry on {show_date(expiry)}."
            yield look.at(batch, name, said)
    made = look.need(batch, "date")
    ends = [(end, claim) for claim in _claims(look, batch) if (end := _end(made, claim)) is not None]
    if ends and expiry > max(end for end, _ in ends):
        end, claim = max(ends, key=lambda pair: pair[0])
        kept = quantity(claim.duration, claim.unit.label) if claim.duration is not None and claim.unit else ""
        said = (
            f"Batch {batch.named()} of {show_date(made)} expires on {show_date(expiry)}; "
            f"the shelf life of {kept} ends on {show_date(end)}."
        )
        yield look.at(batch, "expiry", said)


def _claims(look: Look, batch: Batch) -> list[ShelfLifeClaim]:
    scope = {BatchScope.DS: ClaimScope.DS, BatchScope.DP: ClaimScope.DP}.get(batch.scope) if batch.scope else None
    held = look.of(ShelfLifeClaim, scope=scope) if scope else ()
    return [c for c in held if c.segment in (Segment.FROZEN, Segment.FRESH)]


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later (earlier: a minus), the last day where there is none.

    Raises `ValueError` or `OverflowError` beyond the calendar.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _end(made: date, claim: ShelfLifeClaim) -> date | None:
    """The last day of a shelf life that begins on `made`; None where it is not known or beyond all calendars."""
    duration, unit = claim.duration, claim.unit
    if duration is None or unit is None or not 0 <= duration <= 100_000:
        return None
    try:
        if unit is ClaimUnit.MONTHS:
            return months_after(made, int(duration))
        hours = {ClaimUnit.MIN: duration / 60, ClaimUnit.H: duration, ClaimUnit.D: duration * 24}[unit]
        return made + timedelta(days=-int(-hours // 24))
    except (OverflowError, ValueError):
        return None


# ---------------------------------------------------------------- descent


@rule(
    "Q508",
    Severity.ERROR,
    "The descent is known from dose to bank and donor",
    each=Batch,
    why="Recall and look-back reach as far as the links that are held.",
    source=("Regulation (EC) 1394/2007, art. 15", f"{ATMP_GMP}, 6.6"),
    remedy="Enter what the batch was made from.",
    reading="Asked of batches for clinical use, a link of the chain each: product to substance, cells to donation or "
    "bank, modified cells to the vector lot, vector to plasmid lots and bank, plasmid to bank. Where the project has "
    "one vector, it owes a lot of each plasmid. Lots on the record of use count as well as “Made from”.",
)
def descent_is_known(look: Look, batch: Batch) -> Iterator[Said]:
    if BatchUse.CLINICAL not in (batch.use or ()) or batch.disposition is Disposition.FAILED:
        return
    yield from together(*(part(look, batch) for part in (_substance, _donor, _vector, _plasmids, _bank)))


def _begins(look: Look, batch: Batch) -> bool:
    """Whether the batch is the first of substance or product in its line."""
    if batch.scope is not BatchScope.DP:
        return batch.scope is BatchScope.DS
    return not look.once("has batches of substance", lambda: bool(look.of(Batch, scope=BatchScope.DS)))


def _substance(look: Look, batch: Batch) -> Iterator[Said]:
    if batch.scope is not BatchScope.DP or _begins(look, batch) or look.is_excused(batch, "ds_batch"):
        return
    if not any(b.scope is BatchScope.DS for b in made_from(look, batch)):
        yield look.at(batch, "ds_batch", f"Batch {batch.named()} names no batch of drug substance.")


def _donor(look: Look, batch: Batch) -> Iterator[Said]:
    if not _begins(look, batch) or look.need(look.product(), "origin") is CellOrigin.NOT_CELLS:
        return
    if batch.donation or look.is_excused(batch, "donation") or look.named(CellBank, batch.banks):
        return
    if not any(b.scope in (BatchScope.STARTING, BatchScope.BANK) for b in made_from(look, batch)):
        said = f"Batch {batch.named()} names neither the donation nor the bank of its cells."
        yield look.at(batch, "donation", said)


def _vector(look: Look, batch: Batch) -> Iterator[Said]:
    if not _begins(look, batch) or EX_VIVO not in look.types or look.is_excused(batch, "parents"):
        return
    if not look.of(Material, category=MaterialCategory.VECTOR, role=MaterialRole.STARTING):
        return
    from_lots = any(_category(look, lot.material) is MaterialCategory.VECTOR for _, lot in lots_of(look, batch))
    if not from_lots and not any(b.scope is BatchScope.VECTOR for b in made_from(look, batch)):
        yield look.at(batch, "parents", f"Batch {batch.named()} names no lot of the vector.")


def _plasmids(look: Look, batch: Batch) -> Iterator[Said]:
    held = look.of(Material, category=MaterialCategory.PLASMID, role=MaterialRole.STARTING)
    asked = [m for m in held if m.alternative_to is None]
    if not asked or not _is_vector(look, batch) or look.is_excused(batch, "parents"):
        return
    plasmid = MaterialCategory.PLASMID
    lots = {
        lot.uid for _, lot in lots_of(look, batch) if lot.batch is None and _category(look, lot.material) is plasmid
    }
    lots |= {b.uid for b in made_from(look, batch) if is_plasmid(look, b)}
    vectors = look.of(Material, category=MaterialCategory.VECTOR, role=MaterialRole.STARTING)
    least = len(asked) if len(vectors) <= 1 else 1
    if len(lots) < least:
        said = (
            f"Batch {batch.named()} names {len(lots) or 'no'} plasmid lots; the vector is made from {least} plasmids."
        )
        yield look.at(batch, "parents", said)


def _bank(look: Look, batch: Batch) -> Iterator[Said]:
    if not is_plasmid(look, batch) and not _is_vector(look, batch):
        return
    if look.named(CellBank, batch.banks) or look.is_excused(batch, "banks"):
        return
    if not any(lot.material and look.of(CellBank, material=lot.material) for _, lot in lots_of(look, batch)):
        yield look.at(batch, "banks", f"Batch {batch.named()} names no bank that it was grown from.")


def is_plasmid(look: Look, batch: Batch) -> bool:
    """Whether the batch is a lot of a plasmid: by its specification, its process, or the lot that it is."""
    specification = look.find(Specification, batch.spec_version)
    if specification is not None and specification.scope is SpecificationScope.PLASMID:
        return True
    process = look.find(Process, batch.process_version)
    materials = [lot.material for lot in look.of(MaterialLot, batch=batch.uid)]
    materials += [process.material] if process is not None else []
    return any(_category(look, uid) is MaterialCategory.PLASMID for uid in materials)


def _is_vector(look: Look, batch: Batch) -> bool:
    """Whether the batch is a vector: as a starting material, or as the substance that is given."""
    if batch.scope is BatchScope.VECTOR:
        return True
    if not _begins(look, batch) or IN_VIVO not in look.types:
        return False
    held = look.all(ActiveSubstance)
    substance = look.find(ActiveSubstance, batch.active_substance) or (held[0] if len(held) == 1 else None)
    return substance is not None and look.need(substance, "type") is SubstanceType.VIRUS_VECTOR


def _category(look: Look, uid: UUID | None) -> MaterialCategory | None:
    material = look.find(Material, uid)
    return material.category if material is not None else None
