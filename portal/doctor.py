"""`portal doctor`: looks at everything a site needs and says what to do where something is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from portal.activity.models import Reaction
from portal.app import create_app
from portal.clients.errors import SourceError
from portal.clients.wiki import WikiError, site_name
from portal.core import clock, due, migrations
from portal.core.config import Config, ConfigError, SourceConfig
from portal.core.config_file import load_config
from portal.core.content import BrokenContentError
from portal.core.due import DueState
from portal.core.indexing import SearchDue
from portal.core.jobs import Portal
from portal.core.schedule import last_run
from portal.forges.forge import Forges
from portal.forges.table import FORGES
from portal.mail import queries as mail
from portal.mail.kinds import mail_kinds
from portal.mail.models import OPEN, MailState

WORKER_SILENCE = timedelta(minutes=10)
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found: `mend` says what to do and is empty when all is well."""

    name: str
    ok: bool
    said: str
    mend: str = ""


def examine(forges: Forges = FORGES) -> Iterator[Finding]:
    """Look at configuration, content, database, migrations, worker, queue and every source, one after the other."""
    try:
        config = load_config(forges.settings)
    except ConfigError as error:
        yield from (
            Finding("configuration", False, problem, "Mend it in the settings file.") for problem in error.problems
        )
        return
    yield Finding("configuration", True, f"{config.site.name} at {config.site.url}")
    app = yield from _content(config, forges)
    if app is None:
        return
    portal: Portal = app.extensions["portal"]
    try:
        yield from _services(portal, config)
    finally:
        portal.database.dispose()


def _services(portal: Portal, config: Config) -> Iterator[Finding]:
    if (yield from _database(portal.database.engine)):
        yield _worker(portal)
        yield _letters(portal)
        yield _search(portal)
        yield _reactions(portal)
    yield _queue(portal)
    yield from _mail(config)
    yield from (_source(portal, source) for source in config.sources)
    if config.wiki.url:
        yield _wiki(config)


def _content(config: Config, forges: Forges) -> Any:
    try:
        app: Flask = create_app(config, forges=forges)
    except BrokenContentError as error:
        for problem in error.problems:
            yield Finding("content", False, f"{problem.file}:{problem.line}: {problem.what}", problem.mend)
        return None
    except ConfigError as error:
        yield from (Finding("configuration", False, problem, "Set it, then ask again.") for problem in error.problems)
        return None
    except (OSError, SQLAlchemyError) as error:
        yield Finding("site", False, str(error), "See that [site] data_dir can be written and [database] url is right.")
        return None
    yield Finding("content", True, "every content file is sound")
    return app


def _database(engine: Engine) -> Any:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        present, newest = migrations.present(engine), migrations.newest()
    except SQLAlchemyError as error:
        yield Finding(
            "database", False, str(error.__cause__ or error), "See that it runs and that [database] url is right."
        )
        return False
    yield Finding("database", True, f"{engine.dialect.name} answers")
    if present == newest:
        yield Finding("migrations", True, f"at {present}, the newest")
        return True
    yield Finding("migrations", False, f"at {present or 'nothing'}, needs {newest}", "Run: portal db upgrade")
    return False


def _worker(portal: Portal) -> Finding:
    with portal.database.session(read_only=True) as session:
        seen = last_run(session)
    mend = "Start `portal serve`, or `portal work` beside `portal serve --no-worker`."
    if seen is None:
        return Finding("worker", False, "no worker has run yet", mend)
    silence = clock.now() - seen
    said = f"last heard of {int(silence.total_seconds())} seconds ago"
    return Finding("worker", True, said) if silence < WORKER_SILENCE else Finding("worker", False, said, mend)


def _letters(portal: Portal) -> Finding:
    since = clock.now() - LATELY
    with portal.database.session(read_only=True) as session:
        counts = mail.counts(session, mail_kinds(portal), since)
    waiting = sum(counts[state] for state in OPEN)
    uncertain, given_up = counts[MailState.UNCERTAIN], counts[MailState.GIVEN_UP]
    said = f"{waiting} wait; within a day {uncertain} perhaps sent, {given_up} given up"
    mend = "The worker's log says why: look for “not sent” and “perhaps sent”. The notices stand on the site."
    return Finding("letters", True, said) if not uncertain + given_up else Finding("letters", False, said, mend)


def _search(portal: Portal) -> Finding:
    with portal.database.session(read_only=True) as session:
        counts = due.counts(session, SearchDue, clock.now() - LATELY)
    waiting, given_up = counts.get(DueState.WAITING, 0), counts.get(DueState.GIVEN_UP, 0)
    said = f"{waiting} pieces wait to be indexed; within a day {given_up} given up"
    mend = "The worker's log says why: look for “not indexed”. What is meant may not be found."
    return Finding("search", True, said) if not given_up else Finding("search", False, said, mend)


def _reactions(portal: Portal) -> Finding:
    with portal.database.session(read_only=True) as session:
        counts = due.counts(session, Reaction, clock.now() - LATELY)
    waiting, given_up = counts.get(DueState.WAITING, 0), counts.get(DueState.GIVEN_UP, 0)
    said = f"{waiting} wait to be heard; within a day {given_up} given up"
    mend = "The worker's log says why: look for “event not heard”. What another room would have done is not done."
    return Finding("events", True, said) if not given_up else Finding("events", False, said, mend)


def _queue(portal: Portal) -> Finding:
    huey = portal.app.extensions["portal.queue"].huey
    kind = type(huey).__name__.removesuffix("Huey").lower()
    try:
        waiting = huey.pending_count()
    except Exception as error:  # whatever carries the queue
        mend = (
            "See that it runs and that [jobs] queue is right. Until then nothing that is due is done; nothing is lost."
        )
        return Finding("queue", False, f"{kind}: {error}", mend)
    return Finding("queue", True, f"{kind} answers; {waiting} nudges wait")


def _mail(config: Config) -> Iterator[Finding]:
    if not config.mail.host:
        yield Finding("mail", True, "letters go to the log: set [mail] host to send them")
    elif config.mail.password_env and not os.environ.get(config.mail.password_env):
        yield Finding("mail", False, f"{config.mail.password_env} is empty", "Put the password into that variable.")
    else:
        yield Finding("mail", True, f"through {config.mail.host}:{config.mail.port}")


def _source(portal: Portal, source: SourceConfig) -> Finding:
    return _reached(f"source {source.slug}", source.url, lambda: portal.clients.source(source).version())


def _wiki(config: Config) -> Finding:
    return _reached("wiki", config.wiki.url, lambda: site_name(config.wiki.url))


def _reached(name: str, url: str, ask: Callable[[], str]) -> Finding:
    try:
        told = ask()
    except (SourceError, WikiError, ConfigError) as error:
        return Finding(
            name, False, f"{url}: {error}", "See that the address is right and the credentials are still good."
        )
    return Finding(name, True, f"{url} answers {told}".strip())
