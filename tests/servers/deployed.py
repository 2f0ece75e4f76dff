"""The portal as the admin’s guide sets it up, from the files in deploy/: nginx, gunicorn, PostgreSQL and Redis."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from tests.servers import CannotStart, free_port, stop, wait_until
from tests.servers.postgres import Postgres

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NAME = "portal.example.org"
PROGRAMS = Path(sys.executable).parent
CONFIG = """
[site]
url = "https://portal.example.org"
data_dir = "{folder}/data"
behind_proxies = 1
[database]
url_env = "DATABASE"
[jobs]
queue_env = "QUEUE"
[limits]
{limits}
"""
NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/bodies;
    include {folder}/site.conf;
}}
"""


@dataclass
class Site:
    """The whole installation; `get` asks nginx as a browser does."""

    folder: Path
    port: int
    http_port: int
    environ: dict[str, str]
    redis: subprocess.Popen[bytes]
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    def get(self, path: str, **headers: str) -> Any:
        """The answer to this path, by HTTPS."""
        with urllib3.HTTPSConnectionPool(
            "127.0.0.1", self.port, cert_reqs="CERT_NONE", assert_hostname=False, server_hostname=NAME
        ) as pool:
            return pool.request("GET", path, headers={"Host": NAME, **headers}, redirect=False, retries=False)

    def portal(self, *words: str) -> str:
        """What a command says; it must end well."""
        command = [PROGRAMS / "portal", *words]
        done = subprocess.run(command, env=self.environ, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def program(name: str, package: str) -> str:
    """The path of a program. Raises CannotStart with what to install."""
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        raise CannotStart(f"{name} is not installed; on Debian: apt install {package}")
    return found


@contextlib.contextmanager
def running(command: list[str], log: Path, answers: Any, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process for the time of the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
    try:
        wait_until(answers, process, log, 60)
        yield process
    finally:
        if process.poll() is None:
            stop(process)


def can_connect(port: int) -> bool:
    """Whether somebody listens on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def write_nginx(folder: Path, site: int, http: int, web: int) -> None:
    """deploy/nginx.conf on ports of our own, with a certificate of our own."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*make, *files], check=True, capture_output=True)
    text = re.sub(r"\n\s*listen \[::\][^\n]*", "", (DEPLOY / "nginx.conf").read_text())
    text = text.replace("listen 80;", f"listen 127.0.0.1:{http};").replace("listen 443 ", f"listen 127.0.0.1:{site} ")
    text = text.replace("/etc/ssl/portal", str(folder)).replace("/var/log/nginx", str(folder))
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{web}")
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))


@contextlib.contextmanager
def deployed(folder: Path, postgres: Postgres, limits: str = "") -> Iterator[Site]:
    """Everything started, with the commands that stand in the unit files; `limits` are lines of that table."""
    redis, web, https, http = (free_port() for _ in range(4))
    (folder / "config.toml").write_text(CONFIG.format(folder=folder, limits=limits))
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PORTAL_CONFIG": str(folder / "config.toml")}
    database = postgres.create()
    environ |= {"DATABASE": postgres.url(database), "QUEUE": f"redis://:s3cret@127.0.0.1:{redis}/0"}
    write_nginx(folder, https, http, web)
    (start,) = re.findall(r"^ExecStart=(.*)$", (DEPLOY / "portal.service").read_text(), re.MULTILINE)
    gunicorn = shlex.split(
        start.replace("/opt/portal/.venv/bin", str(PROGRAMS)).replace("127.0.0.1:8000", f"127.0.0.1:{web}")
    )
    options = {"env": environ, "cwd": folder}
    redis_command = [program("redis-server", "redis-server"), "--port", str(redis), "--bind", "127.0.0.1"]
    redis_command += ["--requirepass", "s3cret", "--save", "", "--dir", str(folder)]
    nginx = [program("nginx", "nginx-light"), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with running(redis_command, folder / "redis.log", lambda: can_connect(redis)) as queue:
        made = Site(folder, https, http, environ, queue)
        made.portal("db", "upgrade")
        with (
            running(gunicorn, folder / "web.log", lambda: can_connect(web), **options) as made.web,
            running([str(PROGRAMS / "portal"), "work"], folder / "worker.log", lambda: True, **options) as made.worker,
            running(nginx, folder / "nginx.log", lambda: can_connect(https)),
        ):
            yield made
    postgres.drop(database)
