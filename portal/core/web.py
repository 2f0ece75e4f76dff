"""What views ask of the site and of this request, and the addresses they give out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from flask import Flask, current_app, flash, g, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from sqlalchemy.orm import Session

from portal.core.api_access import known_caller
from portal.core.config import Config
from portal.core.content import Library
from portal.core.jobs import Portal

View = Callable[..., Any]
READING = {"GET", "HEAD", "OPTIONS"}
AHEAD_OF_TIME = ("prefetch", "prerender")
MARKDOWN_LINK = re.compile(r"\]\(/(?!/)")
_COUNTERS = "portal.request_counters"


def portal() -> Portal:
    """The site this request belongs to."""
    site_portal: Portal = current_app.extensions["portal"]
    return site_portal


def settings() -> Config:
    """The site's settings."""
    return portal().config


def library() -> Library:
    """What the content files say."""
    return portal().library


def db() -> Session:
    """The session of this request. It commits when the answer is below 400, unless the request may only read."""
    if "db" not in g:
        g.db = portal().database.session(read_only=is_reading())
    database_session: Session = g.db
    return database_session


@contextmanager
def reading() -> Iterator[Session]:
    """A session to look something up with before the work begins, as passwords are hashed outside of transactions.

    It is that of the request where there is one already: a thread that holds one connection and waits for a second
    could wait for threads that do the same.
    """
    if "db" in g:
        yield g.db
        return
    with portal().database.session(read_only=True) as session:
        yield session


def is_reading() -> bool:
    """Whether this request may only read: whatever its session has written is rolled back. HEAD is one, as GET is."""
    return request.method in READING


def is_api() -> bool:
    """Whether this request is for programs."""
    return request.path.startswith("/api/")


def is_looked_at() -> bool:
    """Whether somebody reads what is asked for now: it is not fetched ahead of time, nor only its head."""
    ahead = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return request.method == "GET" and not any(word in ahead for word in AHEAD_OF_TIME)


def keep_writes() -> None:
    """Commit although the answer refuses: for what a refusal itself must leave behind, such as a counted try."""
    g.keep_writes = True


def flash_done(message: str) -> None:
    """Tell on the next page what has been done."""
    flash(message, "done")


def flash_problem(message: str) -> None:
    """Tell on the next page what did not work."""
    flash(message, "problem")


def count_requests(app: Flask) -> None:
    """Set up what `at_most` counts with."""
    app.extensions[_COUNTERS] = _counters(app)


def at_most(setting: str) -> Callable[[View], View]:
    """Let one address ask views with this mark only so often a minute as [limits] says under `setting`, all together.
    Who asks by a token is counted by it, wherever they are.

    Put it under @guard. Answers say in X-RateLimit headers how much is left.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            current_app.extensions[_COUNTERS][setting]()
            return view(*args, **kwargs)

        return counted

    return mark


def count_request(setting: str) -> None:
    """Count a request that no view with this mark will count, as one that is refused before. Raises TooManyRequests."""
    current_app.extensions[_COUNTERS][setting]()


def _asker() -> str:
    known = known_caller()
    return f"token {known.token_id}" if known else get_remote_address()


def _counters(app: Flask) -> dict[str, Callable[[], None]]:
    """For each limit of the site, what counts one more request of this asker. It raises once there are too many."""
    limiter, limits = Limiter(_asker, app=app, headers_enabled=True), app.extensions["portal"].config.limits
    return {
        name: limiter.shared_limit(f"{getattr(limits, name)} per minute", scope=name)(_named(name))
        for name in type(limits).model_fields
        if name.endswith("_per_minute")
    }


def _named(name: str) -> Callable[[], None]:
    def count() -> None:
        """Nothing: the limiter that surrounds it knows it by its name, and counts."""

    count.__qualname__ = name
    return count


def csrf_exempt(view: View) -> View:
    """Take forms of this view without a token, for what posts here has no session. Put it above @guard."""
    view.__csrf_exempt__ = True  # type: ignore[attr-defined]  # read by exempt_views
    return view


def exempt_views(app: Flask) -> None:
    """Heed `csrf_exempt` on all views there are by now: those of every feature, as `access.require_guards` does.

    A site takes no view after its start. One that is added nevertheless keeps its check: it fails closed.
    """
    for view in app.view_functions.values():
        if hasattr(view, "__csrf_exempt__"):
            app.extensions["csrf"].exempt(view)


def list_url(endpoint: str, **changed: str | None) -> str:
    """The address of this view of a list, or of the same view elsewhere, with something changed: its first page."""
    present: dict[str, Any] = {name: value for name, value in request.args.items() if name not in {"cursor", "uselang"}}
    # Whatever stands in an address is only ever a query here, never an argument of url_for.
    query = urlencode([(name, value) for name, value in {**present, **changed}.items() if value])
    return url_for(endpoint) + (f"?{query}" if query else "")


def address(endpoint: str, **values: Any) -> str:
    """The whole address of a page, on the host that [site] url names: for what is read away from this site."""
    return absolute(url_for(endpoint, **values))


def absolute(path: str) -> str:
    """The whole address of a path on this site."""
    root = urlsplit(settings().site.url)
    return f"{root.scheme}://{root.netloc}{path}"


def whole_links(markdown: str) -> str:
    """Markdown of content files for who reads it elsewhere: links from the root of the site as whole addresses."""
    return MARKDOWN_LINK.sub(lambda _root: f"]({settings().site.url}/", markdown)


def safe_next(target: str | None, default: str, folder: str = "") -> str:
    """`target` when it is a path on the site in this folder, else `default`: a redirect never leaves the site."""
    if not target or not target.startswith(f"{folder}/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    # Browsers read %2e%2e, too, as the way up, and that would lead out of the folder.
    climbs = any(step in {".", ".."} for step in unquote(parts.path).split("/"))
    unsafe = parts.scheme or parts.netloc or any(ord(letter) < 32 or letter == "\\" for letter in target)
    return default if unsafe or climbs else target
