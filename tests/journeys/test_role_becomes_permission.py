"""The third walkthrough, over HTTP: a role file becomes a page, a holder and a permission, until it ends."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from portal.core.content import content_folder
from portal.people.queries import by_username
from tests import make

LISTENER = """\
---
title: Listener
purpose: Listens to those who wait, and decides who becomes a mentor.
permissions: [mentoring.approve_mentors]
min_seats: 1
appointed_by: portal-steward
---

## Responsibilities

### Must

- Read every application.

### Should

- Answer within a week.

### May

- Ask for a talk.

## How to enter

A steward asks you.

## Term

As long as you like.

## How to leave and hand over

Tell a steward.
"""
APPLICATIONS = "/mentoring/applications"


def signs_in_anew(site: Any, browser: Any, username: str) -> Any:
    """Who got power over others, or lost it, is signed out."""
    assert browser.get("/people/me").location.startswith("/people/sign-in")
    with site.unit_of_work() as session:
        person = by_username(session, username)
    return make.sign_in(browser, person)


def browser_of(site: Any, username: str, *roles: str) -> Any:
    with site.unit_of_work() as session:
        person = make.person(session, username)
        for slug in roles:
            make.role(session, person, slug)
        return make.sign_in(site.client(), person)


def test_a_file_becomes_a_page_a_holder_and_a_permission(make_site: Any, tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(content_folder(), content)
    (content / "roles" / "listener.md").write_text(LISTENER, encoding="utf-8")
    site = make_site(content=content)
    steward, ana = browser_of(site, "steward", "portal-steward"), browser_of(site, "ana")

    # The file is a page; the seat is empty, and so is Ana's right to read applications.
    page = site.client().get("/roles/listener").text
    assert "Listens to those who wait" in page
    assert "Read every application." in page
    assert "Listener" in site.client().get("/roles/").text
    assert ana.get(APPLICATIONS).status_code == 403

    # A steward appoints her: she is told, the page names her, and the next page knows what she may do.
    typed = {"person": "ana", "until": "", "reason": "She listens well."}
    assert ana.post("/roles/listener/appoint", data=typed).status_code == 403
    assert steward.post("/roles/listener/appoint", data=typed).status_code == 303
    signs_in_anew(site, ana, "ana")
    assert "Listener" in ana.get("/notices").text
    page = steward.get("/roles/listener").text
    assert "Ana" in page
    assert ana.get(APPLICATIONS).status_code == 200

    # It ends: the right goes at once, the history stays with its reasons.
    ending = re.findall(r'href="(/roles/holders/\d+/end)"', page)[0]
    assert ana.get(ending).status_code == 403
    assert steward.post(ending, data={"reason": "She moved to the moon."}).status_code == 303
    signs_in_anew(site, ana, "ana")
    assert ana.get(APPLICATIONS).status_code == 403
    page = steward.get("/roles/listener").text
    assert "She moved to the moon." in page
    assert "She listens well." in page
