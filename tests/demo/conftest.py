"""The demo, loaded once."""

from __future__ import annotations

from typing import Any

import pytest

from portal import demo


@pytest.fixture(scope="package")
def community(tmp_path_factory: pytest.TempPathFactory, databases: Any) -> Any:
    """A site with the demo loaded, once for all these tests: they only read."""
    from portal.app import create_app
    from tests.settings import parse_config

    config = parse_config("")
    config = config.model_copy(
        update={
            "site": config.site.model_copy(update={"data_dir": tmp_path_factory.mktemp("demo")}),
            "database": config.database.model_copy(update={"url": databases.fresh()}),
        }
    )
    app = create_app(config, environ={"PORTAL_SECRET_KEY": "test"}, in_memory_queue=True)
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    portal = app.extensions["portal"]
    assert [line.split()[0] for line in demo.load(portal)] == ["5052", "21", "40"]
    yield portal
    portal.database.dispose()
    databases.drop(config.database.url)


def signed_in(portal: Any, name: str) -> Any:
    client = portal.app.test_client()
    assert client.post("/people/sign-in", data={"username": name, "password": "demo-portal-2026"}).status_code == 303
    return client
