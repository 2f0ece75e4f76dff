"""A real Gerrit: REST and git over HTTP and SSH, without its web pages.

Its release archive is not on Maven Central, but the jars named in gerrit.jars hold the same server. They are fetched
once into Maven's own folder; a start takes about ten seconds after that. To try something by hand against a fresh one:
`python -m tests.servers.gerrit`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.servers import CannotStart, free_port, stop, wait_until

OLDEST_JAVA = 21
JARS = Path(__file__).with_suffix(".jars")
"""A line for each: the SHA-256 of its file, then group:name:version."""
LOGGING = "com.google.common.flogger.backend.log4j.Log4jBackendFactory#getInstance"
SETTINGS = {"sendemail.enable": "false"}


@dataclass(frozen=True)
class Gerrit:
    """A running server, and the administrator who came with it."""

    url: str
    ssh_port: int
    admin: str = "admin"
    password: str = "secret"


@contextlib.contextmanager
def running_gerrit(folder: Path) -> Iterator[Gerrit]:
    """An empty Gerrit under `folder` for the time of the block. Raises CannotStart."""
    command = [_java(), "-Xmx512m", f"-Dflogger.backend_factory={LOGGING}", "-cp", _class_path()]
    command.append("com.google.gerrit.launcher.GerritLauncher")
    url, ssh_port = f"http://127.0.0.1:{free_port()}", free_port()
    _initialise(command, folder, url, ssh_port)
    log = folder / "daemon.log"
    with log.open("wb") as output:
        arguments = ["daemon", "--headless", "--console-log", "-d", str(folder / "site")]
        process = _start(command + arguments, folder, output.fileno())
    try:
        wait_until(partial(_answers, url), process, log, seconds=120)
        yield Gerrit(url, ssh_port)
    finally:
        stop(process)


def _initialise(command: list[str], folder: Path, url: str, ssh_port: int) -> None:
    site, log = folder / "site", folder / "init.log"
    with log.open("wb") as output:
        arguments = ["init", "--batch", "--no-auto-start", "--dev", "-d", str(site)]
        if _start(command + arguments, folder, output.fileno()).wait() != 0:
            raise CannotStart(f"Gerrit cannot be set up; see {log}")
    doors = {"httpd.listenUrl": url, "gerrit.canonicalWebUrl": url, "sshd.listenAddress": f"127.0.0.1:{ssh_port}"}
    for key, value in {**SETTINGS, **doors}.items():
        subprocess.run(["git", "config", "--file", site / "etc/gerrit.config", key, value], check=True)


def _start(command: list[str], folder: Path, output: int) -> subprocess.Popen[bytes]:
    # Gerrit unpacks itself into GERRIT_TMP, else into the home folder of whoever runs the tests.
    environment = {**os.environ, "GERRIT_TMP": str(folder / "tmp")}
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/config/server/version", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _java() -> str:
    home = [f"{os.environ['JAVA_HOME']}/bin/java"] if os.environ.get("JAVA_HOME") else []
    on_path = [found] if (found := shutil.which("java")) else []
    for java in (*home, *on_path, *map(str, Path("/usr/lib/jvm").glob("*/bin/java"))):
        if _java_version(java) >= OLDEST_JAVA:
            return java
    raise CannotStart(
        f"Gerrit needs Java {OLDEST_JAVA} or newer, found neither by JAVA_HOME, nor on PATH, nor in /usr/lib/jvm; "
        "install one, for instance Temurin from https://adoptium.net"
    )


def _java_version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0


def _class_path() -> str:
    return ":".join(str(_jar(*line.split())) for line in JARS.read_text().splitlines())


def _jar(digest: str, coordinates: str) -> Path:
    group, name, version = coordinates.split(":")
    path = Path.home() / ".m2/repository" / group.replace(".", "/") / name / version / f"{name}-{version}.jar"
    if not path.exists():
        _fetch(coordinates)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise CannotStart(f"{path} is not the file this test knows; remove it to fetch it again")
    return path


def _fetch(coordinates: str) -> None:
    if not shutil.which("mvn"):
        raise CannotStart("Gerrit's jars are fetched with Maven; on Debian: apt install maven")
    command = ["mvn", "-q", "-B", "dependency:get", "-Dtransitive=false", f"-Dartifact={coordinates}"]
    fetched = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        raise CannotStart(f"Maven cannot fetch {coordinates}:\n{fetched.stdout[-2000:]}")


def main() -> None:
    """Run a Gerrit until Enter is pressed."""
    with tempfile.TemporaryDirectory() as folder, running_gerrit(Path(folder)) as gerrit:
        input(f"{gerrit.url} answers to {gerrit.admin} / {gerrit.password}; Enter ends it. ")


if __name__ == "__main__":
    main()
