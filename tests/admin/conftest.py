"""Stewards and the people they look after."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher

from tests import make

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def people(site: Any) -> dict[str, Any]:
    """Sam and Sue are stewards, Ana and Ben have accounts."""
    with site.unit_of_work() as session:
        made = {name: make.person(session, name, password_hash=HASHER.hash(make.PASSWORD)) for name in NAMES}
        make.role(session, made["sam"], "portal-steward")
        make.role(session, made["sue"], "portal-steward")
        return {name: person.id for name, person in made.items()}


NAMES = ("sam", "sue", "ana", "ben")


@pytest.fixture
def browser(site: Any, people: dict[str, Any]) -> Any:
    """A browser in which one of them is signed in."""

    def signed_in(name: str, **options: Any) -> Any:
        with site.unit_of_work() as session:
            return make.sign_in(site.client(), session.get_one(make.Person, people[name]), **options)

    return signed_in
