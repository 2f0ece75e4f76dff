"""The settings: one file, checked whole, with every problem named."""

from __future__ import annotations

import stat
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from portal.core.config import Config, ConfigError, secret_key
from portal.forges.table import FORGES
from tests.settings import load_config, parse_config

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def with_sources_uncommented() -> str:
    text = EXAMPLE.read_text()
    head, _, sources = text.partition("# [[sources]]")
    return head + ("# [[sources]]" + sources).replace("\n# ", "\n").replace("\n#\n", "\n").removeprefix("# ")


def test_the_example_file_says_the_defaults() -> None:
    assert parse_config(EXAMPLE.read_text()) == Config()


def test_the_example_file_names_every_setting_and_no_other() -> None:
    written = tomllib.loads(EXAMPLE.read_text())
    known = {
        (section, key)
        for section, field in Config.model_fields.items()
        if section not in {"sources", "sign_in"}
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    }
    assert {(section, key) for section, table in written.items() for key in table} == known


def test_each_setting_of_the_example_has_a_sentence_above_it() -> None:
    lines = EXAMPLE.read_text().partition("# Review servers")[0].splitlines()
    for above, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("# "), line


def test_the_examples_of_sources_are_valid_and_name_every_setting() -> None:
    config = parse_config(with_sources_uncommented())
    assert [source.kind for source in config.sources] == ["gerrit", "gitlab"]
    named = {key for table in tomllib.loads(with_sources_uncommented())["sources"] for key in table}
    assert named == {key for settings in FORGES.settings.values() for key in settings.model_fields}


def test_every_problem_is_told_at_once_with_its_key() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config('[site]\nnmae = "x"\n[jobs]\nworkers = 0\n[[sources]]\nslug = "A B"\nkind = "svn"\nurl = "x"\n')
    told = "\n".join(caught.value.problems)
    for key in ("site.nmae", "jobs.workers", "sources[1].slug", "sources[1].kind", "sources[1].url"):
        assert key in told
    assert "there is no such setting; see config.example.toml" in told


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('[site]\nnmae = "x"\n', "Did you mean name?"),
        ('[mial]\nhost = "x"\n', "Did you mean mail?"),
        ("[limits]\npatience = 3\n", "Did you mean patience_days?"),
        ('[[sources]]\nslug = "a"\nkind = "gerrit"\nurl = "https://x.org"\nbot = ["b"]\n', "Did you mean bots?"),
        ("[jobs]\nzzzzzz = 3\n", "which `portal config new` writes."),
    ],
)
def test_a_misspelt_setting_is_told_with_the_one_that_was_meant(text: str, meant: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text)
    assert caught.value.problems[-1].endswith(meant)


def test_what_to_write_instead_is_told_in_words() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config('[mail]\npassword_env = "hunter 2"\n[jobs]\nqueue = "amqp://x"\n[site]\ndefault_language = "de"\n')
    assert len(caught.value.problems) == 3
    for problem, word in zip(
        sorted(caught.value.problems), ("redis://", "environment variable", "en or fr"), strict=True
    ):
        assert word in problem
        assert "pattern" not in problem


def test_a_slip_in_the_syntax_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match="line 2"):
        parse_config('[site]\nname = "x\n')


def test_two_sources_with_one_slug_are_refused() -> None:
    source = '[[sources]]\nslug = "a"\nkind = "gerrit"\nurl = "https://a.example"\n'
    with pytest.raises(ConfigError, match="slug a is used twice"):
        parse_config(source * 2)


def test_a_setting_of_the_other_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="a gerrit source has no token_env"):
        parse_config('[[sources]]\nslug = "a"\nkind = "gerrit"\nurl = "https://a.example"\ntoken_env = "T"\n')


def test_credentials_in_an_address_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"sources\[1\]\.url"):
        parse_config('[[sources]]\nslug = "a"\nkind = "gerrit"\nurl = "https://me:secret@a.example"\n')


def test_a_named_file_that_is_missing_is_an_error_and_an_unnamed_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config({}) == Config()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config({"PORTAL_CONFIG": str(tmp_path / "none.toml")})


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    config = Config.model_validate({"site": {"data_dir": tmp_path / "var"}})
    key = secret_key(config, {})
    path = tmp_path / "var" / "secret_key"
    assert secret_key(config, {}) == key == path.read_text()
    assert len(key) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700, "the database beside it is nobody else's, either"


def test_the_environment_may_give_the_secret_key(tmp_path: Path) -> None:
    config = Config.model_validate({"site": {"data_dir": tmp_path}})
    assert secret_key(config, {"PORTAL_SECRET_KEY": "given"}) == "given"
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("https://portal.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost.example.org:8000", False),
    ],
)
def test_only_a_loopback_address_is_local(url: str, local: bool) -> None:
    assert Config.model_validate({"site": {"url": url}}).site.is_local is local


IN_THE_ENVIRONMENT = '[database]\nurl_env = "DB"\n[jobs]\nqueue_env = "QUEUE"\n'


def test_addresses_with_passwords_come_from_the_environment() -> None:
    config = parse_config(IN_THE_ENVIRONMENT)
    environ = {"DB": "postgresql://portal:secret@db/portal", "QUEUE": "rediss://:secret@queue/0"}
    assert config.database_url(environ) == environ["DB"]
    assert config.queue_url(environ) == environ["QUEUE"]
    assert parse_config('[jobs]\nqueue = "redis://queue"\n').queue_url({}) == "redis://queue"
    assert Config().queue_url({}) == ""


@pytest.mark.parametrize("environ", [{}, {"DB": "", "QUEUE": ""}])
def test_an_address_that_is_missing_there_is_told_and_nothing_else_is_taken_for_it(environ: dict[str, str]) -> None:
    config = parse_config(IN_THE_ENVIRONMENT)
    with pytest.raises(ConfigError, match="the variable DB is empty"):
        config.database_url(environ)
    with pytest.raises(ConfigError, match="the variable QUEUE is empty"):
        config.queue_url(environ)


def test_what_is_no_queue_is_told_without_its_secret() -> None:
    with pytest.raises(ConfigError, match="QUEUE holds no address of a queue") as caught:
        parse_config(IN_THE_ENVIRONMENT).queue_url({"DB": "x", "QUEUE": "amqp://:secret@queue"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe"])
def test_the_time_zone_of_the_site_must_be_one(name: str) -> None:
    with pytest.raises(ConfigError, match=r"site\.time_zone: there is no time zone"):
        parse_config(f'[site]\ntime_zone = "{name}"')


def test_nightly_work_goes_by_the_clock_of_the_site() -> None:
    assert str(parse_config('[site]\ntime_zone = "Europe/Paris"').site.zone) == "Europe/Paris"
