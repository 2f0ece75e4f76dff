"""The unit files, nginx's settings and the admin's guide speak of this program: nothing in them is out of date."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from portal.cli import main
from tests.settings import parse_config

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
GUIDES = sorted((ROOT / "content" / "pages").glob("running-the-portal*.md"))
PROGRAMS = "/opt/portal/.venv/bin/"


def settings_of(unit: Path) -> dict[str, list[str]]:
    """Every setting of a unit file with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def is_command(words: list[str]) -> bool:
    """Whether these words begin with a command that `portal` has."""
    group: click.Command | None = main
    for word in words:
        if not isinstance(group, click.Group):
            return True
        group = group.commands.get(word)
    return group is not None and not isinstance(group, click.Group)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_program_that_there_is_as_an_account_without_rights(unit: Path) -> None:
    said = settings_of(unit)
    (command,) = said["ExecStart"]
    words = shlex.split(command)
    if words[0] == PROGRAMS + "gunicorn":
        assert words[-1] == "portal.server:make_served_app()"
    else:
        inner = shlex.split(words[-1]) if words[0] == "/bin/sh" else words
        assert inner[0] == PROGRAMS + "portal"
        assert is_command(inner[1:])
    assert said["User"] == ["portal"]
    assert said["NoNewPrivileges"] == ["yes"]
    assert said["ProtectSystem"] == ["strict"]
    assert said["CapabilityBoundingSet"] == [""]
    assert said["UMask"] == ["0077"]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_guide_tells_of_the_sites_clock_and_of_everything_that_can_be_given_up(guide: Path) -> None:
    text = guide.read_text()
    assert 'time_zone = "' in text
    source = (ROOT / "portal" / "doctor.py").read_text()
    for function in re.findall(r"^def _\w+\(.*?(?=^def |\Z)", source, re.DOTALL | re.MULTILINE):
        if "given_up" in function:
            if function.startswith("def _given_up("):
                continue  # whoever calls it gives the name
            (name,) = set(re.findall(r'(?:CheckResult\(|_given_up\(portal, )"(\w+)"', function))
            assert f"| {name} |" in text
            assert all(line in text for line in re.findall(r"“([a-z ]+)”", function))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_guide_says_how_what_is_kept_and_what_crosses_a_network_is_encrypted(guide: Path) -> None:
    text = guide.read_text()
    for said in ("LUKS", "?sslmode=verify-full&sslrootcert=", "hostssl", "rediss://", "ssl_ca_certs=", "tls-port"):
        assert said in text, said
    assert "PORTAL_PASSWORD_KEY" in text
    assert "OCSP" in text
    assert "/var/log/nginx/portal.log" in text


def test_the_worker_is_closed_off_like_the_web() -> None:
    web, worker = (settings_of(DEPLOY / f"{name}.service") for name in ("portal", "portal-worker"))
    own = {"Description", "Type", "ExecStart", "ExecReload"}
    assert {key: value for key, value in web.items() if key not in own} == {
        key: value for key, value in worker.items() if key not in own
    }


def test_nginx_replaces_every_header_that_the_portal_believes() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    for name in ("For $remote_addr", "Proto $scheme", "Host $host", 'Prefix ""'):
        assert f"proxy_set_header X-Forwarded-{name};" in text
    assert "proxy_set_header" not in text.partition("location /")[2], "a location that sets one forgets all others"
    (unit,) = settings_of(DEPLOY / "portal.service")["ExecStart"]
    (bound,) = re.findall(r"--bind (\S+)", unit)
    assert f"server {bound};" in text


def blocks(guide: Path, language: str) -> list[str]:
    """The code of a guide in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", guide.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_settings_of_the_guide_are_settings(guide: Path) -> None:
    shown = blocks(guide, "toml")
    assert len(shown) == 6
    config = parse_config("\n".join(shown))
    assert config.site.behind_proxies == 1
    assert config.database.url_env == "PORTAL_DATABASE_URL"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_commands_of_the_guide_are_commands(guide: Path) -> None:
    told = re.findall(r"portal-admin ([a-z][^\n`]*)", guide.read_text())
    assert len(told) >= 15
    for line in told:
        assert is_command([word for word in line.split() if re.fullmatch(r"[a-z-]+", word) and word[0] != "-"]), line
    for name in re.findall(r"deploy/([\w.-]+\.\w+)", guide.read_text()):
        assert list(DEPLOY.glob(name)), name


def test_every_language_shows_the_same_commands() -> None:
    shown = [[blocks(guide, language) for language in ("sh", "toml", "nginx", "json")] for guide in GUIDES]
    assert all(one == shown[0] for one in shown)
