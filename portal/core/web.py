"""A request is one unit of work: an answer below 400 commits what was done, all else rolls it back."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import structlog
from flask import Flask, Response, current_app, flash, g, has_request_context, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map, RequestRedirect

from portal.core import (
    clock,
    drafts,
    engines,
    formats,
    headers,
    i18n,
    sent_forms,
    submissions,
    template_gettext,
    template_urls,
)
from portal.core.config import Config
from portal.core.content import Library
from portal.core.errors import Invalid
from portal.core.folder import site_links
from portal.core.http_caching import tidy_retry_after
from portal.core.jobs import Portal, taken_nudges
from portal.core.markdown import mentions_in, render_user_text
from portal.core.mentions import MentionLink, PageMentions

log = structlog.get_logger()
View = Callable[..., Any]
_COUNTERS = "portal.request_counters"
READING = {"GET", "HEAD", "OPTIONS"}
MOST_OF_A_CODE = 35
"""How much is shown of a language that nobody speaks: the longest tag that BCP 47 asks programs to take."""
MARKDOWN_LINK = re.compile(r"\]\(/(?!/)")
STATIC = Path(__file__).parent.parent / "static"


class RowId(IntegerConverter):
    """`<int:…>` in a route: a number that a row can have. A larger one is a page that does not exist."""

    def __init__(self, map: Map, max: int = 2**31 - 1, **options: Any) -> None:
        super().__init__(map, max=max, **options)


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
    """The session of this request. It commits when the answer is below 400."""
    if "db" not in g:
        g.db = portal().database.session(read_only=request.method in READING)
    database_session: Session = g.db
    return database_session


def keep_writes() -> None:
    """Commit although the answer refuses: for what a refusal itself must leave behind, such as a counted try."""
    g.keep_writes = True


def flash_done(message: str) -> None:
    """Tell on the next page what has been done."""
    flash(message, "done")


def flash_problem(message: str) -> None:
    """Tell on the next page what did not work."""
    flash(message, "problem")


def at_most(setting: str) -> Callable[[View], View]:
    """Let one address ask views with this mark only so often a minute as [limits] says under `setting`, all together.

    Put it under @guard. Answers say in X-RateLimit headers how much is left.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            current_app.extensions[_COUNTERS][setting]()
            return view(*args, **kwargs)

        return counted

    return mark


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


def install(app: Flask) -> None:
    """Set up the unit of work, languages, forms' tokens, headers and what templates know."""
    # What is registered first runs last: after the limiter has written its headers.
    app.after_request(tidy_retry_after)
    app.extensions[_COUNTERS] = _counters(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's own provider has it
    formats.install(app.jinja_env, app.extensions["portal"].config.site.folder)
    template_gettext.install(app.jinja_env)
    template_urls.install(app)
    app.jinja_env.filters["user_text"] = _user_text
    app.jinja_env.globals["has_endpoint"] = lambda name: name in app.view_functions
    app.jinja_env.globals["look_up_mentions"] = look_up_mentions
    app.jinja_env.globals["current_language"] = i18n.current_language
    app.url_map.converters["int"] = RowId
    sent_forms.install(app)
    app.before_request(_begin)
    app.before_request(_answer_repeat)
    # Every site has its own: what one counts, exempts or is told by its settings is nothing to another.
    CSRFProtect(app)
    app.after_request(_finish)
    app.after_request(headers.add)
    app.teardown_request(_close)
    app.context_processor(_known_to_templates)


def _counters(app: Flask) -> dict[str, Callable[[], None]]:
    """For each limit of the site, what counts one more request of this address. It raises once there are too many."""
    limiter, limits = Limiter(get_remote_address, app=app, headers_enabled=True), app.extensions["portal"].config.limits
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


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = uuid.uuid4().hex[:12]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if request.endpoint == "static":
        return
    if (language := request.args.get("uselang", "")) in i18n.LANGUAGES:
        session["language"] = language
    elif language:
        g.unspoken = language[:MOST_OF_A_CODE]
    i18n.speak(_language(), getattr(current_user, "time_zone", "") or "UTC")
    _refuse_nul()


def _refuse_nul() -> None:
    # PostgreSQL has no text with this character in it, and nobody types it: it would end in a page 500.
    sent = [*request.args.items(multi=True), *request.form.items(multi=True), ("", request.path)]
    for name, text in sent:
        if "\0" in text:
            message = i18n.lazy("This holds a character that cannot be kept. Type it anew instead of pasting it.")
            raise Invalid(message, name)


def _answer_repeat() -> Response | None:
    submissions.begin(sent_forms.sent_form())
    answer = _earlier_answer()
    if g.get("is_spent"):
        raise submissions.SentBefore
    return answer


def _earlier_answer() -> Response | None:
    if not g.get("sent_form"):
        return None
    if "db" in g:
        return submissions.earlier_answer(g.db)
    # A session of its own, so that who signs in holds no lock while the password is hashed.
    with portal().database.session(read_only=True) as reading:
        return submissions.earlier_answer(reading)


def _language() -> str:
    chosen = session.get("language") or getattr(current_user, "language", "")
    menu = [language.code for language in i18n.MENU]
    # What was chosen may be a language that the site spoke once.
    return (
        (chosen if chosen in i18n.LANGUAGES else "")
        or request.accept_languages.best_match(menu)
        or settings().site.default_language
    )


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if isinstance(request.routing_exception, RequestRedirect):
        # Routing names the host of [site] url. Whoever tries the site on another port stays where they are.
        target = urlsplit(request.routing_exception.new_url)
        response.location = target._replace(scheme="", netloc="").geturl()
    response = _settled(response)
    if request.endpoint not in {"static", "home.healthz"}:
        _log(response)
    return response


def _settled(response: Response) -> Response:
    is_done = submissions.is_to_note(response)
    if "db" in g or is_done:
        response = _kept(response, is_done=is_done)
    # Who comes second may be refused because the first was faster.
    return response if response.status_code < 400 else _earlier_answer() or response


def _kept(response: Response, *, is_done: bool) -> Response:
    work, keep = db(), response.status_code < 400 or g.get("keep_writes", False)
    try:
        if is_done:
            _note(response)
        _settle(work, keep=keep)
    except (SQLAlchemyError, submissions.SentBefore) as error:
        work.rollback()
        # What the view told of as done has not been kept.
        session.pop("_flashes", None)
        return _earlier_answer() or current_app.make_response(current_app.handle_user_exception(error))
    return response


def _note(response: Response) -> None:
    person_id = current_user.id if current_user.is_authenticated else None
    submissions.note(db(), response, person_id, clock.now())
    if g.sent_form.draft:
        drafts.drop(db(), g.sent_form.draft)


def end_work() -> None:
    """End the unit of work of a request that is refused, before a page is read anew: it forgets whom it loaded."""
    work = g.pop("db", None)
    if work is not None:
        with work:
            _settle(work, keep=g.get("keep_writes", False))
    for known in ("_login_user", "permissions"):
        g.pop(known, None)


def _settle(work: Session, *, keep: bool) -> None:
    if not keep:
        work.rollback()
        return
    work.commit()
    for name in taken_nudges(work):
        portal().nudge_queue(name)


def _log(response: Response) -> None:
    milliseconds = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
    log.info("request", method=request.method, path=request.path, status=response.status_code, ms=milliseconds)


def _close(_error: BaseException | None) -> None:
    work = g.pop("db", None)
    if work is not None:
        work.close()


def look_up_mentions(texts: Iterable[str]) -> str:
    """Look up together what all these texts mention, before a page shows one after the other. Writes nothing."""
    _page_mentions().look_up(word for text in texts for word in mentions_in(text))
    return ""


def _user_text(text: str) -> Markup:
    words = mentions_in(text)
    if words:
        look_up_mentions((text,))
    html = render_user_text(text, _page_mentions().links(words) if words else ())
    return site_links(html, settings().site.folder, is_typed=True)


def _page_mentions() -> PageMentions:
    if "mentions" not in g:
        g.mentions = PageMentions(_find_mentions)
    mentions: PageMentions = g.mentions
    return mentions


def _find_mentions(words: Collection[str]) -> dict[str, MentionLink]:
    found: dict[str, MentionLink] = {}
    for find in portal().features.mentions:
        found |= find(db(), words)
    return found


def _known_to_templates() -> dict[str, Any]:
    # Not the proxy: what a page asks of the person a hundred times would each time look up the request.
    me = current_user._get_current_object() if has_request_context() and current_user.is_authenticated else None
    return {**known_without_person(), "me": me}


def known_without_person() -> dict[str, Any]:
    """What templates know even when the database does not answer."""
    return {
        "language": i18n.current_language(),
        "languages": i18n.MENU,
        "unspoken": g.get("unspoken", ""),
        "is_hidden_from_engines": engines.is_hidden(),
        "menu": portal().features.menu,
        "site": settings().site,
        "asset": asset,
        "list_url": list_url,
    }


def asset(name: str) -> str:
    """The address of a static file, which changes with its content so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
