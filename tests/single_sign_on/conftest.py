"""A site whose people sign in at services on loopback, and browsers that walk there and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import func, select

from portal.people.models import Person, UserSession
from portal.single_sign_on.models import LinkedIdentity
from tests import make
from tests.fakes.providers import CLIENT, SECRET, FakeGitHub, FakeMediaWiki, FakeOpenId, FakeProvider

NEWCOMER = {"username": "ana", "display_name": "Ana Lima", "email": "ana@example.org", "language": "en"}


def settings_of(*providers: tuple[str, str, FakeProvider], more: str = "") -> str:
    """Slug, kind and server of each."""
    tables = (
        f'[[sign_in]]\nslug = "{slug}"\nkind = "{kind}"\nname = "{slug.title()}"\nurl = "{server.url}"\n'
        f'client_id = "{CLIENT}"\nclient_secret_env = "SIGN_IN_SECRET"\n'
        for slug, kind, server in providers
    )
    return "\n".join([more, *tables])


@pytest.fixture
def openid() -> Iterator[FakeOpenId]:
    with FakeOpenId() as server:
        yield server


@pytest.fixture
def mediawiki() -> Iterator[FakeMediaWiki]:
    with FakeMediaWiki() as server:
        yield server


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with FakeGitHub() as server:
        yield server


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return {"PORTAL_SECRET_KEY": "test", "SIGN_IN_SECRET": SECRET}


@pytest.fixture
def site(make_site: Any, openid: FakeOpenId, secret: dict[str, str]) -> Any:
    return make_site(settings_of(("door", "openid", openid)), environ=secret)


def leave(browser: Any, slug: str = "door", query: str = "") -> str:
    """Press the button; where the browser goes."""
    answer = browser.get(f"/sign-in-with/{slug}{query}")
    assert answer.status_code == 303
    return str(answer.location)


def agree(there: str) -> str:
    """Say yes at the service, over HTTP; the path with which the browser comes back."""
    back = urlsplit(requests.get(there, allow_redirects=False, timeout=5).headers["Location"])
    return f"{back.path}?{back.query}"


def walk(browser: Any, slug: str = "door", query: str = "") -> Any:
    """There and back; the answer to coming back."""
    return browser.get(agree(leave(browser, slug, query)))


def join(browser: Any, slug: str = "door", **changed: str) -> Any:
    """Sign up with the account there."""
    walk(browser, slug)
    return browser.post(f"/sign-in-with/{slug}/sign-up", data={**NEWCOMER, **changed})


def member(site: Any, username: str = "bo", **values: Any) -> Any:
    """Somebody with a password, and a browser in which they are signed in."""
    with site.unit_of_work() as session:
        person = make.person(session, username, **values)
        return person, make.sign_in(site.client(), person)


def is_signed_in(browser: Any) -> bool:
    return bool(browser.get("/people/me").status_code == 200)


def stored(site: Any) -> list[int]:
    """How many people, links and sessions there are."""
    with site.unit_of_work() as session:
        return [
            session.scalar(select(func.count()).select_from(kind)) for kind in (Person, LinkedIdentity, UserSession)
        ]


def links(site: Any) -> list[LinkedIdentity]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(LinkedIdentity).order_by(LinkedIdentity.id)))


def accounts(site: Any, username: str) -> list[tuple[str, str, bool]]:
    """What the profile says of accounts elsewhere: service, name there, whether verified."""
    with site.unit_of_work() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
        return [(one.service, one.username, bool(one.verified_at)) for one in person.accounts]
