"""The commands under `dossiers portal`: serve, upgrade, seed, crowd, demo, mail, house."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from threading import Thread
from typing import NoReturn

import click
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from dossiers.binder import ProjectFault
from dossiers.outlines import outlines, texts
from dossiers.stage import ROAD, Stage
from portal.config import Mail, Misconfigured, Settings, from_environment
from portal.db import Refused, use
from portal.rights import RULES, Right
from portal.stages import GATES, MOVES, Role

EVERY = 15.0  # seconds between two rounds of the demo's mail


@click.group()
def portal() -> None:
    """The portal: people, projects, gates and documents in a browser."""


@contextmanager
def _spoken() -> Iterator[None]:
    """Turn what a person can mend into one sentence and exit status 1."""
    try:
        yield
    except (Misconfigured, ProjectFault) as why:
        raise click.ClickException(str(why)) from None
    except OperationalError as why:
        raise click.ClickException(
            f"The database cannot be reached: {str(why.orig).strip()}. Check DATABASE_URL."
        ) from None


def _settings() -> Settings:
    return from_environment(os.environ)


def _upgrade(settings: Settings) -> None:
    from portal.migrations import run

    run.upgrade(use(settings.database_url))


@portal.command()
def upgrade() -> None:
    """Bring the database to the newest form."""
    with _spoken():
        _upgrade(_settings())
        click.echo("The database is up to date.")


@portal.command()
def seed() -> None:
    """Add the demo's people and projects that are not there yet."""
    from portal import seeding

    with _spoken():
        settings = _settings()
        _upgrade(settings)
        _told(seeding.seed())


@portal.command()
@click.option("--projects", type=click.IntRange(1, 99_999), default=10_000, show_default=True)
@click.option("--facts", type=click.IntRange(0), default=200_000, show_default=True, help="Values in their records.")
@click.option("--people", type=click.IntRange(1, 99_999), default=1_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same number gives the same crowd.")
def crowd(projects: int, facts: int, people: int, seed: int) -> None:
    """Lay a crowd of invented projects into a database without real ones, to measure with. Nobody of it can sign in."""
    from portal.crowd import Size, lay
    from portal.models import now

    with _spoken():
        _upgrade(_settings())
        try:
            rows = lay(Size(projects, facts, people, seed), now(), click.echo)
        except Refused as why:
            raise click.ClickException(str(why)) from None
        click.echo(f"Written: {rows:,} rows. Every project, person and fact of them is invented.")


def _told(added: Iterable[str]) -> None:
    lines = list(added)
    for line in lines:
        click.echo(f"added  {line}")
    if not lines:
        click.echo("Nothing to add: people and demo projects are there.")


@portal.command()
@click.option("--host", help="Address to listen on (TANDEM_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on (TANDEM_PORT, 5000).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the portal until Ctrl+C."""
    with _spoken():
        settings = _settings()
        _serve(replace(settings, host=host or settings.host, port=port or settings.port))


@portal.command()
@click.option("--host", help="Address to listen on (TANDEM_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on (TANDEM_PORT, 5000).")
def demo(host: str | None, port: int | None) -> None:
    """Set up a demo once, print one sign-in per role, and serve. What people did in it before stays."""
    from portal import seeding

    with _spoken():
        settings = replace(_settings(), demo=True)
        settings = replace(settings, host=host or settings.host, port=port or settings.port)
        settings = _mailing(settings)
        _check_free(settings)
        _upgrade(settings)
        _told(seeding.seed())
        click.echo("\nSign in as one of these fictional people:\n")
        for account in seeding.accounts():
            click.echo(
                f"  {account.email:<32} {account.password:<22} {', '.join(role.label for role in account.roles)}"
            )
        Thread(target=_carry, args=(settings,), daemon=True).start()
        _serve(settings)


def _mailing(settings: Settings) -> Settings:
    """The settings of a demo: mail goes into a folder unless something else was said, and links lead to the demo."""
    if "TANDEM_ADDRESS" not in os.environ:
        settings = replace(settings, address=f"http://{settings.host}:{settings.port}")
    if "TANDEM_MAIL" in os.environ:
        return settings
    return replace(settings, mail=Mail("file", settings.var / "mail"))


def _carry(settings: Settings) -> NoReturn:
    """Hand over the demo's mail, again and again; a portal in use leaves that to cron and the command `mail`."""
    from portal.telling.mail import deliver

    while True:
        time.sleep(EVERY)
        try:
            for why in deliver(settings).why:
                click.echo(why, err=True)
        except SQLAlchemyError as broken:
            click.echo(f"The mail waits: {broken}", err=True)


@portal.command()
@click.option("--daily", is_flag=True, help="Send one letter to each person who wants a digest; for once a day.")
def mail(daily: bool) -> None:
    """Hand over the mail that waits, for cron: every few minutes, and with --daily once a day."""
    from portal.telling.mail import deliver

    with _spoken():
        settings = _settings()
        if settings.mail is None:
            raise click.ClickException("No mail is sent here: TANDEM_MAIL is empty. Say file:<folder> or smtp://… .")
        use(settings.database_url)
        done = deliver(settings, daily)
        click.echo(f"Handed over: {done.sent}. Waiting: {done.waiting}.")
        if done.why:
            raise click.ClickException(" ".join(done.why) + " What was not handed over waits for the next run.")


def _check_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as why:
            raise Misconfigured(
                f"Port {settings.port} of {settings.host} cannot be used ({why.strerror}). "
                "Stop what runs there, or choose another: TANDEM_PORT=5001."
            ) from None


def warm() -> None:
    """Load what the first document would wait seconds for: the plotting library, the section texts compiled."""
    import_module("dossiers.drawing")
    for outline in outlines():
        for section in outline.sections:
            if section.text:
                texts().get_template(f"{outline.id}/{section.text}")


def _serve(settings: Settings) -> None:
    import waitress

    from portal.app import create_app

    _check_free(settings)
    app = create_app(settings)
    Thread(target=warm, daemon=True).start()
    click.echo(f"\nTandem runs at http://{settings.host}:{settings.port} (Ctrl+C stops it)")
    waitress.serve(
        app, host=settings.host, port=settings.port, threads=8, ident=None, max_request_body_size=settings.largest_body
    )


@portal.command()
@click.argument("message")
@click.argument("revision")
def migration(message: str, revision: str) -> None:
    """Write a migration, such as `migration "Add review tables" 0002`: what the models have and the migrations lack."""
    from portal.migrations import run

    click.echo(run.write(message, revision))


# ---------------------------------------------------------------- the map of the house


@portal.command()
def house() -> None:
    """Print the tables the house stands on: stages, gates, moves, roles, rights."""
    for line in map_of_house():
        click.echo(line)


def map_of_house() -> Iterator[str]:
    """The lines of the map, out of the tables that the portal itself asks."""
    yield "Stages: " + " → ".join(stage.label for stage in ROAD) + "; beside the road: Stopped, On hold"
    yield "Roles:  " + ", ".join(role.label for role in Role)
    yield "\nGates"
    for gate in GATES.values():
        yield f"  {gate.id}  {gate.name:<22} at {gate.at.label:<18} chaired by {gate.chair.label:<20} {gate.question}"
    yield "\nMoves"
    for move in MOVES:
        target = move.target.label if move.target else "where it was before"
        judged = f"{move.gate} {move.verdict.label}" if move.verdict else ""
        yield f"  {move.name:<31} {_stages(move.source)} → {target}; {_roles(move.by)}  {judged}".rstrip()
    yield "\nRights"
    for right in Right:
        for rule in (rule for rule in RULES if rule.right is right):
            marks = [
                word for said, word in ((rule.member, "members only"), (rule.open_only, "not if confidential")) if said
            ]
            during = "" if rule.during == frozenset(Stage) else f"; {_stages(rule.during)}"
            yield f"  {right.value:<42} {_roles(rule.roles)}{during}{'; ' + ', '.join(marks) if marks else ''}"


def _stages(stages: Iterable[Stage]) -> str:
    held = frozenset(stages)
    return "any stage" if held == frozenset(Stage) else ", ".join(stage.label for stage in Stage if stage in held)


def _roles(roles: Iterable[Role]) -> str:
    held = frozenset(roles)
    return "everybody" if held == frozenset(Role) else ", ".join(role.label for role in Role if role in held)
