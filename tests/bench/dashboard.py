"""The dashboard of somebody with a mentor, tracks, tools and roles around them, against Flask's bare hello."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask

from portal import demo
from portal.app import create_app
from portal.core.database import Base
from portal.core.jobs import Portal
from portal.people.queries import by_username
from tests import make
from tests.bench.measure import Measure, best_of, quiet
from tests.settings import parse_config

ROUNDS = 30
BOUNDS = {"newcomer": 20, "mentor": 30, "maintainer": 30, "admin": 30}


def against_hello() -> Iterator[Measure]:
    """Everybody's dashboard in the demo: how many times the processor time of an answer that says hello."""
    with tempfile.TemporaryDirectory() as folder:
        portal = _demo(folder)
        hello = _hello()
        for name, bound in BOUNDS.items():
            theirs = _signed_in(portal, name)
            of_hello, of_dashboard = best_of(
                ROUNDS,
                lambda: _time(hello, "/"),
                lambda one=theirs: _time(one, "/dashboard"),
                until=lambda times, most=bound: times[1] <= most * times[0],
            )
            yield Measure(f"the dashboard of {name} / Flask's hello", of_dashboard / of_hello, bound)
        portal.database.dispose()


def _demo(folder: str) -> Portal:
    config = parse_config(f'[site]\ndata_dir = "{folder}"')
    app = create_app(config, environ={"PORTAL_SECRET_KEY": "bench"}, in_memory_queue=True)
    quiet()
    portal: Portal = app.extensions["portal"]
    Base.metadata.create_all(portal.database.engine)
    list(demo.load(portal))
    return portal


def _hello() -> Any:
    app = Flask("hello")
    app.add_url_rule("/", view_func=lambda: "Hello")
    return app.test_client()


def _signed_in(portal: Portal, name: str) -> Any:
    with portal.database.session(read_only=True) as session:
        person = by_username(session, name)
        if person is None:
            raise LookupError(f"the demo has nobody called {name}")
    return make.sign_in(portal.app.test_client(), person)


def _time(client: Any, url: str) -> float:
    started = time.thread_time()
    answer = client.get(url)
    took = time.thread_time() - started
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return took
