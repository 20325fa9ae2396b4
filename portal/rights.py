"""Who may do what: one table, one question, and one guard that asks it before every page.

A project is confidential by default: its members see it, and of the others only those whose role has to decide on it
at that stage. A project somebody may not see does not exist for them (404).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, abort, current_app, g, redirect, request, url_for
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import col
from werkzeug.wrappers import Response

from dossiers.stage import ROAD, Stage
from portal.db import reading
from portal.models import Membership, Person, Project
from portal.programme import Review
from portal.signin import recognise
from portal.stages import TANDEM, Role
from portal.trail import Unit


class Right(StrEnum):
    """Something a page lets a person do; the value completes "You may not …"."""

    ENTER = "reach the sign-in page"
    USE = "use the portal"
    ADMINISTER = "administer people"
    PROPOSE = "propose an idea"
    PORTFOLIO = "see the list of projects"
    TAKE_IN = "take in a project file"
    SEE = "see this project"
    EDIT_PROPOSAL = "edit this proposal"
    EDIT_FACTS = "edit the facts of this project"
    WRITE = "write sections of this project's documents"
    SUBMIT = "submit or withdraw this proposal"
    DECIDE = "decide a gate of this project"
    SHOW = "attach documents to the gates of this project"
    PLAN = "plan the tasks and dates of this project"
    FUND = "enter the money of this project"
    JUDGE = "answer for the gates of this project"
    REVIEW = "review this project"
    RULEBOOK = "change the programme's rulebook"
    MEETINGS = "prepare gate meetings"
    JUSTIFY = "answer a finding of this project with a reason"
    ISSUE = "issue a document of this project"
    MEMBERS = "say who works on this project"


@dataclass(frozen=True, slots=True)
class Rule:
    """Grants `right` to holders of one of `roles` while the project is in one of `during`.

    `member`: only to those who work on the project. `open_only`: not for confidential projects. `asked`: only to those
    who are asked to review it.
    """

    right: Right
    roles: frozenset[Role]
    during: frozenset[Stage] = frozenset(Stage)
    member: bool = False
    open_only: bool = False
    asked: bool = False


def _of(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


def _road(first: Stage, last: Stage) -> frozenset[Stage]:
    return frozenset(ROAD[ROAD.index(first) : ROAD.index(last) + 1])


_ALL = frozenset(Role)
_STAFF = _ALL - {Role.ADMINISTRATOR}
_BESIDE = frozenset({Stage.STOPPED, Stage.ON_HOLD})
_PROPOSED_ON = _road(Stage.PROPOSED, Stage.CLOSED) | _BESIDE
_FEASIBILITY_ON = _road(Stage.FEASIBILITY, Stage.CLOSED) | _BESIDE
_WRITING = _road(Stage.FEASIBILITY, Stage.RUNNING)

PORTAL_WIDE = frozenset(
    {
        Right.ENTER,
        Right.USE,
        Right.ADMINISTER,
        Right.PROPOSE,
        Right.PORTFOLIO,
        Right.TAKE_IN,
        Right.RULEBOOK,
        Right.MEETINGS,
    }
)

RULES: tuple[Rule, ...] = (
    Rule(Right.USE, _ALL),
    Rule(Right.ADMINISTER, _of(Role.ADMINISTRATOR)),
    Rule(Right.PROPOSE, TANDEM),
    Rule(Right.PORTFOLIO, _STAFF),
    Rule(Right.TAKE_IN, _of(Role.INVESTMENT, Role.REGULATORY)),
    # Seeing: the team always; who must decide, or prepare it, from that stage on; the rest if it is not confidential.
    Rule(Right.SEE, _STAFF, member=True),
    Rule(Right.SEE, _of(Role.INVESTMENT, Role.REGULATORY), _PROPOSED_ON),
    Rule(Right.SEE, _of(Role.GMP, Role.QUALITY), _FEASIBILITY_ON),
    Rule(Right.SEE, _STAFF, _PROPOSED_ON, open_only=True),
    Rule(Right.SEE, _STAFF, _FEASIBILITY_ON, asked=True),
    Rule(Right.REVIEW, _STAFF, _FEASIBILITY_ON, asked=True),
    Rule(Right.EDIT_PROPOSAL, TANDEM, frozenset({Stage.IDEA}), member=True),
    Rule(Right.SUBMIT, TANDEM, frozenset({Stage.IDEA, Stage.PROPOSED}), member=True),
    Rule(Right.EDIT_FACTS, TANDEM, frozenset({Stage.IDEA}) | _road(Stage.FEASIBILITY, Stage.DOSSIER), member=True),
    Rule(Right.EDIT_FACTS, _of(Role.GMP), _road(Stage.FEASIBILITY, Stage.RUNNING), member=True),
    Rule(Right.EDIT_FACTS, _of(Role.QUALITY), _road(Stage.TRANSFER, Stage.RUNNING)),
    Rule(Right.EDIT_FACTS, _of(Role.REGULATORY), _WRITING),
    Rule(Right.WRITE, TANDEM, _road(Stage.FEASIBILITY, Stage.DOSSIER), member=True),
    Rule(Right.WRITE, _of(Role.GMP), _road(Stage.TRANSFER, Stage.RUNNING), member=True),
    Rule(Right.WRITE, _of(Role.QUALITY), _road(Stage.TRANSFER, Stage.RUNNING)),
    Rule(Right.WRITE, _of(Role.REGULATORY), _WRITING),
    # Who decides which gate stands in stages.MOVES; here is who reaches a gate's form at all.
    Rule(Right.DECIDE, _of(Role.INVESTMENT), _PROPOSED_ON),
    Rule(Right.DECIDE, _of(Role.GMP), frozenset({Stage.FEASIBILITY})),
    Rule(Right.DECIDE, _of(Role.QUALITY), frozenset({Stage.TRANSFER})),
    Rule(Right.DECIDE, _of(Role.REGULATORY), frozenset({Stage.DOSSIER, Stage.SUBMITTED})),
    Rule(Right.RULEBOOK, _of(Role.INVESTMENT)),
    Rule(Right.MEETINGS, _of(Role.INVESTMENT, Role.REGULATORY, Role.GMP, Role.QUALITY)),
    Rule(Right.SHOW, TANDEM | _of(Role.GMP), frozenset({Stage.IDEA}) | _PROPOSED_ON, member=True),
    Rule(Right.SHOW, _of(Role.INVESTMENT, Role.REGULATORY), _PROPOSED_ON),
    Rule(Right.SHOW, _of(Role.GMP, Role.QUALITY), _FEASIBILITY_ON),
    Rule(Right.PLAN, TANDEM | _of(Role.GMP), frozenset({Stage.IDEA}) | _PROPOSED_ON, member=True),
    Rule(Right.PLAN, _of(Role.INVESTMENT, Role.REGULATORY), _PROPOSED_ON),
    Rule(Right.PLAN, _of(Role.GMP, Role.QUALITY), _FEASIBILITY_ON),
    Rule(Right.FUND, _of(Role.INVESTMENT), _PROPOSED_ON),
    Rule(Right.JUDGE, _of(Role.INVESTMENT, Role.REGULATORY), _PROPOSED_ON),
    Rule(Right.JUDGE, _of(Role.GMP, Role.QUALITY), _FEASIBILITY_ON),
    Rule(Right.JUSTIFY, _of(Role.QUALITY, Role.REGULATORY), _WRITING),
    # In feasibility only the feasibility report goes out (drafts.queries.goes_out).
    Rule(Right.ISSUE, _of(Role.INVESTMENT, Role.REGULATORY), frozenset({Stage.FEASIBILITY})),
    Rule(Right.ISSUE, _of(Role.REGULATORY), _road(Stage.TRANSFER, Stage.RUNNING)),
    Rule(Right.MEMBERS, TANDEM, frozenset({Stage.IDEA}), member=True),
    Rule(Right.MEMBERS, _of(Role.INVESTMENT, Role.REGULATORY), _PROPOSED_ON),
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the person, their roles, the projects they work on, and those they are asked to review."""

    person: Person
    roles: frozenset[Role]
    member_of: frozenset[UUID] = frozenset()
    reviews: frozenset[UUID] = frozenset()


def asker(session: Unit, person: Person) -> Asker:
    """`person` with roles and memberships as they are now."""
    mine = session.scalars(select(col(Membership.project_id)).where(col(Membership.person_id) == person.id))
    asked = session.scalars(_asked_of(person))
    return Asker(person, roles_of(person), frozenset(mine), frozenset(asked))


def _asked_of(person: Person) -> Select[UUID]:
    """The projects that the person is asked to review and has not declined."""
    mine = (col(Review.reviewer_id) == person.id, col(Review.declined) == "")
    return select(col(Review.project_id)).where(*mine)


def roles_of(person: Person) -> frozenset[Role]:
    """The roles of a person who is active; none of one who is not."""
    return frozenset(Role(role) for role in person.roles) if person.active else frozenset()


def may(who: Asker | None, right: Right, project: Project | None = None) -> bool:
    """Whether some rule grants `right` to `who` (None: nobody signed in) on `project`.

    Every right on a project needs the right to see it.
    """
    if right is Right.ENTER:
        return True
    if who is None or (project is None) is not (right in PORTAL_WIDE):
        return False
    if project is not None and right is not Right.SEE and not may(who, Right.SEE, project):
        return False
    return any(_grants(rule, who, project) for rule in RULES if rule.right is right)


def _grants(rule: Rule, who: Asker, project: Project | None) -> bool:
    if not rule.roles & who.roles:
        return False
    if project is None:
        return True
    return (
        project.standing_at in rule.during
        and (not rule.member or project.id in who.member_of)
        and (not rule.open_only or not project.confidential)
        and (not rule.asked or project.id in who.reviews)
    )


def visible_to(who: Asker) -> ColumnElement[bool]:
    """The condition on `Project` in a query that keeps the projects `who` may see: the same rules, in SQL."""
    return _granted(who, Right.SEE)


def judged_by(who: Asker) -> ColumnElement[bool]:
    """The condition on `Project` that keeps those whose gates `who` may answer for; whether they are blind to one is
    asked of `conflicts`.
    """
    return and_(visible_to(who), _granted(who, Right.JUDGE))


def decided_by(who: Asker) -> ColumnElement[bool]:
    """The condition on `Project` that keeps those of which `who` reaches the form of a gate's decision."""
    return and_(visible_to(who), _granted(who, Right.DECIDE))


def _granted(who: Asker, right: Right) -> ColumnElement[bool]:
    """The rules of a right, each only for stages that no rule grants without condition: most rows are kept or left by
    their stage alone, which an index answers.
    """
    rules = [rule for rule in RULES if rule.right is right and rule.roles & who.roles]
    plain = [rule.during for rule in rules if not (rule.member or rule.asked or rule.open_only)]
    always = frozenset[Stage]().union(*plain)
    others = [replace(r, during=r.during - always) for r in rules if r.during - always]
    every = [col(Project.stage).in_([stage.value for stage in Stage if stage in always])] if always else []
    return or_(false(), *every, *(_clause(rule, who) for rule in others))


def _clause(rule: Rule, who: Asker) -> ColumnElement[bool]:
    parts: list[Any] = [col(Project.stage).in_([stage.value for stage in Stage if stage in rule.during])]
    if rule.member:
        mine = select(col(Membership.project_id)).where(col(Membership.person_id) == who.person.id)
        parts.append(col(Project.id).in_(mine))
    if rule.asked:
        parts.append(col(Project.id).in_(_asked_of(who.person)))
    if rule.open_only:
        parts.append(col(Project.confidential).is_(False))
    return and_(*parts)


# ---------------------------------------------------------------- the guard

V = TypeVar("V", bound=Callable[..., Any])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def needs(right: Right) -> Callable[[V], V]:
    """Mark a view with the right it asks for; `guard` does the asking."""

    def mark(view: V) -> V:
        view.right = right  # type: ignore[attr-defined]
        return view

    return mark


def guard() -> Response | None:
    """Ask, before the view runs: who, from where, and by which right. Opens `g.session`, sets `g.asker`, `g.project`.

    A view that states no right is refused (500). A project named by `key` in the address is loaded once.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # no such address: 404, or 405
    right: Right | None = getattr(view, "right", None)
    if right is None:
        abort(500, f"{request.endpoint} states no right.")
    if request.method not in SAFE and _is_cross_site():
        abort(403, "This form was sent from another site, so nothing was done. Open the page here and send it again.")
    if getattr(view, "asset", False):
        return None  # a file that is the same for everybody
    g.session = g.opened.enter_context(reading())
    g.sign_in, person = recognise(g.session, request.cookies.get(COOKIE, ""), current_app.config["SETTINGS"])
    g.asker = asker(g.session, person) if person else None
    if right is Right.ENTER:
        return None
    if g.asker is None:
        return _to_sign_in()
    g.project = _project(request.view_args or {})
    if not may(g.asker, right, g.project):
        abort(403, refusal(right))
    return None


COOKIE = "tandem_sign_in"


def refusal(right: Right) -> str:
    """The sentence for a right that is not held."""
    return f"You may not {right.value} now. If you need to, ask the project's lead or an administrator."


def _project(named: dict[str, Any]) -> Project | None:
    if "key" not in named:
        return None
    found = g.session.scalars(select(Project).where(col(Project.key) == named["key"])).one_or_none()
    if found is None or not may(g.asker, Right.SEE, found):
        abort(404)
    return found  # type: ignore[no-any-return]


def _is_cross_site() -> bool:
    """Whether the browser says that the request comes from elsewhere; the form's token is asked for as well."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _to_sign_in() -> Response:
    url = url_for("people.sign_in_form", next=_return_to())
    if request.headers.get("HX-Request") == "true":
        return Response(status=401, headers={"HX-Redirect": url})  # never a sign-in page inside a table cell
    return redirect(url, 303)


def _return_to() -> str:
    """The page to come back to after signing in: this one, or the page from which a form was sent."""
    if request.method in SAFE and request.headers.get("HX-Request") != "true":
        return request.full_path.rstrip("?")
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return f"{parts.path}?{parts.query}".rstrip("?") if parts.netloc == request.host else "/"


def watch(app: Flask) -> None:
    """Put the guard in front of every view of `app`, and close what it opened."""

    def open_() -> None:
        g.opened, g.asker, g.project, g.sign_in = ExitStack(), None, None, None

    def close(_: BaseException | None) -> None:
        if (opened := g.pop("opened", None)) is not None:
            opened.close()

    app.before_request(open_)
    app.before_request(guard)
    app.teardown_request(close)
    app.context_processor(lambda: {"may": may_here, "Right": Right, "me": g.get("asker"), "project": g.get("project")})


def may_here(right: Right, project: Project | None = None) -> bool:
    """Whether the person of this request may; on the request's project unless another is given. For templates."""
    return may(g.get("asker"), right, None if right in PORTAL_WIDE else project or g.get("project"))
