"""What is installed with the portal: licences that fit, a list of it, no build tools, and honesty about the rest."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from dev import audit

BUILD_TOOLS = {"hatchling", "editables", "pathspec", "pluggy", "trove-classifiers"}


def names(lock: str) -> set[str]:
    return {one.name for one in audit.pinned((audit.ROOT / lock).read_text())}


def answering(text: str) -> Any:
    return lambda words: subprocess.CompletedProcess(words, 0, text, "")


def test_what_runs_brings_no_build_tools() -> None:
    for lock in ("requirements.lock", "requirements-large.lock"):
        assert len(names(lock)) > 50
        assert names(lock) & BUILD_TOOLS == set()
    assert names("requirements-build.lock") == BUILD_TOOLS


def test_every_licence_fits_that_of_the_portal() -> None:
    installed = [one for one in audit.pinned(audit.LOCK.read_text()) if one.licence is not None]
    assert len(installed) > 50
    assert [one for one in installed if not audit.is_allowed(one.licence or "")] == []


@pytest.mark.parametrize(
    ("licence", "fits"),
    [("MIT", True), ("Apache-2.0 OR Proprietary", True), ("MIT AND Proprietary", False), ("", False), ("SSPL", False)],
)
def test_one_of_several_licences_is_enough(licence: str, fits: bool) -> None:
    assert audit.is_allowed(licence) is fits


def test_the_list_names_each_package_with_its_version() -> None:
    told = audit.sbom(audit.pinned(audit.LOCK.read_text()))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    flask = next(one for one in told["components"] if one["name"] == "flask")
    assert flask["purl"] == f"pkg:pypi/flask@{flask['version']}"
    assert flask["licenses"] == [{"expression": "BSD-3-Clause"}]


def test_weaknesses_fail_the_audit_and_silence_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(audit, "SBOM", tmp_path / "sbom.json")
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    known = {"name": "flask", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    assert audit.main(answering(json.dumps({"dependencies": [known]}))) == 1
    assert "flask 1: PYSEC-1, mended in ['2']" in capsys.readouterr().out
    assert audit.main(answering("no network")) == 0
    assert "asked about 0 of" in capsys.readouterr().out
    skipped = {"name": "flask", "skip_reason": "not found"}
    assert audit.main(answering(json.dumps({"dependencies": [skipped]}))) == 0
    assert "nobody could be asked" in capsys.readouterr().out
    assert json.loads((tmp_path / "sbom.json").read_text())["components"]
