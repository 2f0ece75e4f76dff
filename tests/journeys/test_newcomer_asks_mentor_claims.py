"""The first walkthrough, over HTTP: a newcomer signs up and asks, a mentor looks and claims, they talk and complete."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from portal.people.queries import by_username
from tests import make
from tests.letters import text_of
from tests.people.conftest import Postbox

LETTERS = ("mail.deliver",)
SWEEPS = (*LETTERS, "mentoring.expire_requests", "mentoring.nudge_owing_sides")


class Walker:
    """Somebody with a browser, who reads letters and follows links."""

    def __init__(self, site: Any, post: Postbox, username: str) -> None:
        self.site, self.post, self.username = site, post, username
        self.browser = site.client()

    def sign_up(self) -> None:
        typed = {"username": self.username, "display_name": self.username.title(), "password": make.PASSWORD}
        typed |= {"email": f"{self.username}@example.org", "language": "en"}
        assert self.browser.post("/people/sign-up", data=typed).status_code == 303
        link = self.letter("Confirm").link
        assert self.browser.post(link).status_code in (200, 303)

    def describe(self, language: str, *skills: tuple[str, int]) -> None:
        self.send("/people/me/languages", spoken=language)
        for skill, level in skills:
            self.send("/people/me/skills", skill=skill, level=str(level))

    def send(self, path: str, **data: Any) -> str:
        """Post a form; the page to which it leads."""
        answer = self.browser.post(path, data=data)
        assert answer.status_code == 303, answer.text
        return urlsplit(answer.location).path

    def read(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def letter(self, subject: str) -> Letter:
        """The newest letter to this person with these words in its subject."""
        self.site.work(*SWEEPS)
        mine = [
            one for one in self.post.sent if f"{self.username}@example.org" in one["To"] and subject in one["Subject"]
        ]
        assert mine, f"{self.username} got no letter about “{subject}”"
        return Letter(text_of(mine[-1]))


class Letter:
    """What a letter says, and where it leads."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.link = re.sub(r"^https?://[^/]+", "", re.findall(r"https?://\S+", text)[0])


def test_a_newcomer_asks_and_a_mentor_claims(site: Any, post: Postbox) -> None:
    coordinator, mentor, newcomer = (Walker(site, post, name) for name in ("cara", "mia", "ana"))
    for walker in (coordinator, mentor, newcomer):
        walker.sign_up()
    appoint_coordinator(site, "cara")

    become_mentor(mentor, coordinator)
    here = ask(newcomer)

    # The mentor is told, finds the request on top of the list with its reasons, looks and claims.
    told = mentor.letter("Ana asks for a mentor: Python")
    assert told.link == here
    listed = mentor.read("/mentoring/requests")
    assert "You have what they must have: Python." in listed
    assert "You both speak English." in listed
    assert mentor.send(f"{here}/look") == here
    assert "It is held for you" in mentor.read(here)
    assert "A mentor is looking at it" in newcomer.read(here)
    pairing = mentor.send(f"{here}/claim")

    # The newcomer is told who it is; the two write in turns.
    assert newcomer.letter("Mia is your mentor now").link == pairing
    assert mentor.send(f"{pairing}/messages", text="Welcome. Which gadget is it?") == pairing
    assert newcomer.letter("Mia has written to you").link == pairing
    page = newcomer.read(pairing)
    assert "Welcome. Which gadget is it?" in page
    assert "Your turn" in page
    newcomer.send(f"{pairing}/messages", text="The one that colours links.")
    assert mentor.letter("Ana has written to you").link == pairing
    assert "The one that colours links." in mentor.read(pairing)

    # The goal is reached: the seat is free again, and the newcomer may ask for the next thing.
    newcomer.send(f"{pairing}/complete", thanks="It is merged, and I know how.")
    assert "It is merged, and I know how." in mentor.letter("Ana has completed the pairing").text
    assert "1 free seat" in site.client().get("/mentoring/mentors").text
    assert "Ask for a mentor" in newcomer.read("/mentoring/")
    assert newcomer.browser.post(f"{pairing}/messages", data={"text": "One more"}).status_code == 409


def appoint_coordinator(site: Any, username: str) -> None:
    with site.unit_of_work() as session:
        person = by_username(session, username)
        make.role(session, person, "mentoring-coordinator")


def become_mentor(mentor: Walker, coordinator: Walker) -> None:
    mentor.describe("en", ("python", 4), ("git", 3))
    mentor.send("/mentoring/apply", pitch="Gadgets, bots and how review works.", capacity="1")
    applied = coordinator.letter("Mia would like to be a mentor")
    listed = coordinator.read(applied.link)
    approve = re.findall(r'action="(/mentoring/applications/\d+/approve)"', listed)[0]
    coordinator.send(approve)
    assert mentor.letter("You are a mentor now").link == "/mentoring/requests"
    assert "Gadgets, bots and how review works." in mentor.read("/mentoring/mentors")


def ask(newcomer: Walker) -> str:
    newcomer.describe("en", ("html", 1))
    form = newcomer.read("/mentoring/ask")
    assert "1 mentor is here at the moment." in form
    needs = {"needs-0-skill": "Python", "needs-0-need": "must", "needs-1-skill": "Lua", "needs-1-need": "want"}
    goal = "I want to mend a gadget that colours links, and learn how review works."
    here = newcomer.send("/mentoring/ask", goal=goal, languages="en", **needs)
    mine = newcomer.read(here)
    assert "Python: 1 mentor" in mine
    assert "Lua: no mentor yet" in mine
    return here
