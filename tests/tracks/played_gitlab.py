"""A GitLab as far as git sees one: bare repositories behind a played `ssh`, which answers pushes as GitLab does.

Nothing of git itself is played. The commands of a learning track run unchanged, in one shell after the other that begin
where the last one ended, with a home folder of their own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

PROJECT, FORK = "tools/wordcount.git", "nora/wordcount.git"

FILES = {
    "README.md": "# wordcount\n\nPrints how many words a text has. Run the tests with `python3 -m unittest`.\n",
    "wordcount.py": '''"""Print how many words the standard input has."""

import sys


def count(text):
    return len(text.split(" "))


if __name__ == "__main__":
    print(count(sys.stdin.read().strip()))
''',
    "test_wordcount.py": """import unittest

from wordcount import count


class CountTest(unittest.TestCase):
    def test_sentence(self):
        self.assertEqual(3, count("count these words"))

    def test_empty_text(self):
        self.assertEqual(1, count(""))
""",
}

SSH = """#!/bin/sh
for last; do :; done
case "$last" in
git-*) cd '{server}' && exec sh -c "$last" ;;
*) echo 'Welcome to GitLab, @nora!' ;;
esac
"""

# A hook of the fork: a branch gets the link to open a merge request, or an open merge request follows its branch.
POST_RECEIVE = """#!/bin/sh
while read -r old new ref; do
    branch=${ref#refs/heads/}
    case "$branch $new" in main\\ *|*\\ 0000000000*) continue ;; esac
    [ "${GIT_PUSH_OPTION_COUNT:-0}" -gt 0 ] && touch opened
    echo
    if [ -e opened ]; then
        git push -q -f ../../tools/wordcount.git "$new:refs/merge-requests/34/head"
        echo "View merge request for $branch:"
        echo "  https://gitlab.example.org/tools/wordcount/-/merge_requests/34"
    else
        echo "To create a merge request for $branch, visit:"
        printf '  https://gitlab.example.org/nora/wordcount/-/merge_requests/new?'
        echo "merge_request%5Bsource_branch%5D=$branch"
    fi
    echo
done
"""

# Whatever git wants to have edited: first shown, then replaced by what the reader is told to write, if anything.
EDITOR = """#!/bin/sh
cat "$1"
[ -e '{text}' ] && mv '{text}' "$1"
exit 0
"""

PASSPHRASE = """#!/bin/sh
echo correct horse
"""


class Seen:
    """What a reader has in front of them after a block: what was printed, and what the files now say.

    `line in seen` asks for a whole line, in which … stands for anything, and any hash for any other.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = {_masked(line) for line in re.split(r"[\r\n]+", text)}

    def __contains__(self, line: str) -> bool:
        pattern = ".*".join(re.escape(part) for part in _masked(line).split("…"))
        return any(re.fullmatch(pattern, one) for one in self._lines)


class PlayedGitLab:
    """A server with a project and Nora's fork of it, and the computer of a reader with nothing on it yet."""

    def __init__(self, folder: Path) -> None:
        self.server, self.home, self._tools = folder / "server", folder / "home", folder / "bin"
        self.here = self.home
        self._text = folder / "to-write"
        for place in (self.server / "tools", self.server / "nora", self.home / ".ssh", self._tools):
            place.mkdir(parents=True)
        self._tool("ssh", SSH.format(server=self.server))
        self._tool("editor", EDITOR.format(text=self._text))
        self._tool("passphrase", PASSPHRASE)
        self._fill()

    def run(self, script: str, typed: str = "", fails: bool = False) -> Seen:
        """Run a block as the reader would, and give what they see. It must succeed, or fail where it `fails`."""
        place = self.home.parent / "here"
        whole = f"set -eo pipefail\ntrap 'pwd >{place}' EXIT\n{script}"
        done = self._shell(whole, self.here, typed)
        assert (done.returncode != 0) == fails, f"{script}\n{done.stdout}"
        self.here = Path(place.read_text().strip())
        files = [path.read_text() for path in self.here.glob("*.py")]
        return Seen("\n".join([done.stdout, *files]))

    def try_aside(self, script: str) -> None:
        """Run this in a copy of the folder in which the reader is, which is thrown away. It must succeed."""
        with tempfile.TemporaryDirectory(dir=self.home.parent) as copy:
            shutil.copytree(self.here, copy, dirs_exist_ok=True)
            done = self._shell(f"set -exo pipefail\n{script}", Path(copy), "")
        assert done.returncode == 0, done.stdout

    def editor_writes(self, text: str) -> None:
        """What the reader will write when the next command opens an editor. Without it they save what is there."""
        self._text.write_text(text)

    def commit_as(self, who: str, repository: str, branch: str, script: str) -> None:
        """Somebody else runs this script in a clone of a branch, and what it commits is pushed."""
        clone = self.home.parent / f"clone-of-{who}"
        names = f"export GIT_AUTHOR_NAME={who} GIT_COMMITTER_NAME={who} EMAIL={who}@example.org"
        address = self.server / repository
        begin = f"{names}; rm -rf {clone}; git clone -q -b {branch} {address} {clone}; cd {clone}"
        done = self._shell(f"set -e; {begin}\n{script}\ngit push -q", self.server, "")
        assert done.returncode == 0, done.stdout

    def _fill(self) -> None:
        for name in (PROJECT, FORK):
            self._shell(f"git init -q --bare -b main {name}; git -C {name} config receive.advertisePushOptions true",
                        self.server, "")  # fmt: skip
        seed = self.server / "seed"
        seed.mkdir()
        for name, text in FILES.items():
            (seed / name).write_text(text)
        names = "export GIT_AUTHOR_NAME=Ana GIT_COMMITTER_NAME=Ana EMAIL=ana@example.org"
        self._shell(f"{names}; git init -q -b main; git add .; git commit -qm 'Count the words of a text'; "
                    f"git push -q ../{PROJECT} main; git push -q ../{FORK} main", seed, "")  # fmt: skip
        hook = self.server / FORK / "hooks" / "post-receive"
        hook.write_text(POST_RECEIVE)
        hook.chmod(0o755)

    def _tool(self, name: str, text: str) -> None:
        (self._tools / name).write_text(text)
        (self._tools / name).chmod(0o755)

    def _shell(self, script: str, where: Path, typed: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self._tools}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "editor",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SSH_ASKPASS": str(self._tools / "passphrase"),
            "SSH_ASKPASS_REQUIRE": "force",
        }
        return subprocess.run(
            ["bash", "-c", script], cwd=where, env=environment, input=typed, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False, start_new_session=True,
        )  # fmt: skip


def _masked(line: str) -> str:
    return re.sub(r"\b[0-9a-f]{7,40}\b", "0000000", line).rstrip()
