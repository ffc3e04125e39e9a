"""Alerts leave the house through real servers: a mail server, an HTTP server, a folder."""

import ipaddress
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.jobs.stored import NOW, store_case, store_clock, store_grave, store_letter

from feedback_nlp.jobs.alerts import acknowledge, raise_alerts
from feedback_nlp.jobs.outlets import PASSWORD, USER, Delivered, Digest, deliver
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.settings import Alerts, Mail
from feedback_nlp.store import tables as t
from feedback_nlp.store.alerts import remember_delivery, undelivered

HOUR = timedelta(hours=1)
SENDER, TO = "feedback@bank.example", ("officer@bank.example", "lead@bank.example")
HOOK = "TEST_WEBHOOK_URL"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Post:
    """A mail server's door: keeps what it takes, refuses whom it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()

    async def handle_RCPT(self, *args: Any) -> str:  # noqa: N802  the name aiosmtpd looks for
        envelope, address = args[2], args[3]
        if address in self.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


class Hook(BaseHTTPRequestHandler):
    """A web server that keeps what is posted and answers what it is told."""

    answer, bodies = 200, list[bytes]()

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.answer)
        if 300 <= self.answer < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    door = Post()
    server = Controller(door, hostname="127.0.0.1", port=free_port())  # it takes no port 0
    server.start()
    yield door, server.port
    server.stop()


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hook]]:
    handler = type("Fresh", (Hook,), {"answer": 200, "bodies": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    handler.url = f"http://127.0.0.1:{server.server_port}/hook?key=secret-key"  # type: ignore[attr-defined]
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def with_outlets(work: Workplace, **outlets: Any) -> Workplace:
    return replace(work, settings=replace(work.settings, alerts=Alerts(**outlets)))


def mail(port: int, **changes: Any) -> Mail:
    return replace(Mail("127.0.0.1", SENDER, TO, port=port, starttls=False), **changes)


def attempts(work: Workplace) -> dict[str, tuple[int, bool, str | None]]:
    """Give what is remembered of each outlet: attempts, whether delivered, error."""
    d = t.alert_delivery.c
    with work.engine.connect() as connection:
        rows = connection.execute(sa.select(d.outlet, d.attempts, d.delivered_at, d.error))
        return {row.outlet: (row.attempts, row.delivered_at is not None, row.error) for row in rows}


def counts(delivered: Delivered) -> dict[str, int]:
    return {sent.outlet: sent.alerts for sent in delivered.outlets}


def test_a_fresh_installation_finds_its_alerts_in_a_folder_beside_the_reports(work: Workplace) -> None:
    case_id = store_grave(work)
    raise_alerts(work, now=NOW)
    assert deliver(work, now=NOW).errors == ()
    folder = work.settings.reports.parent / "alerts"
    text, data = sorted(folder.iterdir(), key=lambda path: path.suffix, reverse=True)
    assert text.name.startswith("alerts_20260930_090000_") and text.suffix == ".txt"
    assert "自伤自杀" in text.read_text("utf-8")
    body = json.loads(data.read_text("utf-8"))
    assert [(row["rule"], row["level"], row["case_id"], row["answer_by"]) for row in body["alerts"]] == [
        ("self-harm", 3, case_id, "2026-09-30 10:00:00")
    ]


def test_a_second_run_sends_nothing_again_and_only_what_is_new(work: Workplace) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    assert counts(deliver(work, now=NOW)) == {"folder": 1}
    assert counts(deliver(work, now=NOW + HOUR)) == {"folder": 0}
    store_grave(work, "bb")
    raise_alerts(work, now=NOW + HOUR)
    assert counts(deliver(work, now=NOW + HOUR)) == {"folder": 1}


def test_only_grave_and_open_alerts_are_sent(work: Workplace) -> None:
    store_case(work, "cc", process=None)  # level 1
    store_clock(work, store_case(work, "bb"), NOW - HOUR)
    raise_alerts(work, now=NOW)
    with work.engine.connect() as connection:
        over = connection.scalar(sa.select(t.alert.c.id).where(t.alert.c.rule == "clock-over"))
    acknowledge(work, str(over), by="0417", note="", now=NOW)
    assert counts(deliver(work, now=NOW)) == {"folder": 0}
    assert not (work.settings.reports.parent / "alerts").exists()


def test_several_alerts_are_one_mail_that_begins_with_the_gravest(work: Workplace, post: tuple[Post, int]) -> None:
    door, port = post
    store_clock(work, store_case(work, "bb"), NOW - HOUR)
    store_grave(work, cue="不想活了")
    raise_alerts(work, now=NOW)
    delivered = deliver(with_outlets(work, mail=mail(port)), now=NOW, environ={})
    assert (delivered.errors, counts(delivered)) == ((), {"mail": 2})
    (one,) = door.mails
    assert one["Subject"] == "客户反馈预警：特急1条、紧急1条"
    assert (one["From"], one["To"]) == (SENDER, ", ".join(TO))
    assert one["Date"].datetime.isoformat() == "2026-09-30T09:00:00+08:00"
    text = one.get_content()
    assert text.index("不想活了") < text.index("超过期限")
    assert "来信全文" not in text


def test_more_alerts_than_fit_go_in_several_mails(work: Workplace, post: tuple[Post, int]) -> None:
    for number in range(5):
        store_grave(work, f"{number}a")
    raise_alerts(work, now=NOW)
    few = replace(work, policy=replace(work.policy, alerts=replace(work.policy.alerts, digest=2)))
    assert counts(deliver(with_outlets(few, mail=mail(post[1])), now=NOW, environ={})) == {"mail": 5}
    assert [mail["Subject"][-4:] for mail in post[0].mails] == ["特急2条", "特急2条", "特急1条"]


def test_a_webhook_gets_one_json_and_no_letter(work: Workplace, hook: type[Hook]) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    delivered = deliver(with_outlets(work, webhook=HOOK), now=NOW, environ={HOOK: hook.url})  # type: ignore[attr-defined]
    assert (delivered.errors, counts(delivered)) == ((), {"webhook": 1})
    (body,) = hook.bodies
    assert json.loads(body)["alerts"][0]["rule"] == "self-harm"
    assert "来信全文" not in body.decode()


def test_an_outlet_that_fails_keeps_nobody_waiting_and_is_tried_again(
    work: Workplace, hook: type[Hook], post: tuple[Post, int], tmp_path: Path
) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    hook.answer = 500
    broken = with_outlets(work, folder=tmp_path / "alerts", mail=mail(free_port()), webhook=HOOK)
    environ = {HOOK: hook.url}  # type: ignore[attr-defined]
    first = deliver(broken, now=NOW, environ=environ)
    assert counts(first) == {"folder": 1, "mail": 0, "webhook": 0}
    assert "mail server 127.0.0.1" in first.errors[0] and "answered 500" in first.errors[1]
    assert "secret-key" not in " ".join(first.errors)
    remembered = {name: row[:2] for name, row in attempts(work).items()}
    assert remembered == {"folder": (1, True), "mail": (1, False), "webhook": (1, False)}
    hook.answer = 204
    mended = with_outlets(work, folder=tmp_path / "alerts", mail=mail(post[1]), webhook=HOOK)
    second = deliver(mended, now=NOW + HOUR, environ=environ)
    assert (second.errors, counts(second)) == ((), {"folder": 0, "mail": 1, "webhook": 1})
    assert attempts(work) == {"folder": (1, True, None), "mail": (2, True, None), "webhook": (2, True, None)}


@pytest.mark.parametrize("answer", [301, 302, 307, 308, 400, 401, 503])
def test_an_answer_that_is_no_yes_is_an_error_and_no_redirect_is_followed(
    work: Workplace, hook: type[Hook], answer: int
) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    hook.answer = answer
    delivered = deliver(with_outlets(work, webhook=HOOK), now=NOW, environ={HOOK: hook.url})  # type: ignore[attr-defined]
    assert delivered.errors == (f"alerts: webhook {HOOK}: answered {answer}; ask whoever runs it",)
    assert len(hook.bodies) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is not set"),
        ("file:///etc/secret-key", "no http or https URL"),
        ("ftp://host/secret-key", "no http or https URL"),
        ("hook.bank.example/secret-key", "no http or https URL"),
        ("http://host/a secret-key", "no http or https URL"),
        ("http://host:port/secret-key", "check the address"),
        ("http://[::1/secret-key", "check the address"),
        (f"http://127.0.0.1:{free_port()}/secret-key", "refused"),
    ],
)
def test_a_webhook_that_cannot_work_is_named_by_its_variable_never_by_its_url(
    work: Workplace, url: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    store_grave(work)
    raise_alerts(work, now=NOW)
    (error,) = deliver(with_outlets(work, webhook=HOOK), now=NOW, environ={HOOK: url}).errors
    assert says in error and HOOK in error
    assert "secret-key" not in error


def test_a_server_that_hangs_up_is_an_error(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    store_grave(work)
    raise_alerts(work, now=NOW)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def hang_up() -> None:
            for _ in range(2):
                server.accept()[0].close()

        thread = Thread(target=hang_up)
        thread.start()
        outlets = with_outlets(work, mail=mail(port), webhook=HOOK)
        delivered = deliver(outlets, now=NOW, environ={HOOK: f"http://127.0.0.1:{port}/"})
        thread.join()
    assert len(delivered.errors) == 2


def test_a_recipient_the_server_refuses_is_named_and_the_others_get_their_mail_once(
    work: Workplace, post: tuple[Post, int]
) -> None:
    door, port = post
    store_grave(work)
    raise_alerts(work, now=NOW)
    door.refused = {TO[1]}
    outlets = with_outlets(work, mail=mail(port))
    store_grave(work, "bb")  # one mail each: what the first ran into is not forgotten over the second
    raise_alerts(work, now=NOW)
    few = replace(outlets, policy=replace(work.policy, alerts=replace(work.policy.alerts, digest=1)))
    (error,) = deliver(few, now=NOW, environ={}).errors
    assert TO[1] in error and TO[0] not in error
    assert counts(deliver(outlets, now=NOW + HOUR, environ={})) == {"mail": 0}
    assert len(door.mails) == 2


def test_when_all_recipients_are_refused_nothing_counts_as_sent(work: Workplace, post: tuple[Post, int]) -> None:
    door, port = post
    store_grave(work)
    raise_alerts(work, now=NOW)
    door.refused = set(TO)
    delivered = deliver(with_outlets(work, mail=mail(port)), now=NOW, environ={})
    assert counts(delivered) == {"mail": 0}
    assert TO[0] in delivered.errors[0] and TO[1] in delivered.errors[0]


def test_a_password_never_travels_unencrypted(work: Workplace, post: tuple[Post, int]) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    secrets = {USER: "robot", PASSWORD: "secret-password"}
    (error,) = deliver(with_outlets(work, mail=mail(post[1])), now=NOW, environ=secrets).errors
    assert "starttls = true" in error
    (error,) = deliver(with_outlets(work, mail=mail(post[1], starttls=True)), now=NOW, environ=secrets).errors
    assert "offers no encryption" in error
    assert "secret-password" not in error
    assert post[0].mails == []


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Post, int, Path]]:
    """Give a mail server that wants encryption and the password "right", and the certificate it shows."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, secret)
    door = Post()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        return AuthResult(success=login.password == b"right", handled=False)

    server = Controller(
        door,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    )
    server.start()
    yield door, server.port, pem
    server.stop()


def test_a_guarded_mail_server_gets_user_and_password_over_a_trusted_line_only(
    work: Workplace, guarded: tuple[Post, int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    door, port, pem = guarded
    store_grave(work)
    raise_alerts(work, now=NOW)
    outlets = with_outlets(work, mail=mail(port, starttls=True))
    secrets = {USER: "robot", PASSWORD: "right"}
    (error,) = deliver(outlets, now=NOW, environ=secrets).errors
    assert "certificate is not trusted" in error
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    (error,) = deliver(outlets, now=NOW, environ=secrets | {PASSWORD: "wrong-password"}).errors
    assert USER in error and "wrong-password" not in error
    assert door.mails == []
    assert counts(deliver(outlets, now=NOW, environ=secrets)) == {"mail": 1}
    assert len(door.mails) == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(work: Workplace, tmp_path: Path) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    (tmp_path / "file").touch()
    (error,) = deliver(with_outlets(work, folder=tmp_path / "file" / "alerts"), now=NOW).errors
    assert str(tmp_path / "file" / "alerts") in error


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from feedback_nlp.jobs.outlets import deliver
from feedback_nlp.jobs.workplace import open_workplace
from feedback_nlp.settings import Alerts, Settings

def kill(_connection, _cursor, statement, *_):
    if statement.startswith("INSERT INTO alert_delivery"):
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(sa.Engine, "before_cursor_execute", kill)
settings = Settings(folder=Path(sys.argv[1]), store_url=sys.argv[2], alerts=Alerts(webhook="TEST_WEBHOOK_URL"))
deliver(open_workplace(settings), now=datetime(2026, 9, 30, 9, 0))
"""


def test_a_run_killed_between_sending_and_remembering_sends_again(
    work: Workplace, hook: type[Hook], store_url: str, tmp_path: Path
) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    environ = {HOOK: hook.url}  # type: ignore[attr-defined]
    command = [sys.executable, "-c", KILLED, str(tmp_path), store_url]
    killed = subprocess.run(command, env=os.environ | environ, capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    assert len(hook.bodies) == 1
    assert counts(deliver(with_outlets(work, webhook=HOOK), now=NOW, environ=environ)) == {"webhook": 1}
    first, second = map(json.loads, hook.bodies)
    assert first["id"] == second["id"]


def test_news_in_an_alert_that_was_sent_is_sent_too(
    open_work: Callable[..., Workplace],
) -> None:
    work = open_work()
    case_id = store_grave(work)
    raise_alerts(work, now=NOW)
    deliver(work, now=NOW)
    store_letter(work, case_id, "letter-2", ("self_harm", "threat", "活不下去", 3))
    raise_alerts(work, now=NOW + HOUR)
    assert counts(deliver(work, now=NOW + HOUR)) == {"folder": 1}


def test_an_alert_that_says_something_else_by_the_time_it_was_sent_is_sent_again(work: Workplace) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    with work.engine.begin() as connection:
        rows = undelivered(connection, outlet="folder", least_level=1, limit=9)
        connection.execute(t.alert.update().values(message="又来一封"))  # while an outlet was sending
        remember_delivery(connection, rows, outlet="folder", at=NOW, error=None)
    assert counts(deliver(work, now=NOW)) == {"folder": 1}
    assert counts(deliver(work, now=NOW)) == {"folder": 0}


def test_a_delivery_with_other_words_about_the_same_alert_has_another_name(work: Workplace) -> None:
    store_grave(work)
    raise_alerts(work, now=NOW)
    with work.engine.begin() as connection:
        before = undelivered(connection, outlet="mail", least_level=1, limit=9)
        connection.execute(t.alert.update().values(message="又来一封"))
        after = undelivered(connection, outlet="mail", least_level=1, limit=9)
    names = work.policy.alerts.level_names
    first, again, other = Digest(NOW, before, names), Digest(NOW + HOUR, before, names), Digest(NOW, after, names)
    assert first.id == again.id != other.id
