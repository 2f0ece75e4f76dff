"""One demo site and one chromium for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.servers.chromium import running_chromium
from tests.servers.portal import running_portal


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with the demo community, one source of which fails. Tests leave it as it is."""
    with running_portal(tmp_path_factory.mktemp("demo"), failing_source=True) as url:
        yield url


@pytest.fixture
def fresh_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo site that a test may change."""
    with running_portal(tmp_path_factory.mktemp("fresh")) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with running_chromium() as browser:
        yield browser
