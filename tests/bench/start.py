"""The start of a command, as the whole process: `portal doctor` against a bare Python that imports the same libraries,
and against itself over ten times as much content: ten times the tracks, and each text in ten translations.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import portal
from tests.bench.measure import Measure

PROGRAM = Path(portal.__file__).parent.parent
ROUNDS = 9
TIMES = 10
CODES = ("de", "ro", "it", "pt", "nl", "sv", "da", "fi", "pl")  # beside French
COMMAND = "from portal.cli import main; main()"
LIBRARIES = """
import sys
from portal.cli import main
try:
    main(["doctor"])
finally:
    ours = {"portal", *sys.stdlib_module_names}
    sys.stderr.write(" ".join(name for name in sys.modules if name.partition(".")[0] not in ours))
"""
BARE = """
import contextlib, importlib, sys
for name in sys.argv[1:]:
    with contextlib.suppress(ImportError):  # some put names there that nobody can import
        importlib.import_module(name)
"""


class Site:
    """A copy of the program with its content and a database of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("portal", "content", "migrations"):
            shutil.copytree(PROGRAM / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "config.toml").write_text('[site]\ndata_dir = "var"\n')

    def run(self, *words: str, code: str = COMMAND) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder, so that it takes this copy of the program."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        environ["PYTHONPATH"] = str(self.folder)
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> float:
        """How long `portal doctor` takes."""
        return _time(lambda: self.run("doctor"), "content: every content file is sound")


def against_bare_python() -> Iterator[Measure]:
    """The second start, with the content as shipped and with ten times as much."""
    with tempfile.TemporaryDirectory() as name:
        site, large = Site(Path(name) / "site"), Site(Path(name) / "large")
        grow(large.folder)
        for one in (site, large):
            one.run("db", "upgrade")
            one.start()
            time.sleep(2.5)  # a start trusts the times of files that have rested
            one.start()
        libraries = site.run(code=LIBRARIES).stderr.splitlines()[-1].split()
        turns = [(site.start(), _time(lambda: site.run(*libraries, code=BARE)), large.start()) for _ in range(ROUNDS)]
    yield Measure(
        "start of `portal doctor` / bare Python that imports the same libraries",
        statistics.median(ours / bare for ours, bare, _ in turns),
        1.5,
    )
    yield Measure(
        f"start of `portal doctor` with {TIMES} times the tracks and translations / with those shipped",
        statistics.median(more / ours for ours, _, more in turns),
        1.1,
    )


_IN_FRENCH = r"^(\w+)_fr = (?:\[\n(?:  .*\n)*\]|.*)\n"  # one line, or a list of lines


def grow(folder: Path) -> None:
    """Ten times the tracks, and nine more languages in which all content is written."""
    for path in sorted(folder.glob("content/**/*.fr.md")):
        for code in CODES:
            shutil.copy(path, path.with_name(path.name.replace(".fr.md", f".{code}.md")))
    for track in sorted(folder.glob("content/tracks/*/track.toml")):
        text = re.sub(_IN_FRENCH, _in_every_language, track.read_text(encoding="utf-8"), flags=re.MULTILINE)
        track.write_text(text, encoding="utf-8")
        for number in range(1, TIMES):
            own = Path(shutil.copytree(track.parent, track.parent.with_name(f"{track.parent.name}-{number}")))
            ids = re.sub(r'^id = "(.*)"', lambda _: f'id = "{uuid.uuid4()}"', text, flags=re.MULTILINE)
            (own / "track.toml").write_text(ids, encoding="utf-8")
    with (folder / "portal" / "translations" / "languages.toml").open("a", encoding="utf-8") as table:
        table.writelines(f'[{code}]\nname = "{code}"\ndirection = "ltr"\n' for code in CODES)


def _in_every_language(found: re.Match[str]) -> str:
    return found[0] + "".join(found[0].replace("_fr = ", f"_{code} = ", 1) for code in CODES)


def _time(run: Callable[[], subprocess.CompletedProcess[str]], expected: str = "") -> float:
    """Seconds of a processor that a process took, the system's work for it included: steady on a busy machine, too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if expected not in done.stdout:
        raise RuntimeError(f"the process said: {(done.stdout + done.stderr)[:1000]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
