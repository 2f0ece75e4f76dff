"""Letters reach a real SMTP server on loopback, or the log."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from structlog.testing import capture_logs

from portal.clients.mail import LogMailer, MailError, MailUncertainError, SmtpMailer, mailer
from portal.core.config import MailConfig
from tests.servers import free_port


class Postman:
    """Keeps what it is given, or refuses."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer = "250 OK"
        self.greets = "250 OK"
        self.is_cut_off = False
        self.farewell = "221 Bye"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.greets.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.greets

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope)
        if self.is_cut_off:
            server.transport.close()
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


def test_the_last_call_comes_when_the_server_waits_for_the_text_and_not_before(postman: Postman, port: int) -> None:
    calls: list[int] = []
    sender = SmtpMailer("127.0.0.1", port, "none")
    postman.greets = "550 no such mailbox"
    with pytest.raises(MailError, match="no such mailbox"):
        sender.send(letter(), lambda: calls.append(len(postman.letters)))
    assert calls == []
    postman.greets = "250 OK"
    sender.send(letter(), lambda: calls.append(len(postman.letters)))
    assert calls == [0]
    assert len(postman.letters) == 1


def test_what_the_last_call_raises_stops_the_letter(postman: Postman, port: int) -> None:
    def stop() -> None:
        raise LookupError("somebody else has it")

    with pytest.raises(LookupError):
        SmtpMailer("127.0.0.1", port, "none").send(letter(), stop)
    assert postman.letters == []


def test_a_server_that_breaks_off_without_an_answer_leaves_doubt_and_a_refusal_does_not(
    postman: Postman, port: int
) -> None:
    sender = SmtpMailer("127.0.0.1", port, "none")
    postman.answer = "451 try again later"
    with pytest.raises(MailError) as refused:
        sender.send(letter())
    assert not isinstance(refused.value, MailUncertainError)
    postman.is_cut_off = True
    with pytest.raises(MailUncertainError):
        sender.send(letter())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for this machine in one file, as an authority would sign them."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", f"{path}.crt"]
    subprocess.run(made, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


class WarmedUp(Controller):
    """Asks itself whether it has started: with the context of a server, as the library does, it cannot ask over TLS."""

    def _trigger_server(self) -> None:
        with contextlib.ExitStack() as stack:
            ours = stack.enter_context(socket.create_connection((self.hostname, self.port), 5))
            if self.ssl_context:
                trusting = ssl.create_default_context()
                trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
                ours = stack.enter_context(trusting.wrap_socket(ours))
            ours.recv(1024)


@pytest.fixture(params=["starttls", "tls"])
def encrypting(request: pytest.FixtureRequest, postman: Postman, certificate: Path) -> Iterator[SmtpMailer]:
    """A mail server that takes letters only encrypted, and who writes to it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    starttls = {"tls_context": context, "require_starttls": True}
    how = starttls if request.param == "starttls" else {"ssl_context": context}
    server = WarmedUp(postman, hostname="127.0.0.1", port=free_port(), **how)
    server.start()
    yield SmtpMailer("127.0.0.1", server.port, request.param, timeout=5)
    server.stop()


def test_a_letter_crosses_encrypted_to_a_server_whose_certificate_is_known(
    postman: Postman, encrypting: SmtpMailer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    calls: list[bool] = []
    encrypting.send(letter(), lambda: calls.append(True))
    assert len(postman.letters) == 1
    assert calls == [True]


def test_a_server_with_a_certificate_that_nobody_knows_gets_nothing(postman: Postman, encrypting: SmtpMailer) -> None:
    with pytest.raises(MailError, match="certificate"):
        encrypting.send(letter())
    assert postman.letters == []


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
