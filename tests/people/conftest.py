"""What the stories about people share."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest


class Postbox:
    """A mail server that keeps what it is sent, or is out of order."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.is_broken = False
        self.meanwhile: Any = None

    def send(self, message: EmailMessage, last_call: Any = lambda: None) -> None:
        if self.is_broken:
            raise OSError("connection refused")
        last_call()
        self.sent.append(message)
        if self.meanwhile:
            self.meanwhile()


@pytest.fixture
def post() -> Postbox:
    """The mail server of the site under test: hand it in as `clients=SimpleNamespace(mailer=post)`."""
    return Postbox()
