"""Letters leave through one door: an SMTP server, or the log while none is configured."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal, Protocol

import structlog

from portal.clients.deadlines import connected, deadline, watch
from portal.core.config import MailConfig

log = structlog.get_logger()


class MailError(Exception):
    """A letter was not accepted. The message says what the mail server said; trying later may help."""


class MailUncertainError(MailError):
    """The mail server was given a letter and broke off before it answered: it may have it or not."""


class MailRefusedError(MailError):
    """The mail server took the receiver or the text for bad for good (5xx): asking again would not help.

    `said` is its answer in its own words. `is_about_address`: the address is the reason; `is_about_sender`: who sends,
    so that the settings must be mended. Neither: what is said.
    """

    def __init__(self, place: str, answer: _Answer) -> None:
        super().__init__(f"{place}: {answer.words}")
        self.said = answer.words
        self.is_about_sender = answer.is_about_sender
        self.is_about_address = answer.is_about_address and not answer.is_about_sender


MOST_LINES = 500
"""An answer of a mail server has a line for each thing that it can do."""
STEPS = 6
"""A letter may take so many times as long as one step of it."""
NOT_NOW = 400
PERMANENT = 500
ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")
"""How the words of a mail server begin that says by RFC 3463 what it means."""
ABOUT_ADDRESS = frozenset({"0", "1", "2", "4"})
"""Just no; there is no such address; its mailbox takes nothing; no way leads there. The others speak of who sends, of
what is said, and of how."""
ABOUT_SENDER = frozenset({500, 502, 503, 504, 530, 534, 535, 538, 555})
"""Said to a receiver without such a word: we have not spoken, or not signed in, as the server wants it."""
ABOUT_TEXT = frozenset({554, *ABOUT_SENDER})
"""Said to the text: it is not liked, whoever it is for."""

RELAY = re.compile(r"\brelay", re.IGNORECASE)
"""A server that passes nothing on for us says so with many codes, but always with this word."""
SENDER_PROOFS = range(20, 30)
"""X.7.20 to X.7.29 (RFC 7372 and others): DKIM, SPF, DMARC or the name of our machine did not convince."""

LastCall = Callable[[], None]


def _nothing() -> None:
    pass


class Mailer(Protocol):
    """Something that takes letters."""

    def send(self, message: EmailMessage, last_call: LastCall = _nothing) -> None:
        """Hand over one complete letter. Raises MailError: MailUncertainError says that nobody knows, MailRefusedError
        that no later attempt can help.

        `last_call` is called once, at the last moment before the first word of the letter leaves. What it raises stops
        the letter, and until it is called certainly nothing has been sent.
        """
        ...

    def try_sender(self, sender: str) -> None:
        """Ask whether letters from this address are taken, and send none. Raises MailError."""
        ...


class _Dialogue:
    """Knows where a dialogue stands. smtplib sends a letter's text by `data`, after sender and receiver were agreed."""

    last_call: LastCall = staticmethod(_nothing)
    awaits_answer = False
    sock: Any
    file: Any

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        # smtplib's own hook for it.
        return connected(lambda: super(_Dialogue, self)._get_socket(host, port, timeout))  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        """One answer of the server, which may have many lines, but not without end."""
        self.file = _Lines(self.file or self.sock.makefile("rb"))
        try:
            return super().getreply()  # type: ignore[misc,no-any-return]
        finally:
            self.file = self.file and self.file.source

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


class _Lines:
    """The lines of one answer of a mail server."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self._left = MOST_LINES

    def readline(self, size: int) -> bytes:
        """The next line; none where it was cut off, whatever its beginning says. Raises OSError after too many."""
        self._left -= 1
        if self._left < 0:
            raise OSError(f"more than {MOST_LINES} lines in one answer")
        line: bytes = self.source.readline(size)
        return line if line.endswith(b"\n") or len(line) == size else b""

    def close(self) -> None:
        """End it."""
        self.source.close()


class _Server(_Dialogue, smtplib.SMTP):
    pass


class _TlsServer(_Dialogue, smtplib.SMTP_SSL):
    pass


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """An SMTP server. It signs in when there is a user; `timeout` is in seconds and holds for each step,
    six times as much for a whole letter.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20

    def send(self, message: EmailMessage, last_call: LastCall = _nothing) -> None:
        """Hand over one complete letter. Raises MailError: MailUncertainError when the answer to it is missing,
        MailRefusedError when it is no for good.
        """
        with self._dialogue() as server:
            server.last_call = last_call
            self._hand_over(server, message)

    def try_sender(self, sender: str) -> None:
        """Ask whether the server takes letters from this address, and send none. Raises MailError with its answer."""
        with self._dialogue() as server:
            self._greet(server)
            server.ehlo_or_helo_if_needed()
            code, said = server.mail(sender)
        if code >= NOT_NOW:
            raise MailError(f"{self.host}:{self.port}: {code} {_in_one_line(said)}")

    @contextlib.contextmanager
    def _dialogue(self) -> Iterator[_Server | _TlsServer]:
        """A server that listens. What fails in the block, or takes too long, is raised as the MailError it means."""
        server = None
        try:
            with deadline(STEPS * self.timeout):
                server = self._connect()
                yield server
        except (OSError, ValueError) as error:
            raise self._told(error, awaits_answer=bool(server and server.awaits_answer)) from error
        finally:
            if server:
                self._leave(server)

    def _leave(self, server: _Server | _TlsServer) -> None:
        # Once the letter is accepted, a farewell that fails must not have it sent again.
        with contextlib.suppress(OSError), deadline(self.timeout):
            watch(server.sock)
            server.quit()
        server.close()

    def _told(self, error: Exception, *, awaits_answer: bool) -> MailError:
        """What this end of the dialogue means for the letter."""
        place = f"{self.host}:{self.port}"
        answer = _answer_in(error)
        if answer and answer.code >= PERMANENT:
            return MailRefusedError(place, answer)
        return (MailUncertainError if awaits_answer else MailError)(f"{place}: {error}")

    def _connect(self) -> _Server | _TlsServer:
        if self.security == "tls":
            context = ssl.create_default_context()
            return _TlsServer(self.host, self.port, timeout=self.timeout, context=context)
        return _Server(self.host, self.port, timeout=self.timeout)

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        self._greet(server)
        server.send_message(message)

    def _greet(self, server: smtplib.SMTP) -> None:
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the mail server answered, to the receiver or to the text."""

    code: int
    said: str
    is_to_receiver: bool
    else_about: frozenset[int]
    """The codes that, without a word of RFC 3463, do not speak of the address."""

    @property
    def words(self) -> str:
        """All of it in one line."""
        return f"{self.code} {self.said}".strip()

    @property
    def is_about_address(self) -> bool:
        """Whether the address is the reason."""
        enhanced = ENHANCED.match(self.said)
        return enhanced[1] in ABOUT_ADDRESS if enhanced else self.code not in self.else_about

    @property
    def is_about_sender(self) -> bool:
        """Whether who sends is the reason. The text of a letter may be refused by 5.7.1 for what it says."""
        enhanced = ENHANCED.match(self.said)
        if enhanced and enhanced[1] == "7":
            return self.is_to_receiver or int(enhanced[2]) in SENDER_PROOFS
        return self.is_to_receiver and (self.code in ABOUT_SENDER or bool(RELAY.search(self.said)))


def _answer_in(error: Exception) -> _Answer | None:
    """What the mail server answered to the receiver (a letter of ours has one) or to the text.

    None for every other end of the dialogue: how we greet, sign in and call ourselves is mended by who runs the site.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _Answer(code, _in_one_line(said), True, ABOUT_SENDER)
    if isinstance(error, smtplib.SMTPDataError):
        return _Answer(error.smtp_code, _in_one_line(error.smtp_error), False, ABOUT_TEXT)
    return None


def _in_one_line(said: bytes | str) -> str:
    return " ".join((said.decode(errors="replace") if isinstance(said, bytes) else said).split())


class LogMailer:
    """Writes letters to the log: a fresh site and the demo work without a mail server."""

    def try_sender(self, sender: str) -> None:
        """The log takes letters from everybody."""

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
