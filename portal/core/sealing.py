"""Secrets that the site must read again, such as that of a code app: sealed with a key made of the site's own.

Somebody who has the database alone, or a copy of it, can read none of them. Fernet is AES-128-CBC with HMAC-SHA256; the
key is derived by HKDF (RFC 5869) for one purpose, so that it opens nothing else.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotOpenError(Exception):
    """This was sealed by another key, or damaged."""


def seal(text: str, secret_key: str, purpose: str) -> str:
    """The text, readable only with this key and for this purpose, which is the name of a room."""
    return _fernet(secret_key, purpose).encrypt(text.encode()).decode()


def opened(sealed: str, secret_key: str, purpose: str, *, max_age: int | None = None) -> str:
    """What was sealed, at most `max_age` seconds ago where given. Raises CannotOpenError."""
    try:
        return _fernet(secret_key, purpose).decrypt(sealed.encode(), ttl=max_age).decode()
    except (InvalidToken, ValueError) as error:
        raise CannotOpenError from error


def _fernet(secret_key: str, purpose: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"portal.{purpose}".encode()).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
