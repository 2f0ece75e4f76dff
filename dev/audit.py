"""`make audit`: what is installed with the portal, under which licences, and what is known to be weak in it.

Licences and the list (an SBOM as CycloneDX 1.6 tells it) are made of what the packages say of themselves, without a
network. Weaknesses are asked for by pip-audit, which uv fetches for the time of its run: where it cannot be had, or its
service not be reached, that is said, and nothing is claimed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-large.lock"
SBOM = ROOT / "build" / "sbom.cdx.json"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", re.MULTILINE)
ALLOWED = {
    *("MIT", "MIT-0", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0", "PSF-2.0", "Unlicense"),
    *("MPL-2.0", "LGPL-3.0-only", "LGPL-3.0-or-later", "GPL-3.0-or-later", "GPL-3.0-only", "0BSD", "Zlib", "CC0-1.0"),
}
"""What a work under the GPL, version 3 or later, may be given out with."""
CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
SAID_ELSEWHERE = {"huey": "MIT"}
"""Packages that bring their licence as a file alone, and what it is: read by a person."""


class Pinned(NamedTuple):
    """A package of the lock. `licence` is empty where it says none, and None where it is not installed here."""

    name: str
    version: str
    licence: str | None


def pinned(lock: str) -> list[Pinned]:
    """Every package of a lock."""
    return [Pinned(name, version, licence_of(name)) for name, version in PINNED.findall(lock)]


def licence_of(name: str) -> str | None:
    """What an installed package says of its licence, as an SPDX expression; None for one that is not installed."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    kinds = [kind.rpartition(" :: ")[2] for kind in said.get_all("Classifier", []) if kind.startswith("License ::")]
    told = said.get("License-Expression") or " AND ".join(sorted(CLASSIFIERS.get(kind, kind) for kind in kinds))
    # Before licences were expressions, some wrote one into a field for free words.
    plain = said.get("License", "")
    return str(told or SAID_ELSEWHERE.get(name) or (plain if len(plain.split()) == 1 else ""))


def is_allowed(licence: str) -> bool:
    """Whether this expression can be met by licences of the list: of several that are joined by OR one is enough."""
    return any(all(part.strip(" ()") in ALLOWED for part in choice.split(" AND ")) for choice in licence.split(" OR "))


def sbom(packages: Iterable[Pinned]) -> dict[str, Any]:
    """The list of them as CycloneDX 1.6 (ECMA-424) wants it."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "contributor-portal"}},
        "components": [
            {
                "type": "library",
                "name": one.name,
                "version": one.version,
                "purl": f"pkg:pypi/{one.name}@{one.version}",
                **({"licenses": [{"expression": one.licence}]} if one.licence else {}),
            }
            for one in packages
        ],
    }


Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def weaknesses(run: Run, packages: Iterable[Pinned]) -> tuple[list[str], list[str]]:
    """What is known to be weak, a line each; and the packages about which nobody could be asked."""
    uv = str(Path(sys.executable).with_name("uv"))
    asked = [uv, "tool", "run", "pip-audit", "--disable-pip", "--require-hashes", "-f", "json", "-r", str(LOCK)]
    try:
        told = json.loads(run(asked).stdout)
    except (OSError, ValueError):
        return [], [one.name for one in packages]
    known = [
        f"{package['name']} {package['version']}: {known['id']}, mended in {known['fix_versions']}"
        for package in told["dependencies"]
        for known in package.get("vulns", ())
    ]
    return known, [package["name"] for package in told["dependencies"] if "skip_reason" in package]


def main(run: Run | None = None) -> int:
    """Tell of licences and weaknesses, and write the list. Gives the exit code: 1 for what must be looked at."""
    packages = pinned(LOCK.read_text())
    bad = [one for one in packages if one.licence is not None and not is_allowed(one.licence)]
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(sbom(packages), indent=2))
    absent = [one.name for one in packages if one.licence is None]
    print(f"{len(packages)} packages, listed in {SBOM.relative_to(ROOT)}")  # noqa: T201
    for one in bad:
        print(f"{one.name}: {one.licence or 'says no licence'}: not in the list of licences")  # noqa: T201
    if absent:
        print(f"not installed here, so their licences are not known: {', '.join(absent)}")  # noqa: T201
    weak, unasked = weaknesses(run or _run, packages)
    for line in weak:
        print(line)  # noqa: T201
    asked = len(packages) - len(unasked)
    print(f"known weaknesses: {len(weak)}, asked about {asked} of {len(packages)} packages")  # noqa: T201
    if unasked:
        print("About the others nobody could be asked: pip-audit or its service is not to be had here.")  # noqa: T201
    return 1 if bad or weak else 0


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
