"""Letters reach a real SMTP server on loopback, or the log."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from structlog.testing import capture_logs

from portal.clients.mail import LogMailer, MailError, SmtpMailer, mailer
from portal.core.config import MailConfig
from tests.servers import free_port


class Postman:
    """Keeps what it is given, or refuses."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer = "250 OK"
        self.farewell = "221 Bye"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope)
        return self.answer

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return self.farewell


def knows(server: Any, session: Any, envelope: Any, mechanism: str, auth_data: Any) -> AuthResult:
    known = isinstance(auth_data, LoginPassword) and (auth_data.login, auth_data.password) == (b"portal", b"secret")
    return AuthResult(success=known, handled=known)


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def port(postman: Postman) -> Iterator[int]:
    with_auth = {"authenticator": knows, "auth_require_tls": False}
    server = Controller(postman, hostname="127.0.0.1", port=free_port(), **with_auth)
    server.start()
    yield server.port
    server.stop()


def letter() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Élodie wrote to you"
    message["From"] = "Portal <portal@example.org>"
    message["To"] = "Nora <nora@example.org>"
    message.set_content("Read it here: https://portal.example.org/pairings/1\n")
    return message


def test_a_letter_arrives(postman: Postman, port: int) -> None:
    SmtpMailer("127.0.0.1", port, "none").send(letter())
    (envelope,) = postman.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("portal@example.org", ["nora@example.org"])
    assert b"https://portal.example.org/pairings/1" in envelope.content


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_it_signs_in_when_there_is_a_user(postman: Postman, port: int) -> None:
    SmtpMailer("127.0.0.1", port, "none", "portal", "secret").send(letter())
    assert len(postman.letters) == 1
    with pytest.raises(MailError) as caught:
        SmtpMailer("127.0.0.1", port, "none", "portal", "wrong-password").send(letter())
    assert "wrong-password" not in str(caught.value)


def test_a_refused_letter_is_an_error(postman: Postman, port: int) -> None:
    postman.answer = "550 no such mailbox"
    with pytest.raises(MailError, match="no such mailbox"):
        SmtpMailer("127.0.0.1", port, "none").send(letter())


def test_a_server_without_encryption_gets_nothing_when_encryption_is_asked(postman: Postman, port: int) -> None:
    with pytest.raises(MailError, match="STARTTLS"):
        SmtpMailer("127.0.0.1", port).send(letter())
    with pytest.raises(MailError):
        SmtpMailer("127.0.0.1", port, "tls", timeout=2).send(letter())
    assert postman.letters == []


def test_an_accepted_letter_stays_accepted_though_the_farewell_fails(postman: Postman, port: int) -> None:
    postman.farewell = "421 going down"
    SmtpMailer("127.0.0.1", port, "none").send(letter())
    assert len(postman.letters) == 1


def test_no_server_is_an_error_that_says_where() -> None:
    port = free_port()
    with pytest.raises(MailError, match=f"127.0.0.1:{port}"):
        SmtpMailer("127.0.0.1", port, "none").send(letter())


def test_without_a_host_letters_go_to_the_log() -> None:
    by_log = mailer(MailConfig(), {})
    assert isinstance(by_log, LogMailer)
    with capture_logs() as lines:
        by_log.send(letter())
    assert lines[0]["to"] == "Nora <nora@example.org>"
    assert lines[0]["subject"] == "Élodie wrote to you"
    assert "https://portal.example.org/pairings/1" in lines[0]["text"]


def test_the_password_comes_from_the_environment_and_is_not_shown() -> None:
    config = MailConfig(host="mail.example.org", user="portal", password_env="MAIL_PASSWORD", security="tls", port=465)
    made = mailer(config, {"MAIL_PASSWORD": "secret"})
    assert made == SmtpMailer("mail.example.org", 465, "tls", "portal", "secret", 20)
    assert "secret" not in repr(made)
