"""Mail: handed over, then marked; a server that fails leaves everything waiting and says why."""

from __future__ import annotations

import base64
import socketserver
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as manner
from hypothesis import strategies as some
from sqlalchemy import select

from portal import cli
from portal.config import Mail, Misconfigured, Settings, from_environment
from portal.config import mail as mail_setting
from portal.db import reading, signed
from portal.models import Person, now
from portal.programme import Notice
from portal.stages import Role
from portal.telling.actions import Told, choose, mark_read, tell, write
from portal.telling.mail import Letter, composed, deliver, line

SECRET = "a-password-of-ours"


class Server(socketserver.ThreadingTCPServer):
    """A mail server of this test: keeps what it takes, and fails as it is told."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, refuses: str = "", signs_in: bool = False, busy_after: int = 99) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.refuses, self.signs_in, self.busy_after = refuses, signs_in, busy_after
        self.taken: list[bytes] = []
        self.credentials: list[str] = []


class Talk(socketserver.StreamRequestHandler):
    """The server's side of SMTP (RFC 5321), as far as a sender needs it."""

    server: Server

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("220 here")
        while heard := self.rfile.readline().decode().strip():
            verb = heard.split()[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "EHLO":
                self.say("250-here\r\n250 AUTH PLAIN" if self.server.signs_in else "250 here")
            elif verb == "AUTH":
                said = base64.b64decode(heard.split()[2]).decode()
                self.server.credentials.append(said)
                self.say("235 in" if said.endswith(SECRET) else f"535 wrong {said[-len('wrong') :]}")
            elif verb == "RCPT" and self.server.refuses and self.server.refuses in heard:
                self.say("550 no such mailbox")
            elif verb == "DATA":
                self.take()
            else:
                self.say("250 ok")

    def take(self) -> None:
        if len(self.server.taken) >= self.server.busy_after:
            self.connection.close()  # in the middle of it
            return
        self.say("354 go on")
        lines = []
        while (read := self.rfile.readline()) != b".\r\n":
            lines.append(read)
        self.server.taken.append(b"".join(lines))
        self.say("250 taken")


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """A function that starts a mail server."""
    running = []

    def start(**manner: object) -> Server:
        made = Server(**manner)  # type: ignore[arg-type]
        running.append(made)
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return made

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def by(server: Server, settings: Settings, user: str = "", password: str = "") -> Settings:
    port = server.server_address[1]
    return replace(settings, mail=Mail("smtp", host="127.0.0.1", port=port, user=user, password=password))


def notify(people: dict[Role, Person], *roles: Role, subject: str = "Told", **more: str) -> None:
    with signed("tests", "tell") as session:
        for role in roles:
            tell(session, [people[role].id], Told(subject, more.get("text", "Why."), more.get("link", "/projects/A")))


def want(people: dict[Role, Person], role: Role, digest: str) -> None:
    with signed("tests", "choose") as session:
        choose(session, people[role], digest)


def mailed() -> list[bool]:
    with reading() as session:
        return [n.mailed_at is not None for n in session.scalars(select(Notice).order_by(Notice.at))]  # type: ignore[arg-type]


def read(taken: bytes) -> Message:
    return message_from_bytes(taken, policy=default)


def test_without_the_setting_nothing_leaves(settings: Settings, people: dict[Role, Person]) -> None:
    notify(people, Role.GMP)
    assert deliver(settings).sent == 0
    assert mailed() == [False]


def test_a_letter_is_handed_over_once(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve(signs_in=True)
    portal = replace(by(server, settings, user="tandem", password=SECRET), address="https://t.example")
    notify(people, Role.GMP, subject="Gate G1 was decided: é", text="Because\nof this.", link="/projects/A/gates")
    assert deliver(portal) == deliver(replace(portal, mail=None)).__class__(1, 0, ())
    assert mailed() == [True]
    assert deliver(portal).sent == 0
    (letter,) = map(read, server.taken)
    assert letter["Subject"] == "Gate G1 was decided: é"
    assert letter["To"] == f"{people[Role.GMP].name} <{people[Role.GMP].email}>"
    body = letter.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "of this." in body
    assert "https://t.example/projects/A/gates" in body
    assert server.credentials == [f"\0tandem\0{SECRET}"]


def test_a_digest_is_one_letter_a_day_and_never_is_none(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve()
    portal = by(server, settings)
    want(people, Role.GMP, "daily")
    want(people, Role.QUALITY, "never")
    notify(people, Role.GMP, Role.GMP, Role.QUALITY)
    assert deliver(portal).sent == 0
    assert deliver(portal, daily=True).sent == 1
    assert read(server.taken[0])["Subject"] == "Tandem: 2 notices"
    assert sorted(mailed()) == [False, True, True]
    assert deliver(portal, daily=True).sent == 0


def test_what_was_read_is_old_or_goes_to_nobody_is_not_mailed(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve()
    notify(people, Role.GMP, Role.QUALITY, Role.REVIEWER, Role.CLINICIAN)
    with signed("tests", "as it is") as session:
        of = {n.person_id: n for n in session.scalars(select(Notice))}
        mark_read(session, people[Role.GMP], of[people[Role.GMP].id].id)
        of[people[Role.QUALITY].id].at = now() - timedelta(days=15)
        for role, name, value in ((Role.REVIEWER, "active", False), (Role.CLINICIAN, "demo", True)):
            setattr(session.get(Person, people[role].id), name, value)
    assert deliver(by(server, settings)).sent == 0
    assert deliver(replace(by(server, settings), demo=True)).sent == 1, "a demo mails its people"


def test_a_refused_reader_keeps_nobody_else_waiting(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve(refuses=people[Role.GMP].email)
    notify(people, Role.GMP, Role.QUALITY)
    done = deliver(by(server, settings))
    assert (done.sent, done.waiting) == (1, 1)
    assert "550 no such mailbox" in done.why[0]
    assert sorted(mailed()) == [False, True]


def test_a_server_that_breaks_off_leaves_the_rest_waiting(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve(busy_after=1)
    notify(people, Role.GMP, Role.QUALITY, Role.REVIEWER)
    done = deliver(by(server, settings))
    assert (done.sent, done.waiting) == (1, 2)
    assert "broke off" in done.why[0]
    server.busy_after = 99
    assert deliver(by(server, settings)).sent == 2


def test_a_server_that_is_not_there_is_named(settings: Settings, people: dict[Role, Person]) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Talk) as probe:
        port = probe.server_address[1]
    notify(people, Role.GMP)
    done = deliver(replace(settings, mail=Mail("smtp", host="127.0.0.1", port=port)))
    assert (done.sent, done.waiting) == (0, 1)
    assert f"127.0.0.1:{port} cannot be reached" in done.why[0]
    assert mailed() == [False]


def test_a_password_is_never_said_nor_sent_in_the_clear(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(signs_in=True)
    notify(people, Role.GMP)
    done = deliver(by(server, settings, user="tandem", password="wrong"))
    assert "takes no sign-in" in done.why[0]
    assert "wrong" not in done.why[0].replace("535", ""), "the server repeats it, we do not"
    monkeypatch.setattr("portal.telling.mail.LOOPBACK", frozenset())
    before = len(server.credentials)
    done = deliver(by(server, settings, user="tandem", password=SECRET))
    assert "offers no encryption, so the password was not sent" in done.why[0]
    assert len(server.credentials) == before
    assert mailed() == [False]


def test_a_folder_gets_a_private_file_a_letter(settings: Settings, people: dict[Role, Person], tmp_path: Path) -> None:
    folder = tmp_path / "out" / "mail"
    notify(people, Role.GMP, Role.QUALITY)
    assert deliver(replace(settings, mail=Mail("file", folder))).sent == 2
    files = list(folder.iterdir())
    assert [f.suffix for f in files] == [".eml", ".eml"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert read(files[0].read_bytes())["Subject"] == "Told"
    (tmp_path / "blocked").write_text("")
    notify(people, Role.GMP)
    done = deliver(replace(settings, mail=Mail("file", tmp_path / "blocked" / "mail")))
    assert (done.sent, done.waiting) == (0, 1)
    assert "cannot be written" in done.why[0]


def test_an_address_that_cannot_be_mailed_keeps_nobody_waiting(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve()
    for role, email in ((Role.GMP, "a,b@x.example"), (Role.REVIEWER, "é@x.example")):
        with signed("tests", "odd") as session:
            session.get(Person, people[role].id).email = email  # type: ignore[union-attr]
    notify(people, Role.GMP, Role.REVIEWER, Role.QUALITY)
    done = deliver(by(server, settings))
    assert (done.sent, done.waiting) == (1, 2)
    assert "cannot be mailed" in done.why[0]


# ---------------------------------------------------------------- headers cannot be injected

ANY = some.text(max_size=60) | some.sampled_from(
    [
        "Told\r\nBcc: all@x.example",
        "a\nb",
        "\u2028Bcc: x@x.example",
        "\x0bSubject: b",
        "=?utf-8?q?=0AX:1?=",
        "=??Q?=0A0",
    ]
)


@manner(suppress_health_check=[HealthCheck.too_slow])
@given(ANY, ANY, ANY, ANY)
def test_nothing_told_becomes_a_header(subject: str, text: str, link: str, name: str) -> None:
    person = Person(name=name, email="a@x.example", roles=[])
    notice = Notice(person_id=person.id, subject=subject, text=text, link=link)
    made = composed(Mail("console"), "https://t.example", Letter(person, (notice,)))
    head, _, _ = made.as_bytes().partition(b"\r\n\r\n")
    read_again = message_from_bytes(made.as_bytes(), policy=default)
    wanted = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"}
    assert {k for k in read_again if not k.startswith(("Content-", "MIME-"))} == wanted
    assert len(read_again.get_all("To", [])) == len(read_again.get_all("Subject", [])) == 1
    assert [a.addr_spec for a in read_again["To"].addresses] == ["a@x.example"]
    assert b"\nBcc:" not in head


@given(some.text())
def test_a_line_is_one_printable_line(text: str) -> None:
    assert line(text).isprintable()
    assert len(line(text).splitlines()) <= 1
    assert line(line(text)) == line(text)


def test_links_lead_into_the_portal_or_are_left_out() -> None:
    for link in ("//evil.example/x", "https://evil.example/x", "javascript:x"):
        notice = Notice(person_id=Person(name="A", email="a@x.example").id, subject="S", link=link)
        person = Person(name="A", email="a@x.example")
        made = composed(Mail("console"), "https://t.example", Letter(person, (notice,)))
        assert link not in made.get_content()


# ---------------------------------------------------------------- settings and command


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("", None),
        ("console:", Mail("console")),
        ("smtp://h.example", Mail("smtp", host="h.example", port=587)),
        ("smtps://u:p%40w@h.example:99", Mail("smtps", Path(), "h.example", 99, "u", "p@w")),
    ],
)
def test_the_setting_is_read(text: str, is_: Mail | None) -> None:
    assert mail_setting(text) == is_


@pytest.mark.parametrize(
    "text",
    ["yes", "file:", "console:x", "smtp:", "smtp://", "smtp://u@h", "smtp://:p@h", "smtp://h:x", "http://h", "smtp://h/x"],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="TANDEM_MAIL must be"):
        mail_setting(text)


def test_no_message_of_a_setting_repeats_a_password() -> None:
    with pytest.raises(Misconfigured) as why:
        mail_setting(f"smtp://u:{SECRET}@h:port")
    assert SECRET not in str(why.value)
    assert SECRET not in repr(mail_setting(f"smtp://u:{SECRET}@h"))
    for sender in ("a\nBcc: x@x", "nobody", "a@b@c", "a b@c"):
        with pytest.raises(Misconfigured, match="TANDEM_MAIL_FROM"):
            mail_setting("console:", sender)
    with pytest.raises(Misconfigured, match="TANDEM_ADDRESS"):
        from_environment({"DATABASE_URL": "sqlite:///x.db", "TANDEM_SECRET_KEY": "k" * 32, "TANDEM_ADDRESS": "ftp://x"})


def command(settings: Settings, *arguments: str, **environ: str) -> tuple[int, str]:
    said = {"DATABASE_URL": settings.database_url, "TANDEM_SECRET_KEY": "k" * 32, **environ}
    done = CliRunner().invoke(cli.portal, ["mail", *arguments], env=said)
    return done.exit_code, done.output


def test_the_command_hands_over_and_says_what_waits(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    notify(people, Role.GMP, Role.QUALITY)
    want(people, Role.QUALITY, "daily")
    assert command(settings, TANDEM_MAIL="") == (
        1, "Error: No mail is sent here: TANDEM_MAIL is empty. Say file:<folder> or smtp://… .\n",
    )  # fmt: skip
    server = serve(refuses="@", signs_in=True)
    url = f"smtp://tandem:{SECRET}@127.0.0.1:{server.server_address[1]}"
    status, said = command(settings, TANDEM_MAIL=url)
    assert status == 1
    assert "Handed over: 0. Waiting: 1." in said
    assert "550" in said
    assert SECRET not in said
    server.refuses = ""
    assert command(settings, TANDEM_MAIL=url) == (0, "Handed over: 1. Waiting: 0.\n")
    status, said = command(settings, "--daily", TANDEM_MAIL="console:")
    assert status == 0
    assert f"To: {people[Role.QUALITY].name.replace('(QP)', '')[:10]}" in said.replace('"', "")


def test_a_demo_puts_mail_into_its_folder_unless_told_otherwise(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TANDEM_MAIL", raising=False)
    monkeypatch.delenv("TANDEM_ADDRESS", raising=False)
    made = cli._mailing(replace(settings, var=tmp_path, port=5055))
    assert made.mail == Mail("file", tmp_path / "mail")
    assert made.address == "http://127.0.0.1:5055"
    monkeypatch.setenv("TANDEM_MAIL", "")
    assert cli._mailing(settings).mail is None


# ---------------------------------------------------------------- letters to an address


LETTER = Told("Ann invites you", "It holds until 14 Dec 2026.", "/invitations/a-token")


def write_to(address: str = "new@hospital.example", told: Told = LETTER) -> None:
    with signed("tests", "write") as session:
        write(session, address, told)


def letter() -> Notice:
    with reading() as session:
        return session.scalars(select(Notice)).one()


def test_a_letter_to_an_address_leaves_once_and_its_link_is_emptied(
    settings: Settings, people: dict[Role, Person], serve: Callable[..., Server]
) -> None:
    server = serve()
    portal = replace(by(server, settings), address="https://t.example")
    write_to()
    assert deliver(portal, daily=True).sent == 0, "no digest: it goes at once, alone"
    assert deliver(portal).sent == 1
    (sent,) = map(read, server.taken)
    assert sent["To"] == "new@hospital.example"
    body = sent.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "https://t.example/invitations/a-token" in body
    assert "It holds until 14 Dec 2026." in body
    assert "You are written to this once" in body
    assert "/notices" not in body, "who has no account has no page of notices"
    kept = letter()
    assert kept.mailed_at is not None
    assert (kept.subject, kept.link) == ("Ann invites you", "")
    assert deliver(portal).sent == 0


def test_a_letter_waits_for_a_server_with_its_link(settings: Settings, serve: Callable[..., Server]) -> None:
    server = serve(refuses="new@")
    write_to()
    found = deliver(by(server, settings))
    assert (found.sent, found.waiting) == (0, 1)
    assert letter().link == LETTER.link
    server.refuses = ""
    assert deliver(by(server, settings)).sent == 1


def test_a_letter_that_was_given_up_keeps_no_link(settings: Settings, people: dict[Role, Person]) -> None:
    write_to()
    notify(people, Role.GMP, link="/projects/A")
    with signed("tests", "time passes") as session:
        for notice in session.scalars(select(Notice)):
            notice.at = now() - timedelta(days=15)
    assert deliver(settings).sent == 0
    with reading() as session:
        assert {n.person_id is None: n.link for n in session.scalars(select(Notice))} == {
            True: "",
            False: "/projects/A",
        }


def test_an_address_that_cannot_be_mailed_is_said(settings: Settings, serve: Callable[..., Server]) -> None:
    write_to("n\u00e9@hospital.example")
    assert deliver(by(serve(), settings)).why == ("The e-mail address of somebody invited cannot be mailed; mend it.",)
