"""`portal doctor`: looks at everything a site needs and says what to do where something is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.admin.checks import CheckResult, local_checks, outside_checks
from portal.app import create_app
from portal.core.config import Config, ConfigError
from portal.core.config_file import load_config
from portal.core.content import BrokenContentError, content_folder
from portal.core.content_files import ContentFiles
from portal.core.jobs import Portal
from portal.core.replaced_content import changed_below
from portal.forges.forge import Forges
from portal.forges.table import FORGES


def run_checks(forges: Forges = FORGES) -> Iterator[CheckResult]:
    """Look at configuration, content, database, migrations, worker, queue and every source, one after the other."""
    try:
        config = load_config(forges.settings)
    except ConfigError as error:
        yield from (
            CheckResult("configuration", False, problem, "Mend it in the settings file.") for problem in error.problems
        )
        return
    yield CheckResult("configuration", True, f"{config.site.name} at {config.site.url}")
    app = yield from _content(config, forges)
    if app is None:
        return
    portal: Portal = app.extensions["portal"]
    try:
        yield from local_checks(portal)
        yield from outside_checks(portal)
    finally:
        portal.database.dispose()


def _content(config: Config, forges: Forges) -> Any:
    try:
        app: Flask = create_app(config, forges=forges)
    except BrokenContentError as error:
        for problem in error.problems:
            yield CheckResult("content", False, f"{problem.file}:{problem.line}: {problem.what}", problem.mend)
        return None
    except ConfigError as error:
        yield from (
            CheckResult("configuration", False, problem, "Set it, then ask again.") for problem in error.problems
        )
        return None
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:  # the queue is a file of SQLite of its own
        yield CheckResult(
            "site",
            False,
            str(error),
            "See that [site] data_dir can be written, that the disk is not full, and that [database] url is right.",
        )
        return None
    yield CheckResult("content", True, f"every content file is sound{_own_content(config)}")
    return app


def _own_content(config: Config) -> str:
    if config.site.content is None:
        return ""
    files = ContentFiles(content_folder(), config.site.content)
    counts = f"{len(files.replaced)} replaced, {len(files.added)} added, {len(files.hidden)} hidden"
    changed = len(changed_below(files))
    news = f"; {changed} of them made of an older shipped text, see: portal content check" if changed else ""
    return f"; by {config.site.content}: {counts}{news}"
