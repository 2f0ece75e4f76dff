"""One world for all: whatever a test changes in it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jinja2 import FileSystemBytecodeCache

from tests import made_content
from tests.access.world import World, found
from tests.conftest import making_sites
from tests.databases import Databases

TOML = """
[wiki]
url = "https://wiki.example"

[limits]
csv_per_minute = 10000
lists_per_minute = 10000
feeds_per_minute = 10000
"""


@pytest.fixture(scope="package")
def world(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, compiled_templates: FileSystemBytecodeCache
) -> Iterator[World]:
    """The community, made once."""
    folder = tmp_path_factory.mktemp("world")
    content = made_content.with_track(made_content.copied(folder))
    with making_sites(folder, databases, compiled_templates) as make_site:
        yield found(make_site(TOML, content=content))
