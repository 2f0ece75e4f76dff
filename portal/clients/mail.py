"""Letters leave through one door: an SMTP server, or the log while none is configured."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal, Protocol

import structlog

from portal.core.config import MailConfig

log = structlog.get_logger()


class MailError(Exception):
    """A letter was not accepted. The message says what the mail server said; trying later may help."""


class Mailer(Protocol):
    """Something that takes letters."""

    def send(self, message: EmailMessage) -> None:
        """Hand over one complete letter. Raises MailError."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """An SMTP server. It signs in when there is a user; `timeout` is in seconds and holds for each step."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20

    def send(self, message: EmailMessage) -> None:
        """Hand over one complete letter. Raises MailError."""
        try:
            server = self._connect()
        except (OSError, ValueError) as error:
            raise MailError(f"{self.host}:{self.port}: {error}") from error
        try:
            self._hand_over(server, message)
        except (OSError, ValueError) as error:
            raise MailError(f"{self.host}:{self.port}: {error}") from error
        finally:
            # Once the letter is accepted, a farewell that fails must not have it sent again.
            with contextlib.suppress(OSError):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        server.send_message(message)


class LogMailer:
    """Writes letters to the log: a fresh site and the demo work without a mail server."""

    def send(self, message: EmailMessage) -> None:
        """Log the whole letter, links included: whoever reads the log of such a site runs it."""
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        log.info("letter", to=str(message["To"]), subject=str(message["Subject"]), text=text)


def mailer(config: MailConfig, environ: Mapping[str, str]) -> Mailer:
    """The mailer that [mail] asks for; the password comes from the environment."""
    if not config.host:
        return LogMailer()
    password = environ.get(config.password_env, "") if config.password_env else ""
    return SmtpMailer(config.host, config.port, config.security, config.user, password, config.timeout)
