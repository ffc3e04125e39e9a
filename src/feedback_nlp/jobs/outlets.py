"""Send alerts out of the house of tables: as files, by mail, to a webhook.

At least once: an alert counts as sent only after its outlet took it, and what an outlet refuses is tried again at the
next run. Several alerts go in one delivery. Messages hold masked cues and numbers of cases, never a letter.
"""

from __future__ import annotations

import email.policy
import hashlib
import http.client
import json
import os
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from feedback_nlp.errors import OperatorError
from feedback_nlp.jobs.workplace import SHANGHAI, Workplace
from feedback_nlp.settings import Mail, Settings
from feedback_nlp.store import alerts as store
from feedback_nlp.store.open import reading

TIMEOUT_SECONDS = 20
SMTPS_PORT = 465
USER, PASSWORD = "FEEDBACK_NLP_SMTP_USER", "FEEDBACK_NLP_SMTP_PASSWORD"  # names of environment variables
SHOWN = ("id", "level", "rule", "message", "case_id", "opened_at", "answer_by")


@dataclass(frozen=True, slots=True)
class Sent:
    """What one outlet did."""

    outlet: str  # folder, mail, webhook
    alerts: int  # taken by it in this run
    error: str | None = None  # what the operator has to put right; without secrets


@dataclass(frozen=True, slots=True)
class Delivered:
    """What all outlets did."""

    outlets: tuple[Sent, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        """Give what the operator has to put right."""
        return tuple(sent.error for sent in self.outlets if sent.error)


@dataclass(frozen=True, slots=True)
class Digest:
    """The alerts of one delivery, the gravest first."""

    made_at: datetime
    alerts: Sequence[Any]  # rows of ``store.alerts.undelivered``
    level_names: tuple[str, str, str]

    @property
    def id(self) -> str:
        """Name the delivery after what it says: sent twice, it has the same name; with news in it, another."""
        said = "\x1f".join(f"{row.id}\x1f{row.message}" for row in self.alerts)
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def title(self) -> str:
        """Give the subject line: how many alerts of each level."""
        levels = [row.level for row in self.alerts]
        counts = (f"{self.level_names[level - 1]}{levels.count(level)}条" for level in sorted({*levels}, reverse=True))
        return f"客户反馈预警：{'、'.join(counts)}"

    @property
    def text(self) -> str:
        """Give the whole delivery as lines to read."""
        lines = [f"{number}. {row.message}（预警编号 {row.id[:8]}）" for number, row in enumerate(self.alerts, 1)]
        made = f"{self.made_at:%Y-%m-%d %H:%M}"
        return "\n\n".join([f"{self.title}　{made}", *lines, "处理后请用 feedback-nlp alerts ack 登记。"]) + "\n"

    @property
    def json(self) -> str:
        """Give the whole delivery for a program; times are Asia/Shanghai."""
        rows = [{name: getattr(row, name) for name in SHOWN} for row in self.alerts]
        body = {"id": self.id, "title": self.title, "made_at": self.made_at, "text": self.text, "alerts": rows}
        return json.dumps(body, ensure_ascii=False, indent=1, default=lambda value: value.isoformat(sep=" "))


Send = Callable[[Digest], str | None]
"""Hands a digest over; gives what went partly wrong. Raises OperatorError where nothing was taken."""


def deliver(work: Workplace, *, now: datetime, environ: Mapping[str, str] = os.environ) -> Delivered:
    """Send the open alerts that an outlet has not sent yet; an outlet that fails stands in nobody else's way."""
    outlets = open_outlets(work.settings, environ=environ)
    return Delivered(tuple(_deliver(work, name, send, now) for name, send in outlets.items()))


def open_outlets(settings: Settings, *, environ: Mapping[str, str]) -> Mapping[str, Send]:
    """Make the outlets that the settings name."""
    named, outlets = settings.outlets, dict[str, Send]()
    if named.folder:
        outlets["folder"] = partial(to_folder, folder=named.folder)
    if named.mail:
        outlets["mail"] = partial(to_mail, mail=named.mail, environ=environ)
    if named.webhook:
        outlets["webhook"] = partial(to_webhook, variable=named.webhook, environ=environ)
    return outlets


def _deliver(work: Workplace, outlet: str, send: Send, now: datetime) -> Sent:
    """Send digest after digest until nothing is left, or one fails: the rest waits for the next run."""
    policy, count, problems = work.policy.alerts, 0, list[str]()
    order = {rule.id: place for place, rule in enumerate(policy.rule)}  # what calls for the same stands together
    while True:
        with reading(work.engine) as connection:
            rows = store.undelivered(connection, outlet=outlet, least_level=policy.send_from, limit=policy.digest)
        if not rows:
            break
        rows.sort(key=lambda row: (-row.level, order.get(row.rule, len(order)), row.opened_at, row.id))
        try:
            error, at = send(Digest(now, rows, policy.level_names)), now
        except OperatorError as refused:
            error, at = str(refused), None
        with work.engine.begin() as connection:
            store.remember_delivery(connection, rows, outlet=outlet, at=at, error=error)
        problems += [error] if error else []
        if at is None:
            break
        count += len(rows)
    return Sent(outlet, count, problems[0] if problems else None)


def to_folder(digest: Digest, *, folder: Path) -> None:
    """Write a digest as .txt and .json; each appears under its name only when it is complete."""
    name = f"alerts_{digest.made_at:%Y%m%d_%H%M%S}_{digest.id}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, content in ((".txt", digest.text), (".json", digest.json)):
            partial_file = folder / f".{name}{suffix}.partial"
            partial_file.write_text(content, encoding="utf-8")
            partial_file.replace(folder / f"{name}{suffix}")
    except OSError as error:
        raise OperatorError(
            f"alerts: cannot write to {folder} ({error.strerror}); check the disk and its rights"
        ) from error


def to_mail(digest: Digest, *, mail: Mail, environ: Mapping[str, str]) -> str | None:
    """Send a digest as one mail to everybody; give whom the server refused, where it took others."""
    user, password = environ.get(USER, ""), environ.get(PASSWORD, "")
    if user and not (mail.starttls or mail.port == SMTPS_PORT):
        raise OperatorError(f"alerts: {USER} would travel unencrypted; set starttls = true in [alerts.mail]")
    where = f"alerts: mail server {mail.host}:{mail.port}"
    try:
        with _connect(mail) as server:
            if user:
                server.login(user, password)
            refused = server.send_message(_message(digest, mail))
    except smtplib.SMTPException as error:
        raise OperatorError(f"{where}: {_refusal(error)}") from error
    except OSError as error:
        raise OperatorError(f"{where}: {_reason(error)}; check host, port and network") from error
    return f"{where}: refused {', '.join(sorted(refused))}; correct `to` in [alerts.mail]" if refused else None


def _connect(mail: Mail) -> smtplib.SMTP:
    """Open the connection; whatever goes wrong before it is handed over closes it."""
    context = ssl.create_default_context()  # a bank's own authority: SSL_CERT_FILE
    if mail.port == SMTPS_PORT:
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_SECONDS)
    if mail.starttls:
        try:
            server.starttls(context=context)
        except OSError:
            server.close()
            raise
    return server


def _message(digest: Digest, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = digest.title
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Date"] = digest.made_at.replace(tzinfo=SHANGHAI)
    message["Message-ID"] = f"<{digest.id}@feedback-nlp.invalid>"  # sent twice, mail programs can show it once
    message["Auto-Submitted"] = "auto-generated"  # or every absence note comes back
    message.set_content(digest.text, cte="base64")
    return message


def _refusal(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"refused user or password ({error.smtp_code}); check {USER} and {PASSWORD}"
        case smtplib.SMTPNotSupportedError():
            return "offers no encryption or no login; starttls = false is for servers in the bank's own network only"
        case smtplib.SMTPRecipientsRefused():
            return f"refused {', '.join(sorted(error.recipients))}; correct `to` in [alerts.mail]"
        case smtplib.SMTPResponseException():
            said = (
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            return f"refused the mail ({error.smtp_code} {said[:120]}); ask whoever runs it"
    return f"broke off ({type(error).__name__}); check host and port"


class _NoRedirect(HTTPRedirectHandler):
    """A redirect could carry alerts to where nobody decided to send them."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: the answer then counts as an error."""


def to_webhook(digest: Digest, *, variable: str, environ: Mapping[str, str]) -> None:
    """Post a digest as JSON; no error names the URL, which usually holds the key to it."""
    where, url = f"alerts: webhook {variable}", environ.get(variable, "")
    if not url:
        raise OperatorError(f"{where}: this environment variable with the URL is not set")
    if not re.match(r"https?://[^\s/]", url) or re.search(r"[\s\x00-\x1f]", url):
        raise OperatorError(f"{where}: is no http or https URL")
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "feedback-nlp"}
    try:
        request = Request(url, data=digest.json.encode(), headers=headers, method="POST")
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(1)
    except HTTPError as error:
        error.close()
        raise OperatorError(f"{where}: answered {error.code}; ask whoever runs it") from None
    except URLError as error:
        raise OperatorError(f"{where}: {_reason(error.reason)}; check the address and the network") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OperatorError(f"{where}: {_reason(error)}; check the address and the network") from None


def _reason(error: object) -> str:
    """Say what went wrong, never with the words of an exception that may quote a URL."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "does not answer in time"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
