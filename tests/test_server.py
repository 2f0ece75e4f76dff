"""What a web process serves: the application, kept out of the collector's way."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from portal.server import Server, make_served_app


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.parametrize(
    "serve", [make_served_app, lambda: Server("127.0.0.1", 0, with_worker=False, announce=print).load()]
)
@pytest.mark.parametrize("enabled_before", [True, False])
def test_what_a_start_loads_is_not_looked_through_for_garbage_and_what_requests_leave_is(
    monkeypatch: pytest.MonkeyPatch, serve: object, enabled_before: bool
) -> None:
    collects_while_it_loads = []

    def create_app() -> str:
        collects_while_it_loads.append(gc.isenabled())
        return "the site"

    monkeypatch.setattr("portal.app.create_app", create_app)
    (gc.enable if enabled_before else gc.disable)()
    gc.unfreeze()  # what other tests of this process froze would leave nothing to count
    assert serve() == "the site"  # type: ignore[operator]
    assert collects_while_it_loads == [False]
    assert gc.get_freeze_count() > 1000
    assert gc.isenabled()


def test_a_start_that_fails_leaves_the_collector_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.app.create_app", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_served_app()
    assert gc.isenabled()
