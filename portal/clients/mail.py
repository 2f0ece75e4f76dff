"""Letters leave through one door: an SMTP server, or the log while none is configured."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal, Protocol

import structlog

from portal.core.config import MailConfig

log = structlog.get_logger()


class MailError(Exception):
    """A letter was not accepted. The message says what the mail server said; trying later may help."""


class MailUncertainError(MailError):
    """The mail server was given a letter and broke off before it answered: it may have it or not."""


LastCall = Callable[[], None]


def _nothing() -> None:
    pass


class Mailer(Protocol):
    """Something that takes letters."""

    def send(self, message: EmailMessage, last_call: LastCall = _nothing) -> None:
        """Hand over one complete letter. Raises MailError, or MailUncertainError which says that nobody knows.

        `last_call` is called once, at the last moment before the first word of the letter leaves. What it raises stops
        the letter, and until it is called certainly nothing has been sent.
        """
        ...


class _Dialogue:
    """Knows where a dialogue stands. smtplib sends a letter's text by `data`, after sender and receiver were agreed."""

    last_call: LastCall = staticmethod(_nothing)
    awaits_answer = False

    def data(self, msg: Any) -> Any:
        """Send the text of a letter; the server's answer."""
        self.last_call()
        self.awaits_answer = True
        try:
            answer = super().data(msg)  # type: ignore[misc]  # smtplib's, beside which this stands
        except smtplib.SMTPDataError:
            self.awaits_answer = False
            raise
        # It has said yes or no. What else ends the dialogue here leaves the letter's fate unknown.
        self.awaits_answer = False
        return answer


class _Server(_Dialogue, smtplib.SMTP):
    pass


class _TlsServer(_Dialogue, smtplib.SMTP_SSL):
    pass


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """An SMTP server. It signs in when there is a user; `timeout` is in seconds and holds for each step."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20

    def send(self, message: EmailMessage, last_call: LastCall = _nothing) -> None:
        """Hand over one complete letter. Raises MailError, or MailUncertainError when the answer to it is missing."""
        try:
            server = self._connect()
        except (OSError, ValueError) as error:
            raise MailError(f"{self.host}:{self.port}: {error}") from error
        server.last_call = last_call
        try:
            self._hand_over(server, message)
        except (OSError, ValueError) as error:
            kind = MailUncertainError if server.awaits_answer else MailError
            raise kind(f"{self.host}:{self.port}: {error}") from error
        finally:
            # Once the letter is accepted, a farewell that fails must not have it sent again.
            with contextlib.suppress(OSError):
                server.quit()
            server.close()

    def _connect(self) -> _Server | _TlsServer:
        if self.security == "tls":
            context = ssl.create_default_context()
            return _TlsServer(self.host, self.port, timeout=self.timeout, context=context)
        return _Server(self.host, self.port, timeout=self.timeout)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        server.send_message(message)


class LogMailer:
    """Writes letters to the log: a fresh site and the demo work without a mail server."""

    def send(self, message: EmailMessage, last_call: LastCall = _nothing) -> None:
        """Log the whole letter, links included: whoever reads the log of such a site runs it."""
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        last_call()
        log.info("letter", to=str(message["To"]), subject=str(message["Subject"]), text=text)


def mailer(config: MailConfig, environ: Mapping[str, str]) -> Mailer:
    """The mailer that [mail] asks for; the password comes from the environment."""
    if not config.host:
        return LogMailer()
    password = environ.get(config.password_env, "") if config.password_env else ""
    return SmtpMailer(config.host, config.port, config.security, config.user, password, config.timeout)
