"""`portal user` helps who cannot get in, or whose account another got into: each way in goes, noted and told."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal.authenticators.models import Passkey
from portal.cli import data, ways_in
from portal.core.security_log import SecurityRow
from portal.people.models import Letter, Person
from portal.single_sign_on.models import LinkedIdentity
from tests import make


@pytest.fixture
def ana(site: Any, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(ways_in, "open_portal", lambda **_: site.portal)
    with site.unit_of_work() as session:
        person = make.person(session, "ana", email="ana@example.org", email_key="ana@example.org")
        for number, name in enumerate(("phone", "laptop")):
            key = {"credential_id": b"key", "public_key": b"", "user_handle": b"", "sign_count": 0}
            session.add(Passkey(person_id=person.id, name=name, mark=str(number), added_at=make.NOON, **key))
        link = {"issuer": "https://door.example", "subject": "1", "username": "ana-there"}
        session.add(LinkedIdentity(person_id=person.id, provider="door", linked_at=make.NOON, **link))
        return person


def run(*words: str) -> Any:
    return CliRunner().invoke(data.user, list(words))


def left(site: Any, kind: Any) -> list[Any]:
    with site.unit_of_work() as session:
        return list(session.scalars(select(kind)))


def test_what_somebody_signs_in_with_is_listed(ana: Person) -> None:
    told = run("ways-in", "ana").output
    assert "phone" in told
    assert "door, ana-there" in told
    assert "password: yes" in told


def test_one_passkey_goes_or_all(site: Any, ana: Person) -> None:
    assert run("remove-passkeys", "ana", "--only", "1").exit_code == 0
    assert [one.name for one in left(site, Passkey)] == ["laptop"]
    assert run("remove-passkeys", "ana").exit_code == 0
    assert left(site, Passkey) == []
    assert [one.template for one in left(site, Letter)] == ["authenticators.passkey_removed"] * 2
    noted = [(one.event, one.about_id, one.whence) for one in left(site, SecurityRow)]
    assert noted == [("passkey_removed", ana.id, "command line")] * 2
    assert "none of these passkeys" in run("remove-passkeys", "ana").output


def test_accounts_elsewhere_go(site: Any, ana: Person) -> None:
    assert run("unlink", "ana").exit_code == 0
    assert left(site, LinkedIdentity) == []
    assert [one.template for one in left(site, Letter)] == ["single_sign_on.unlinked"]
    assert [one.event for one in left(site, SecurityRow)] == ["provider_unlinked"]


def test_every_session_ends(site: Any, ana: Person) -> None:
    browser = make.sign_in(site.client(), ana)
    assert "lost 1 of their sessions" in run("end-sessions", "ana").output
    assert browser.get("/people/me").status_code == 302
    assert [one.template for one in left(site, Letter)] == ["people.sessions_ended"]
    assert [one.event for one in left(site, SecurityRow)] == ["sessions_ended"]


def test_a_link_for_a_new_password_is_shown_or_sent(site: Any, ana: Person) -> None:
    told = run("reset-password", "ana").output
    path = told.partition("/people/")[2].split()[0]
    page = site.client().get(f"/people/{path}", follow_redirects=True)
    assert "new password" in page.text
    assert page.request.path == "/people/password/reset"
    assert left(site, Letter) == []
    assert run("reset-password", "ana", "--letter").exit_code == 0
    assert [one.template for one in left(site, Letter)] == ["people.reset_password"]
    assert [one.event for one in left(site, SecurityRow)] == ["password_reset_asked"] * 2


@pytest.mark.parametrize("command", [one.name for one in ways_in.COMMANDS])
def test_who_is_not_there_is_said(site: Any, ana: Person, command: str) -> None:
    told = run(command, "nobody")
    assert told.exit_code == 2
    assert "there is nobody called nobody" in told.output


def test_without_an_address_nothing_can_be_sent(site: Any, ana: Person) -> None:
    with site.unit_of_work() as session:
        make.person(session, "bo")
    assert "no confirmed address" in run("reset-password", "bo", "--letter").output
