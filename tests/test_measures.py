"""What `make bench` measures on is sound: a measurement that cannot begin tells nothing for a long time."""

from __future__ import annotations

from pathlib import Path

from tests.bench.start import Site, grow


def test_ten_times_the_content_is_content_that_a_site_starts_with(tmp_path: Path) -> None:
    site = Site(tmp_path)
    grow(tmp_path)
    assert len(list(tmp_path.glob("content/tracks/*/track.toml"))) == 30
    told = site.run("doctor").stdout
    assert "✓ content: every content file is sound" in told, told[:2000]
