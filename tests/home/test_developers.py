"""The page for developers: every example in it is copied from the page and run against a site that is served."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.home.content import HelpPages
from portal.people.models import Person
from tests import make
from tests.home import community
from tests.servers import CannotStart, free_port

TAG = re.compile("<[^<>]*>")
BLOCK = re.compile(r'<pre><code class="language-(\w+)">(.*?)</code></pre>', re.DOTALL)
SHOWN = {
    "waiting_on=reviewer&newcomer=true": "Change 1",
    'everything("tools", needs_owner="true")': "Mapper http://127.0.0.1:",
    "api/v1/me'": '"username":"steward"',
    "me/notices/read": '{"unread":0}',
    "colour=red": "There is no parameter “colour”.",
    "--etag-compare": "304",
    "Retry-After": "Maria available",
    "utf-8-sig": "tools/wiki Change 1",
    "ElementTree": "Z Change 1",
}
"""What each example prints, by a word that is in it."""


@pytest.fixture
def served(make_site: Any, tmp_path: Path) -> Iterator[str]:
    """The address of a site that answers on loopback, so that programs of their own can ask it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    site = community.found(make_site, tmp_path, f'[site]\nurl = "{url}"\n')
    server = make_server("127.0.0.1", port, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    site.url = url
    with site.unit_of_work() as session:
        steward = session.scalars(select(Person).where(Person.username == "steward")).one()
        site.token = make.api_token(session, steward, *site.portal.features.api_scopes)
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def run(language: str, text: str, folder: Path, token: str) -> str:
    if not shutil.which("curl"):
        raise CannotStart("The examples for developers are run with curl. On Debian: apt install curl")
    command = {"sh": ["sh", "-eu", "-c"], "python": [sys.executable, "-W", "error", "-c"]}[language]
    done = subprocess.run(
        [*command, text], cwd=folder, env={**os.environ, "TOKEN": token}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"{text}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("code", ["en", "fr"])
def test_every_example_of_the_page_does_what_it_says(served: Any, tmp_path: Path, code: str) -> None:
    page = served.client().get(f"/developers?uselang={code}", follow_redirects=True).text
    # As one copies them: what the colours of the words are made of is not among them.
    examples = [(language, html.unescape(TAG.sub("", text))) for language, text in BLOCK.findall(page)]
    assert {language for language, _text in examples} == {"sh", "python"}
    for language, text in examples:
        assert served.url in text
        (told,) = [shown for word, shown in SHOWN.items() if word in text]
        assert told in run(language, text, tmp_path, served.token), text
    assert len(examples) == len(SHOWN)


def test_the_examples_are_the_same_in_every_language(site: Any) -> None:
    pages = site.portal.library.get(HelpPages)
    english, french = (BLOCK.findall(pages.find("developers", code).html) for code in ("en", "fr"))
    assert english == french


def test_every_address_the_page_names_is_there(site: Any) -> None:
    client = site.client()
    body = site.portal.library.get(HelpPages).find("developers", "en").body
    named = set(re.findall(r"`(/[a-z0-9/._-]+)`", body)) | set(re.findall(r"\]\((/[^)]+)\)", body))
    assert len(named) > 10
    own = {"/api-tokens/": 302, "/api/v1/me": 401, "/api/v1/me/notices": 401, "/api/v1/me/notices/read": 405}
    assert {path: client.get(path).status_code for path in own} == own
    for path in named - {"/api/v1/", "/api/v2/", *own}:
        assert client.get(path).status_code == 200, path
    described = client.get("/api/v1/openapi.json").json["paths"]
    assert {path for path in described if "{" not in path} <= named


def test_the_footer_leads_to_it(site: Any) -> None:
    assert 'href="/developers"' in site.client().get("/").text
    assert site.client().get("/developers", follow_redirects=True).request.path == "/help/developers"
