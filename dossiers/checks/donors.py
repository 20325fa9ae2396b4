"""Rules about donors and what is collected from them: markers, samples, authorisation, identity (Q1)."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, rule
from dossiers.checks.specified import together
from dossiers.checks.topics import rows_of
from dossiers.checks.wording import listed, mentions, names
from dossiers.facts import NBSP, show_date
from dossiers.records.donors import CellBank, DonorProgramme, DonorTest, DonorType, Marker, RequiredFor
from dossiers.records.materials import Material, MaterialOrigin, MaterialRole
from dossiers.records.product import Origin as CellOrigin
from dossiers.records.sites import Site, TraceabilityIdentifier, TracePoint


def _tests(look: Look, programme: DonorProgramme) -> list[DonorTest]:
    """The tests that hold for the donors of a programme."""
    other = RequiredFor.ALLOGENEIC if programme.donor_type is DonorType.AUTOLOGOUS else RequiredFor.AUTOLOGOUS
    return [t for t in look.of(DonorTest, programme=programme.uid) if t.required_for is not other]


@rule(
    "Q108",
    Severity.ERROR,
    "Donors are tested for every marker that the law asks for",
    each=DonorProgramme,
    why="The rules on tissues fix a least set, for a patient's own cells too; a missing marker stops the start.",
    source=("Directive 2006/17/EC, Annex II", "Directive 2004/23/EC", "Regulation (EU) 2024/1938 once it applies"),
    remedy="Add the test to the donor testing panel, and name the assays.",
    types=CELL_BASED,
    reading="A test that is asked for other donors only does not count. The assays of a marker are read from its "
    "assay; a "
    "marker without an assay cannot be judged. National additions are a setting.",
)
def markers_are_complete(look: Look, programme: DonorProgramme) -> Iterator[Said]:
    look.need(programme, "donor_type")
    tests = _tests(look, programme)
    if not tests:
        raise Needs(look.missing(DonorTest, "", name="marker").origin)
    parts = [_marker(look, programme, tests, name, words) for name, words in _asked(look, programme).items()]
    yield from together(*parts)


def _asked(look: Look, programme: DonorProgramme) -> dict[str, list[str]]:
    """Marker → the assays it must name."""
    asked: dict[str, list[str]] = dict(look.settings.table("donor_markers"))
    if programme.endemic_area:
        asked |= {name: [] for name in sorted(look.settings.words("donor_marker_endemic"))}
    site = look.find(Site, programme.procurement_site)
    if site is not None and site.country:
        asked |= {name: [] for name in look.settings.table("donor_markers_by_country").get(site.country, ())}
    return asked


def _marker(
    look: Look, programme: DonorProgramme, tests: list[DonorTest], name: str, words: list[str]
) -> Iterator[Said]:
    held = [t for t in tests if t.marker is not None and t.marker.value == name]
    if not held:
        what = programme.tissue or "the donation"
        yield look.at(programme, "", f"The donors of {what} are not tested for {name}.")
        return
    assays = " ".join(look.need(test, "assay") for test in held)
    missing = [word for word in words if not names(assays, [word])]
    if name in look.settings.words("donor_marker_alternatives") and len(missing) < len(words):
        missing = []
    if missing:
        shown = [_ASSAYS.get(word, word) for word in missing]
        yield look.at(held[0], "assay", f"The test for {name} does not name {listed(shown)}.")


_ASSAYS = {"hbsag": "HBsAg", "anti-hbc": "anti-HBc", "hiv": "HIV antibodies", "hcv": "HCV antibodies"}


@rule(
    "Q109",
    Severity.ERROR,
    "Donor samples are taken in time and tested with a suitable kit",
    each=DonorTest,
    why="A sample outside the window may miss a recent infection; a test of nucleic acid or a repeat closes it.",
    source=("Directive 2006/17/EC, Annex II 2",),
    remedy="Take the sample within the window, with a kit that bears the CE mark for donors.",
    types=CELL_BASED,
    reading="Asked of the markers that the law names, not of others that are tested for information. Cells of a living "
    "allogeneic donor count as stored. Whether the laboratory is authorised is asked once, by Q111.",
)
def samples_are_in_time(look: Look, test: DonorTest) -> Iterator[Said]:
    programme = look.linked(DonorProgramme, test, "programme")
    marker: Marker = look.need(test, "marker")
    if marker.value not in _asked(look, programme) or test not in _tests(look, programme):
        return
    yield from together(_kit(look, test), _window(look, test, programme), _repeat(look, test, programme))


def _kit(look: Look, test: DonorTest) -> Iterator[Said]:
    if test.ce_marked is False:
        yield look.at(test, "ce_marked", f"The kit for {test.named()} bears no CE mark for testing donors.")
    elif not look.is_excused(test, "ce_marked"):
        look.need(test, "ce_marked")


def _window(look: Look, test: DonorTest, programme: DonorProgramme) -> Iterator[Said]:
    earliest, latest = look.need(test, "earliest_day", "latest_day")
    kind = _donation(look, programme)
    first, last = (int(day) for day in look.settings.table("donor_sample_window")[kind])
    if earliest > latest:
        said = f"The window of the sample for {test.named()} is reversed: {_day(earliest)} to {_day(latest)}."
        yield look.at(test, "earliest_day", said, "Enter the earlier day first.")
    elif earliest < first or latest > last:
        said = f"The sample for {test.named()} may be taken from {_day(earliest)} to {_day(latest)}"
        allowed = f"for this donation ({kind}) the window is {_day(first)} to {_day(last)}"
        yield look.at(test, "earliest_day" if earliest < first else "latest_day", f"{said}; {allowed}.")


def _donation(look: Look, programme: DonorProgramme) -> str:
    if look.need(programme, "donor_type") is DonorType.DECEASED:
        return "deceased"
    return "stem cells" if names(programme.tissue, look.settings.words("stem_cell_words")) else "living"


def _day(day: int) -> str:
    return f"day{NBSP}{day}".replace("-", "−")


def _repeat(look: Look, test: DonorTest, programme: DonorProgramme) -> Iterator[Said]:
    if programme.donor_type is not DonorType.ALLOGENEIC or test.marker is None:
        return
    if test.marker.value not in look.settings.words("nat_markers"):
        return
    is_nucleic = mentions(look.need(test, "assay"), look.settings.words("nat_words"))
    days = look.settings.number("donor_repeat_after")
    if not is_nucleic and (test.repeated_after is None or test.repeated_after < days):
        said = f"{test.named()} is neither a test of nucleic acid nor repeated after {days}{NBSP}days."
        yield look.at(test, "assay", said, "Add a test of nucleic acid, or repeat the test.")


@rule(
    "Q110",
    Severity.ERROR,
    "A reactive marker is handled as the kind of donor asks",
    each=DonorTest,
    why="An infected donor is excluded; a patient's own cells endanger other patients and staff unless they are kept "
    "apart.",
    source=("Directive 2006/17/EC, Annex II 1", "EudraLex Vol. 4 Part IV, 7.3 and 9.4"),
    remedy="Turn the donation away; for a patient's own cells, or keep it apart under a label of biological hazard.",
    types=CELL_BASED,
    justifiable=True,
    section="S.2.3.2",
    reading="The file holds no result of any donor: judged is what the panel says is done. Markers that the law does "
    "not ask "
    "for may be reported only. An exception for an allogeneic donor is answered by a reason.",
)
def reactive_donation_is_handled(look: Look, test: DonorTest) -> Iterator[Said]:
    programme = look.linked(DonorProgramme, test, "programme")
    marker: Marker = look.need(test, "marker")
    if marker.value not in _asked(look, programme) or test not in _tests(look, programme):
        return
    kind: DonorType = look.need(programme, "donor_type")
    action = look.need(test, "action_if_reactive")
    if names(action, look.settings.words("reject_words")):
        return
    if kind is not DonorType.AUTOLOGOUS:
        said = f"A reactive test for {test.named()} of a {kind.label} donor does not exclude the donation: {action}."
        yield look.at(test, "action_if_reactive", said)
        return
    lacking = [
        what
        for what, words in (
            ("kept apart", "segregate_words"),
            ("labelled as a biological hazard", "hazard_label_words"),
        )
        if not mentions(action, look.settings.words(words))
    ]
    if lacking:
        said = (
            f"After a reactive test for {test.named()} the donation is neither turned away nor {' nor '.join(lacking)}."
        )
        yield look.at(test, "action_if_reactive", said)


@rule(
    "Q111",
    Severity.ERROR,
    "Procurement and donor testing are authorised",
    each=DonorProgramme,
    why="Collection falls under the law on tissues or blood, not under manufacturing practice, and is checked first.",
    source=(
        "Directive 2004/23/EC, Art. 5 and 6",
        "Belgian Act of 19 Dec 2008 on human body material",
        "EudraLex Vol. 4 Part IV, 7.3",
    ),
    remedy="Enter the authorisation with its end, and the agreement with a laboratory that has none of its own.",
    types=CELL_BASED,
    reading="An agreement with an authorised establishment covers a testing laboratory without an authorisation of "
    "its own.",
)
def procurement_is_authorised(look: Look, programme: DonorProgramme) -> Iterator[Said]:
    yield from together(_collection(look, programme), _validity(look, programme), _laboratories(look, programme))


def _collection(look: Look, programme: DonorProgramme) -> Iterator[Said]:
    site = look.linked(Site, programme, "procurement_site")
    kind = look.need(site, "authorisation_type")
    if kind.value not in look.settings.words("procurement_authorisations"):
        said = f"{site.named()} collects {programme.tissue or 'cells or tissue'}; its authorisation is “{kind.label}”."
        yield look.at(programme, "procurement_site", said)


def _validity(look: Look, programme: DonorProgramme) -> Iterator[Said]:
    if look.is_excused(programme, "authorised_until"):
        return
    number, until = look.need(programme, "authorisation_no", "authorised_until")
    if until < look.on:
        said = f"The authorisation {number} ended on {show_date(until)}."
        yield look.at(programme, "authorised_until", said, "Enter the authorisation that is in force.")


def _laboratories(look: Look, programme: DonorProgramme) -> Iterator[Said]:
    sites = {t.laboratory: look.find(Site, t.laboratory) for t in look.of(DonorTest, programme=programme.uid)}
    for site in sites.values():
        if site is None or programme.testing_agreement or look.is_excused(programme, "testing_agreement"):
            continue
        kind = look.need(site, "authorisation_type")
        if kind.value not in look.settings.words("procurement_authorisations"):
            said = f"{site.named()} tests donors without an authorisation of its own, and no agreement is named."
            yield look.at(programme, "testing_agreement", said)


@rule(
    "Q120",
    Severity.WARNING,
    "Collected cells and tissue have acceptance criteria, a time and a temperature",
    each=Material,
    why="Starting cells vary more than any other input; limits keep unsuitable collections out.",
    source=("EMA/CAT/22473/2025, S.2.3", "EudraLex Vol. 4 Part IV, 7.3"),
    remedy="Enter the acceptance criteria, and the longest time and the temperature of transport in the donor "
    "programme.",
    types=CELL_BASED,
    reading="A material that comes from a cell bank is not collected, and is left to the rule about banks.",
)
def collection_has_limits(look: Look, material: Material) -> Iterator[Said]:
    is_collected = material.category is not None and material.category.value in look.settings.words(
        "collected_categories"
    )
    if (
        material.role is not MaterialRole.STARTING
        or material.origin_type is not MaterialOrigin.HUMAN
        or not is_collected
    ):
        return
    if look.of(CellBank, material=material.uid):
        return
    lacking = [] if any(row.criterion for row in rows_of(look, material)) else ["acceptance criteria"]
    programmes = look.of(DonorProgramme, material=material.uid)
    for fact, what in (
        ("max_hold_time", "longest time to the process"),
        ("transport_condition", "temperature of transport"),
    ):
        if not any(getattr(p, fact) is not None or look.is_excused(p, fact) for p in programmes):
            lacking.append(what)
    if lacking:
        place = look.at(material, "specification_ref", f"{material.named()} has no {listed(lacking)}.")
        if lacking[0] != "acceptance criteria" and programmes:
            fact = "max_hold_time" if "longest" in lacking[0] else "transport_condition"
            place = look.at(programmes[0], fact, place.sentence)
        yield place


@rule(
    "Q122",
    Severity.ERROR,
    "The chain of identity has no gap",
    why="A mix-up of doses made for one patient is among the gravest faults; assessors read the whole chain.",
    source=("Regulation (EC) 1394/2007, Art. 15", "EudraLex Vol. 4 Part IV, 6.6 and 7.3", "C(2019) 7140, traceability"),
    remedy="Enter the identifier of that point, what it is linked with, and how it is verified.",
    types=CELL_BASED,
    reading="Asked of autologous products, and of those whose donor is matched to a recipient. Points are a setting.",
)
def identity_chain_is_whole(look: Look) -> Iterator[Said]:
    product = look.product()
    is_matched = mentions(product.donor_relation, ["named recipient", "matched", "haploidentical"])
    if look.need(product, "origin") is not CellOrigin.AUTOLOGOUS and not is_matched:
        return
    held = look.all(TraceabilityIdentifier)
    if not held:
        raise Needs(look.missing(TraceabilityIdentifier, "", name="point").origin)
    asked = look.settings.words("identity_points")
    for point in TracePoint:
        here = [t for t in held if t.point is point]
        if point.value in asked and not here:
            said = f"No identifier links the chain at {point.label}."
            yield look.missing(TraceabilityIdentifier, said, name="point")
        for identifier in here if point.value in asked else ():
            for fact, what in (("linked_to", "is linked with nothing"), ("check", "is not verified")):
                if not getattr(identifier, fact) and not look.is_excused(identifier, fact):
                    said = f"The identifier “{identifier.identifier or identifier.key}” at {point.label} {what}."
                    yield look.at(identifier, fact, said)
