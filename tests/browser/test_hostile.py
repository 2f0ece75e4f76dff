"""What somebody hostile typed into every field is opened in a real browser: nothing runs, nothing is even stopped."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.access import routes
from tests.access.hostile import MARK, hostile_world, write_everywhere
from tests.access.test_hostile import outputs
from tests.access.world import World
from tests.conftest import making_sites
from tests.databases import Databases
from tests.people.conftest import Postbox

pytestmark = pytest.mark.browser


@pytest.fixture
def world(tmp_path: Path, databases: Databases, compiled_templates: FileSystemBytecodeCache) -> Iterator[World]:
    with making_sites(tmp_path, databases, compiled_templates) as make_site:
        made = hostile_world(tmp_path, make_site, Postbox())
        write_everywhere(made, ending=False)
        yield made


@contextlib.contextmanager
def served(world: World) -> Iterator[str]:
    """The address of the site while the block runs."""
    server = make_server("127.0.0.1", 0, world.site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def hostile_pages(world: World) -> dict[str, list[str]]:
    """By reader, the pages that show something hostile."""
    known, found = routes.every_route(world.site.app), dict[str, list[str]]()
    for route, who, mimetype, text in outputs(world):
        if mimetype == "text/html" and MARK in text:
            found.setdefault(who, []).append(routes.address(world, known[route]))
    return found


def watched(page: Page, site: str) -> list[str]:
    """What a page does that it should not, noted from now on."""
    noted: list[str] = []
    page.on("dialog", lambda dialog: (noted.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda one: None if one.url.startswith(site) else noted.append(f"asks {one.url}"))
    page.on("console", lambda one: noted.append(one.text) if "Content Security Policy" in one.text else None)
    return noted


def test_nothing_runs_on_any_page(world: World, chromium: Browser) -> None:
    pages, opened = hostile_pages(world), 0
    with served(world) as site:
        for who, addresses in pages.items():
            page = chromium.new_page()
            if who != "visitor":
                page.context.add_cookies(cookies_of(world.browser(who), site))
            noted = watched(page, site)
            for address in addresses:
                page.goto(site + address)
                assert page.evaluate("window.hit") is None, (who, address)
                assert noted == [], (who, address)
                opened += 1
            page.close()
    assert opened > 20


def test_a_browser_would_be_seen_to_run_what_is_not_escaped(chromium: Browser) -> None:
    page = chromium.new_page()
    noted = watched(page, "http://127.0.0.1:1")
    page.set_content("<img src='http://127.0.0.2:9/x' onerror='window.hit=1'>")
    page.wait_for_function("window.hit === 1")
    assert noted == ["asks http://127.0.0.2:9/x"]
    page.close()


def cookies_of(browser: Any, site: str) -> list[Any]:
    """The cookies of a browser of the tests, for a real one."""
    return [{"name": cookie.key, "value": cookie.value, "url": site} for cookie in browser._cookies.values()]
