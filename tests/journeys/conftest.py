"""What the journeys share: a mail server that keeps what it is sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.people.conftest import Postbox


@pytest.fixture
def post() -> Postbox:
    """The letters that left the site."""
    return Postbox()


@pytest.fixture
def site(make_site: Any, post: Postbox) -> Any:
    """A portal whose letters arrive."""
    return make_site(clients=SimpleNamespace(mailer=post))
