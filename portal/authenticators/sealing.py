"""The secrets of code apps, and what a browser is shown once, sealed as portal/core/sealing.py says."""

from __future__ import annotations

from portal.core import sealing
from portal.core.sealing import CannotOpenError

__all__ = ["CannotOpenError", "opened", "seal"]
PURPOSE = "authenticators"


def seal(text: str, secret_key: str) -> str:
    """The text, readable only with this key."""
    return sealing.seal(text, secret_key, PURPOSE)


def opened(sealed: str, secret_key: str, *, max_age: int | None = None) -> str:
    """What was sealed, at most `max_age` seconds ago where given. Raises CannotOpenError."""
    return sealing.opened(sealed, secret_key, PURPOSE, max_age=max_age)
