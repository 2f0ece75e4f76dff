"""What people and robots do on a real Gerrit: changes by git over HTTP, everything else by its REST interface."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from tests.servers.gerrit import Gerrit

PASSWORD = "only-for-tests"
VERIFIED = {"values": {"-1": "Fails", " 0": "No score", "+1": "Works"}, "function": "NoBlock"}
ANYBODY_MAY_VERIFY = {
    "refs/heads/*": {
        "permissions": {
            "label-Verified": {
                "label": "Verified",
                "rules": {"global:Registered-Users": {"action": "ALLOW", "min": -1, "max": 1}},
            }
        }
    }
}


@dataclass(frozen=True)
class Pushed:
    """A change on the server, and the line in its commit message by which the next patch set finds it."""

    number: int
    change_id: str
    project: str
    title: str


class GerritMaker:
    """Makes accounts, projects, changes and what happens to them. Every failure raises with the server's own words."""

    def __init__(self, gerrit: Gerrit, folder: Path) -> None:
        self.url = gerrit.url
        self._folder = folder
        self._passwords = {gerrit.admin: gerrit.password}
        self._admin = gerrit.admin
        self._serial = itertools.count(1)
        self.ask("PUT", "projects/All-Projects/labels/Verified", VERIFIED)
        self.ask("POST", "projects/All-Projects/access", {"add": ANYBODY_MAY_VERIFY})

    # -- who and where

    def person(self, username: str, name: str = "") -> str:
        """An account with a name, an address and an HTTP password."""
        account = {"name": name or username.title(), "email": f"{username}@example.org", "http_password": PASSWORD}
        self.ask("PUT", f"accounts/{username}", account)
        self._passwords[username] = PASSWORD
        return username

    def maintainer(self, username: str, name: str = "") -> str:
        """A person who may vote +2 and submit."""
        self.person(username, name)
        self.ask("PUT", f"groups/Administrators/members/{username}")
        return username

    def robot(self, username: str) -> str:
        """An account the server itself marks as a service user."""
        self.person(username)
        self.ask("PUT", f"groups/Service%20Users/members/{username}")
        return username

    def project(self, name: str) -> str:
        """A project with one empty commit."""
        self.ask("PUT", f"projects/{quote(name, safe='')}", {"create_empty_commit": True})
        return name

    def hide(self, project: str) -> None:
        """Let only administrators read a project."""
        rules = {group: {"action": "BLOCK"} for group in ("global:Anonymous-Users", "global:Registered-Users")}
        blocked = {"refs/*": {"permissions": {"read": {"rules": rules}}}}
        self.ask("POST", f"projects/{quote(project, safe='')}/access", {"add": blocked})

    def password(self, username: str) -> str:
        """The HTTP password of an account made here."""
        return self._passwords[username]

    # -- changes, by git

    def push(self, by: str, project: str, title: str, options: str = "") -> Pushed:
        """A new change. `options` as git takes them: "wip", "topic=x"."""
        change_id = "I" + hashlib.sha1(f"{by} {project} {title} {next(self._serial)}".encode()).hexdigest()
        said = self._commit_and_push(by, project, title, change_id, options)
        number = int(re.findall(rf"{re.escape(self.url)}/c/.*/\+/(\d+)", said)[-1])
        return Pushed(number, change_id, project, title)

    def push_again(self, by: str, change: Pushed, options: str = "") -> None:
        """A new patch set, by its author or by anybody else."""
        self._commit_and_push(by, change.project, change.title, change.change_id, options)

    def _commit_and_push(self, by: str, project: str, title: str, change_id: str, options: str) -> str:
        clone = self._clone(by, project)
        _git(clone, by, "checkout", "--quiet", "--detach", "origin/master")
        (clone / f"{change_id}.txt").write_text(f"{title}, try {next(self._serial)}\n")
        _git(clone, by, "add", "--all")
        _git(clone, by, "commit", "--quiet", "--message", f"{title}\n\nChange-Id: {change_id}")
        return _git(clone, by, "push", "origin", f"HEAD:refs/for/master{options and '%' + options}")

    def _clone(self, by: str, project: str) -> Path:
        clone = self._folder / by / project.replace("/", "-")
        if not clone.exists():
            clone.parent.mkdir(parents=True, exist_ok=True)
            door = self.url.replace("://", f"://{by}:{self.password(by)}@")
            _git(clone.parent, by, "clone", "--quiet", f"{door}/a/{project}", clone.name)
        return clone

    # -- what happens to a change, by REST

    def say(self, by: str, change: Pushed, message: str = "", **more: Any) -> None:
        """A message, with `labels`, `comments`, `tag`, `ready` or `work_in_progress` where given."""
        self.act(by, change, "revisions/current/review", {"message": message, **more})

    def vote(self, by: str, change: Pushed, value: int, label: str = "Code-Review", **more: Any) -> None:
        """A vote on the newest patch set."""
        self.say(by, change, labels={label: value}, **more)

    def check(self, robot: str, change: Pushed, value: int) -> None:
        """A robot's word and vote, tagged as robots do."""
        words = "Build succeeded." if value > 0 else "Build failed."
        self.vote(robot, change, value, "Verified", message=words, tag="autogenerated:zuul:check")

    def comment_inline(self, by: str, change: Pushed, message: str) -> None:
        """A comment on a line of the change's own file."""
        comment = {"line": 1, "message": message, "unresolved": True}
        self.say(by, change, comments={f"{change.change_id}.txt": [comment]})

    def act(self, by: str, change: Pushed, what: str, body: Any = None, method: str = "POST") -> Any:
        """Anything else under the change: `act("nora", change, "abandon", {"message": "Not needed"})`."""
        return self.ask(method, f"changes/{change.number}/{what}", {} if body is None else body, by=by)

    def merge(self, by: str, change: Pushed) -> None:
        """Approve and submit."""
        self.vote(by, change, 2)
        self.act(by, change, "submit")

    def ask(self, method: str, path: str, body: Any = None, by: str = "") -> Any:
        """One call of the REST interface. Raises AssertionError with the server's answer when it says no."""
        by = by or self._admin
        answer = requests.request(method, f"{self.url}/a/{path}", json=body, auth=(by, self._passwords[by]), timeout=30)
        assert answer.ok, f"{method} {path} by {by}: {answer.status_code} {answer.text}"
        return json.loads(answer.text.removeprefix(")]}'\n") or "null")


def _git(folder: Path, by: str, *arguments: str) -> str:
    person = {"NAME": by.title(), "EMAIL": f"{by}@example.org"}
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder, env={**os.environ, **who, **quiet},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"git {' '.join(arguments)} by {by}: {done.stderr}"
    return done.stderr
