"""What a running site needs, looked at: `portal doctor` tells it on the command line, stewards read it on a page.

`local_checks` ask only the database and this machine; `outside_checks` call servers, and are never run by a page.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from importlib.metadata import version
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from portal.activity.models import Reaction
from portal.clients.errors import SourceError
from portal.clients.identities import IdentityRefused
from portal.clients.mail import MailError
from portal.clients.wiki import WikiError, site_name
from portal.core import clock, due, migrations
from portal.core.config import Config, ConfigError, SignInConfig, SourceConfig
from portal.core.due import DueOnce, DueState
from portal.core.indexing import SearchDue
from portal.core.jobs import Portal
from portal.core.schedule import last_run
from portal.mail import queries as mail
from portal.mail.kinds import mail_kinds
from portal.mail.models import OPEN, MailState

MEND_SENDER = (
    "The mail server takes nothing from us: see [mail] sender, user and password_env, whether it passes on for this"
    " machine, and SPF and DKIM of the sender's domain. Its words are in the worker's log at “mail refused”."
)
MEND_SERVER = "See that the address is right and the credentials are still good."
PASSES = "That server has to be mended, not this site: it is asked again and again."
MENDS = {
    "unauthorised": "Put a token or password that is still good into the variable that the source's table names.",
    "forbidden": "Ask there that this account may see the changes.",
    "not_found": "See that url and kind are right.",
    "not_json": "See that url and kind are right: a page came, such as one to sign in on.",
    "redirected": "Write the address to which it leads into url.",
    "unreachable": "See that url is right, and that this machine reaches it.",
    "timeout": PASSES,
    "server_error": PASSES,
    "rate_limited": PASSES,
    "wrong_client": (
        "The service does not know the portal by this client_id, secret and redirect address, or does not let it ask"
        " for codes: compare them with what is registered there."
    ),
}
"""What to do where a server gave no answer, by the code of the error."""
RENEW_BEFORE = timedelta(days=30)
WORKER_SILENCE = timedelta(minutes=10)
LATELY = timedelta(days=1)


LEAST_FREE = 0.05
"""The share of the disk that has to be free."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one look found: `mend` says what to do and is empty when all is well."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


def local_checks(portal: Portal) -> Iterator[CheckResult]:
    """Look at the database and what it says of worker, mail, search and events, at the disk, and at versions."""
    # Reading takes none of SQLite's one write lock.
    if (yield from _database(portal.database.engine.execution_options(sqlite_begin="DEFERRED"))):
        yield _worker(portal)
        yield _letters(portal)
        yield _search(portal)
        yield _reactions(portal)
    yield _disk(portal.config)
    yield CheckResult("versions", True, f"portal {version('contributor-portal')}, Python {platform.python_version()}")


def outside_checks(portal: Portal) -> Iterator[CheckResult]:
    """Ask what this site depends on: the queue, the mail server, every source and the wiki."""
    config = portal.config
    yield _queue(portal)
    yield from _mail(portal, config)
    yield from _security(config)
    yield from (_source(portal, source) for source in config.sources)
    yield from (_sign_in(portal, config, provider) for provider in config.sign_in)
    if config.wiki.url:
        yield _wiki(config)


def _disk(config: Config) -> CheckResult:
    usage = shutil.disk_usage(config.site.data_dir)
    share = usage.free / usage.total
    detail = f"{usage.free / 2**30:.1f} GiB free of {usage.total / 2**30:.1f}"
    mend = "Make room where [site] data_dir stands: old backups and logs first."
    return CheckResult("disk", True, detail) if share > LEAST_FREE else CheckResult("disk", False, detail, mend)


def _database(engine: Engine) -> Any:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        present, newest = migrations.present(engine), migrations.newest()
    except SQLAlchemyError as error:
        yield CheckResult(
            "database", False, str(error.__cause__ or error), "See that it runs and that [database] url is right."
        )
        return False
    yield CheckResult("database", True, f"{engine.dialect.name} answers")
    if present == newest:
        yield CheckResult("migrations", True, f"at {present}, the newest")
        return True
    yield CheckResult("migrations", False, f"at {present or 'nothing'}, needs {newest}", migrations.advice(present))
    return False


def _worker(portal: Portal) -> CheckResult:
    with portal.database.session(read_only=True) as session:
        seen = last_run(session)
    mend = "Start `portal serve`, or `portal work` beside `portal serve --no-worker`."
    if seen is None:
        return CheckResult("worker", False, "no worker has run yet", mend)
    silence = clock.now() - seen
    detail = f"last heard of {int(silence.total_seconds())} seconds ago"
    return (
        CheckResult("worker", True, detail) if silence < WORKER_SILENCE else CheckResult("worker", False, detail, mend)
    )


def _letters(portal: Portal) -> CheckResult:
    since = clock.now() - LATELY
    with portal.database.session(read_only=True) as session:
        counts = mail.counts(session, mail_kinds(portal), since)
    waiting = sum(counts[state] for state in OPEN)
    uncertain, given_up, refused = counts[MailState.UNCERTAIN], counts[MailState.GIVEN_UP], counts[MailState.REFUSED]
    detail = f"{waiting} wait; within a day {uncertain} perhaps sent, {given_up} given up"
    # Most of these are addresses with a slip in them, whose owners are told of it.
    detail += f", {refused} refused" if refused else ""
    mend = "The worker's log says why: look for “not sent” and “perhaps sent”. The notices stand on the site."
    if disowned := counts[MailState.SENDER_REFUSED]:
        return CheckResult("letters", False, f"{detail}, {disowned} refused because of who sends", MEND_SENDER)
    return (
        CheckResult("letters", True, detail)
        if not uncertain + given_up
        else CheckResult("letters", False, detail, mend)
    )


def _search(portal: Portal) -> CheckResult:
    mend = "The worker's log says why: look for “not indexed”. What is meant may not be found."
    return _given_up(portal, "search", SearchDue, "pieces wait to be indexed", mend)


def _reactions(portal: Portal) -> CheckResult:
    mend = "The worker's log says why: look for “event not heard”. What another room would have done is not done."
    return _given_up(portal, "events", Reaction, "wait to be heard", mend)


def _given_up(portal: Portal, name: str, work: type[DueOnce], waits: str, mend: str) -> CheckResult:
    with portal.database.session(read_only=True) as session:
        counts = due.counts(session, work, clock.now() - LATELY)
    waiting, given_up = counts.get(DueState.WAITING, 0), counts.get(DueState.GIVEN_UP, 0)
    detail = f"{waiting} {waits}; within a day {given_up} given up"
    return CheckResult(name, True, detail) if not given_up else CheckResult(name, False, detail, mend)


def _queue(portal: Portal) -> CheckResult:
    huey = portal.app.extensions["portal.queue"].huey
    kind = type(huey).__name__.removesuffix("Huey").lower()
    try:
        waiting = huey.pending_count()
    except Exception as error:  # whatever carries the queue
        mend = (
            "See that it runs and that [jobs] queue is right. Until then nothing that is due is done; nothing is lost."
        )
        return CheckResult("queue", False, f"{kind}: {error}", mend)
    return CheckResult("queue", True, f"{kind} answers; {waiting} nudges wait")


def _security(config: Config) -> Iterator[CheckResult]:
    expires = config.site.security_expires
    if not expires:
        return
    mend = (
        "Set [site] security_expires to a day within a year, once you have seen that security_contact is still right."
    )
    left = expires - clock.now().date()
    if left <= timedelta(0):
        yield CheckResult("security.txt", False, f"expired on {expires}: it is not shown any more", mend)
    else:
        found = f"expires on {expires}, in {left.days} {'day' if left.days == 1 else 'days'}"
        is_far = left > RENEW_BEFORE
        yield CheckResult("security.txt", is_far, found, "" if is_far else mend)


def _mail(portal: Portal, config: Config) -> Iterator[CheckResult]:
    if not config.mail.host:
        yield CheckResult("mail", True, "letters go to the log: set [mail] host to send them")
    elif config.mail.password_env and not os.environ.get(config.mail.password_env):
        yield CheckResult("mail", False, f"{config.mail.password_env} is empty", "Put the password into that variable.")
    else:
        yield _mail_server(portal, config)


def _mail_server(portal: Portal, config: Config) -> CheckResult:
    """Asks the mail server whether it takes letters from us; none is sent."""
    try:
        portal.clients.mailer.try_sender(parseaddr(config.mail.sender)[1])
    except MailError as error:
        mend = "See [mail] host, port, security, user, password_env and sender. Until then letters wait."
        return CheckResult("mail", False, str(error), mend)
    return CheckResult("mail", True, f"{config.mail.host}:{config.mail.port} takes letters from {config.mail.sender}")


def _source(portal: Portal, source: SourceConfig) -> CheckResult:
    return _check_answer(f"source {source.slug}", source.url, lambda: portal.clients.source(source).version())


def _sign_in(portal: Portal, config: Config, provider: SignInConfig) -> CheckResult:
    name, back = f"sign-in {provider.slug}", config.sign_in_back(provider.slug)
    if provider.client_secret_env and not os.environ.get(provider.client_secret_env):
        empty = f"the environment variable {provider.client_secret_env} is empty"
        return CheckResult(name, False, empty, "Put what the service keeps secret with us into it, for every process.")
    try:
        portal.clients.sign_in[provider.slug].check()
    except (SourceError, IdentityRefused) as error:
        mend = MENDS.get(error.code, f"See that url and kind are right; {provider.url} must be its own issuer.")
        return CheckResult(name, False, f"{provider.url}: {error}", mend)
    return CheckResult(name, True, f"{provider.url} answers; register {back} there as the redirect address")


def _wiki(config: Config) -> CheckResult:
    return _check_answer("wiki", config.wiki.url, lambda: site_name(config.wiki.url))


def _check_answer(name: str, url: str, ask: Callable[[], str]) -> CheckResult:
    try:
        version = ask()
    except (SourceError, WikiError, ConfigError) as error:
        return CheckResult(name, False, f"{url}: {error}", MENDS.get(getattr(error, "code", ""), MEND_SERVER))
    return CheckResult(name, True, f"{url} answers {version}".strip())
