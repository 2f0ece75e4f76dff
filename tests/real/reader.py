"""Somebody who follows a learning track on a machine of their own: a home, a terminal, an editor, an account."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.real.gerrit_maker import PASSWORD, GerritMaker, Pushed
from tests.servers import CannotStart

HOOK = ".git/hooks/commit-msg"


class Reader:
    """Nora Okoye, as far as the pages know; her project is tools/opening-hours on gerrit.example.org, her change 1234.

    `fit` puts this server, account, project and change in their place, and `said` takes them out of every answer.
    """

    def __init__(self, maker: GerritMaker, ssh_port: int, folder: Path, name: str, ways: frozenset[str]) -> None:
        self.maker, self.ways, self.username = maker, ways, f"nora-{name}"
        self.project = f"{name}/opening-hours"
        self.number = 0
        self.folder = folder / "work"
        self._home = folder / "home"
        self._ssh_port = ssh_port
        self._host = urlsplit(maker.url).netloc
        self._clones = 0
        for made in (self.folder, self._home / ".ssh", self._home / "bin"):
            made.mkdir(mode=0o700, parents=True)
        self._make_tools()

    # -- in the terminal

    def run(self, script: str, folder: Path | None = None, fails: bool = False, editor: str = "") -> str:
        """What the terminal shows for these lines. Without `folder`, in the one that they last changed to."""
        (self._home / "message").write_text(editor)
        place = self._home / "folder"
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", f"trap 'pwd > {place}' EXIT\n{self.fit(script)}"],
            cwd=folder or self.folder, env=self._environment(), start_new_session=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if folder is None:
            self._remember(done.stdout)
        said = self._said(done.stdout)
        assert (done.returncode != 0) == fails, f"{script}\nended with {done.returncode}:\n{said}"
        if folder is None:
            self.folder = Path(place.read_text().strip())
        return said

    def clone(self, hook: bool = True) -> Path:
        """Another clone, for what is no part of the way."""
        self._clones += 1
        folder = self._home / f"aside-{self._clones}"
        door = {
            "ssh": "ssh://nora@gerrit.example.org:29418/tools/opening-hours",
            "https": "https://nora@gerrit.example.org/a/tools/opening-hours",
        }
        way = next(iter(self.ways & door.keys()))
        self.run(f"git clone --quiet {door[way]} {folder}\ngit -C {folder} config gitreview.remote origin", self._home)
        if hook:
            shutil.copy(self.hook(), folder / HOOK)
        return folder

    def hook(self) -> Path:
        """The commit-msg hook of this server."""
        file = self._home / "commit-msg"
        if not file.exists():
            fetch = f"curl -fsSLo {file} https://gerrit.example.org/tools/hooks/commit-msg"
            self.run(f"{fetch}\nchmod +x {file}", self._home)
        return file

    @property
    def change(self) -> Pushed:
        """The change that was sent on the way."""
        return Pushed(self.number, "", self.project, "")

    def public_key(self) -> str:
        """What the reader pastes into the settings."""
        return (self._home / ".ssh/id_ed25519.pub").read_text()

    # -- between the pages and this server

    def fit(self, script: str) -> str:
        """The lines of a page, for this server."""
        url, port = self.maker.url, str(self._ssh_port)
        for shown, real in (
            ("ssh://nora@gerrit.example.org:29418", f"ssh://{self.username}@127.0.0.1:{port}"),
            ("-p 29418 nora@gerrit.example.org", f"-p {port} {self.username}@127.0.0.1"),
            ("https://nora@gerrit.example.org", url.replace("://", f"://{self.username}@")),
            ("https://gerrit.example.org", url),
            ("nora@example.org", f"{self.username}@example.org"),
            ("tools/opening-hours", self.project),
            ("/34/1234/", f"/{self.number % 100:02}/{self.number}/"),
            ("1234", str(self.number)),
        ):
            script = script.replace(shown, real)
        return script

    def _remember(self, answer: str) -> None:
        if found := re.search(rf"{re.escape(self.maker.url)}/c/{self.project}/\+/(\d+)", answer):
            self.number = self.number or int(found[1])

    def _said(self, answer: str) -> str:
        # A line that is written over and over, as git counts, is as good as its last state.
        lines = [line.replace("\x1b[K", "").rsplit("\r", 1)[-1] for line in answer.replace("\r\n", "\n").split("\n")]
        answer = "\n".join(lines).replace(self.maker.url, "https://gerrit.example.org")
        answer = answer.replace(self.project, "tools/opening-hours").replace(self.username, "nora")
        return answer.replace(f"127.0.0.1:{self._ssh_port}", "gerrit.example.org:29418")

    # -- a machine of their own

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_", "SSH_"))}
        path = f"{self._home / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        # Files that git writes here must not depend on who runs the tests, and no password prompt may wait for them.
        return {
            **own, "HOME": str(self._home), "PATH": path, "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "type-password", "GIT_EDITOR": "write-message",
        }  # fmt: skip

    def _make_tools(self) -> None:
        key, known = self._home / ".ssh/id_ed25519", self._home / ".ssh/known_hosts"
        trust = f"-i {key} -o UserKnownHostsFile={known} -o StrictHostKeyChecking=accept-new -o BatchMode=yes"
        self._tool("type-password", f"echo {PASSWORD}")
        self._tool("write-message", f'[ ! -s {self._home}/message ] || cp {self._home}/message "$1"')
        # OpenSSH looks for its files in the home that the system knows, whatever $HOME says.
        self._tool("ssh", f'exec {_installed("ssh")} -F none {trust} "$@"')
        self._tool("scp", f'exec {_installed("scp")} -F none {trust} "$@"')
        self._tool("ssh-keygen", f'exec {_installed("ssh-keygen")} -f {key} -N "" "$@"')

    def _tool(self, name: str, does: str) -> None:
        file = self._home / "bin" / name
        file.write_text(f"#!/bin/sh\n{does}\n")
        file.chmod(0o700)


def _installed(name: str) -> str:
    if path := shutil.which(name):
        return path
    raise CannotStart(f"a reader of the tracks needs {name}; on Debian: apt install openssh-client")
