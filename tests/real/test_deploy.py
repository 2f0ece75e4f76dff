"""The portal as the admin’s guide sets it up, from the files in deploy/: nginx, gunicorn, PostgreSQL and Redis."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.servers import free_port, stop
from tests.servers.deployed import DEPLOY, NAME, PROGRAMS, Site, deployed, program, write_nginx
from tests.servers.postgres import Postgres
from tests.soak.__main__ import load_demo, soak

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore:Unverified HTTPS")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Site]:
    """Everything started, with the commands that stand in the unit files."""
    with deployed(tmp_path_factory.mktemp("deploy"), postgres, "api_per_minute = 10") as made:
        yield made


def test_nginx_takes_the_settings_and_systemd_the_units(tmp_path: Path) -> None:
    write_nginx(tmp_path, *(free_port() for _ in range(3)))
    command = [program("nginx", "nginx-light"), "-t", "-c", str(tmp_path / "nginx.conf")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    for unit in sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]):
        text = unit.read_text().replace("/opt/portal/.venv/bin/", f"{PROGRAMS}/")
        (tmp_path / unit.name).write_text(text)
    units = [str(path) for path in sorted([*tmp_path.glob("*.service"), *tmp_path.glob("*.timer")])]
    told = subprocess.run(
        [program("systemd-analyze", "systemd"), "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "portal" not in told.stderr, "not even a warning"


def test_pages_come_by_https_and_http_leads_there(site: Site) -> None:
    page = site.get("/")
    assert page.status == 200
    assert "Strict-Transport-Security" in page.headers
    assert "Content-Encoding" not in site.get("/", **{"Accept-Encoding": "gzip"}).headers
    signing_in = site.get("/people/sign-in")
    assert "Secure" in signing_in.headers["Set-Cookie"]
    plain = requests.get(
        f"http://127.0.0.1:{site.http_port}/tools/", headers={"Host": NAME}, allow_redirects=False, timeout=10
    )
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{NAME}/tools/")


def test_the_log_of_nginx_holds_no_argument_and_no_address_that_somebody_came_from(site: Site) -> None:
    came_from = f"https://{NAME}/people/email/confirm?token=another-s3cret"
    site.get("/people/password/reset?token=s3cret.of.a.letter", Referer=came_from)
    site.get("/search?q=tired")
    log = (site.folder / "portal.log").read_text()
    assert '"GET /people/password/reset HTTP/1.1" 303' in log
    assert f'"https://{NAME}/people/email/confirm"' in log
    assert not any(one in log for one in ("s3cret", "tired", "?"))


@pytest.mark.parametrize(
    ("ciphers", "is_taken"),
    [
        ("ECDHE-RSA-AES256-GCM-SHA384", True),
        ("ECDHE-RSA-CHACHA20-POLY1305", True),
        ("AES256-GCM-SHA384", False),
        ("ECDHE-RSA-AES256-SHA", False),
        ("AES128-SHA", False),
    ],
)
def test_only_strong_ciphers_are_taken(site: Site, ciphers: str, is_taken: bool) -> None:
    asking = ssl.create_default_context()
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    asking.maximum_version = ssl.TLSVersion.TLSv1_2
    asking.set_ciphers(ciphers)
    try:
        with socket.create_connection(("127.0.0.1", site.port), 10) as line, asking.wrap_socket(line) as spoken:
            assert (spoken.cipher() or ("",))[0] == ciphers
    except ssl.SSLError:
        assert not is_taken
    else:
        assert is_taken


def test_of_several_ciphers_the_strongest_is_chosen(site: Site) -> None:
    asking = ssl.create_default_context()
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    asking.maximum_version = ssl.TLSVersion.TLSv1_2
    asking.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384")
    with socket.create_connection(("127.0.0.1", site.port), 10) as line, asking.wrap_socket(line) as spoken:
        assert (spoken.cipher() or ("",))[0] == "ECDHE-RSA-AES256-GCM-SHA384"


def test_styles_are_compressed_and_kept(site: Site) -> None:
    (address,) = re.findall(r'href="(/static/portal\.css[^"]*)"', site.get("/").data.decode())
    style = site.get(address, **{"Accept-Encoding": "gzip"})
    assert style.headers["Content-Encoding"] == "gzip"
    assert "max-age=31536000" in style.headers["Cache-Control"]


def test_nobody_gains_tries_by_writing_another_address_into_the_headers(site: Site) -> None:
    answers = [
        site.get("/api/v1/changes", **{"X-Forwarded-For": f"198.51.100.{number}"}).status for number in range(14)
    ]
    assert answers.count(200) == 10, "counted in Redis, by all processes together"
    assert answers.count(429) == 4


def test_it_bears_a_moment_of_the_load_that_make_soak_brings(site: Site) -> None:
    load_demo(site)
    (failed, *_memory) = soak(site, minutes=0.1, peak_seconds=3)
    assert failed.ok, failed


def test_the_doctor_finds_nothing_and_a_backup_comes_back(site: Site, postgres: Postgres) -> None:
    site.portal("user", "create", "ana", "--password", "correct horse battery", "--role", "portal-steward")
    told = site.portal("doctor")
    assert "postgresql answers" in told
    assert "redis answers" in told
    file = site.folder / "backup.tar.gz"
    site.portal("db", "backup", "--with-secret-key", str(file))
    database = postgres.create()
    other = site.folder / "other.toml"
    other.write_text((site.folder / "config.toml").read_text().replace("/data", "/other"))
    environ = {**site.environ, "DATABASE": postgres.url(database), "PORTAL_CONFIG": str(other)}
    restored = Site(site.folder, site.port, site.http_port, environ, site.redis)
    assert "as it was on" in restored.portal("db", "restore", str(file))
    assert (site.folder / "other" / "secret_key").read_text() == (site.folder / "data" / "secret_key").read_text()
    again = subprocess.run(
        [PROGRAMS / "portal", "user", "create", "ana", "--password", "correct horse battery"],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 1, "ana is there"
    postgres.drop(database)


def test_pages_and_the_api_answer_while_redis_is_away(site: Site) -> None:
    stop(site.redis)
    assert site.get("/tools/").status == 200
    assert site.get("/api/v1/changes").status in (200, 429)
    assert site.get("/healthz").status == 200
