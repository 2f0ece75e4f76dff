"""Who somebody is at another service, read from what each kind of service says of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_ISSUER, LONGEST_SUBJECT, LONGEST_USERNAME = 300, 255, 255
LONGEST_NAME, LONGEST_EMAIL = 200, 254
NAMES_OF_USERS = {"mediawiki": ("username",), "github": ("login",)}
"""Where a kind says what somebody is called there, which only the server itself gives out."""
OPENID_NAMES = ("preferred_username", "nickname")
"""Where OpenID providers say it (OpenID Connect Core, 5.1)."""


class IdentityRefused(Exception):
    """What came back proves nothing. `code` names why: wrong_state, wrong_issuer, denied, wrong_client, wrong_code,
    wrong_token, swapped, no_identity, not_anew.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where the browser goes, and what it must bring back.

    `since`: when somebody is to show anew who they are, they must have signed in there after that second; 0 else.
    """

    address: str
    state: str
    nonce: str
    verifier: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class RemoteIdentity:
    """An account elsewhere. `issuer` and `subject` name it for good; `username` and `name` may be empty, and change.

    `email` is there only if the service says that it was confirmed.
    """

    issuer: str
    subject: str
    username: str
    name: str
    email: str


def identity_of(kind: str, issuer: str, claims: Mapping[str, Any]) -> RemoteIdentity:
    """What the claims or the profile of a service of this kind say. Raises IdentityRefused."""
    subject = _subject(kind, claims)
    # MediaWiki says 0 of somebody whom its central list does not know.
    if not subject or len(subject) > LONGEST_SUBJECT or len(issuer) > LONGEST_ISSUER or subject == "0":
        raise IdentityRefused("no_identity")
    called = [_text(claims, key, LONGEST_USERNAME) for key in NAMES_OF_USERS.get(kind, OPENID_NAMES)]
    username = next((one for one in called if one), "")
    name = _text(claims, "realname" if kind == "mediawiki" else "name", LONGEST_NAME) or username
    return RemoteIdentity(issuer, subject, username, name, _confirmed_email(kind, claims))


def _subject(kind: str, claims: Mapping[str, Any]) -> str:
    subject = claims.get("id" if kind == "github" else "sub")
    if kind == "github":
        return str(subject) if isinstance(subject, int) and not isinstance(subject, bool) else ""
    return subject if isinstance(subject, str) and subject.isprintable() else ""


def _confirmed_email(kind: str, claims: Mapping[str, Any]) -> str:
    """MediaWiki 1.39 tells the address whether it was confirmed or not; GitHub tells all of them with a mark each."""
    if kind == "github":
        return _primary_email(claims.get("emails"))
    mark = "confirmed_email" if kind == "mediawiki" else "email_verified"
    # Only the JSON word counts: some write "false", which is no falsehood in Python.
    return _text(claims, "email", LONGEST_EMAIL) if claims.get(mark) is True else ""


def _primary_email(emails: object) -> str:
    for one in emails if isinstance(emails, list) else ():
        if isinstance(one, dict) and one.get("primary") is True and one.get("verified") is True:
            return _text(one, "email", LONGEST_EMAIL)
    return ""


def _text(claims: Mapping[str, Any], key: str, longest: int) -> str:
    value = claims.get(key)
    value = value.strip() if isinstance(value, str) and len(value) <= 4 * longest else ""
    return value if value.isprintable() and len(value) <= longest else ""
