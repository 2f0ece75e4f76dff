"""A real mail server on a port of its own, which keeps what it is given and can be made to do something meanwhile."""

from __future__ import annotations

import contextlib
import email
from collections.abc import Callable, Iterator
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers import free_port


class Postman:
    """What arrived, as complete letters. `at_door` and `with_letter` are called once each time somebody writes.

    `to_sender`, `to_receiver` and `to_text` are what it answers to each; `asked` are the receivers it was told.
    """

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.raw: list[bytes] = []
        self.asked: list[str] = []
        self.to_sender = self.to_receiver = self.to_text = "250 OK"
        self.port = 0
        self.at_door: Callable[[], None] = _nothing
        self.with_letter: Callable[[], None] = _nothing

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Somebody says who they are."""
        if self.to_sender.startswith("250"):
            envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Somebody says for whom a letter is; its text has not been sent."""
        self.at_door()
        self.asked.append(address)
        if self.to_receiver.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_receiver

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """The whole letter is here; who wrote it has no answer yet."""
        self.raw.append(envelope.content)
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))
        self.with_letter()
        return self.to_text

    def to(self, address: str) -> list[Any]:
        """The letters to this address, the oldest first."""
        return [one for one in self.letters if address in one["To"]]


@contextlib.contextmanager
def running_postman() -> Iterator[Postman]:
    """A mail server on loopback, without encryption; it ends with the block."""
    postman = Postman()
    server = Controller(postman, hostname="127.0.0.1", port=free_port())
    server.start()
    postman.port = server.port
    try:
        yield postman
    finally:
        server.stop()


def _nothing() -> None:
    pass
