"""A request is one unit of work: an answer below 400 commits what was done, all else rolls it back. What only reads
(GET, HEAD, OPTIONS) commits nothing: the few marks of what somebody has seen are kept by units of work of their own.
"""

from __future__ import annotations

import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestURITooLarge
from werkzeug.routing import IntegerConverter, Map, RequestRedirect

from portal.core import (
    clock,
    cors,
    drafts,
    form_limits,
    headers,
    i18n,
    security_log,
    sent_forms,
    submissions,
    template_context,
)
from portal.core.errors import Invalid
from portal.core.http_caching import tidy_retry_after
from portal.core.jobs import taken_nudges
from portal.core.web import count_requests, db, is_reading, portal, reading, settings

log = structlog.get_logger()
LONGEST_QUERY = 8_000
"""Bytes of an address behind its "?". RFC 9110 (4.1) asks servers to take 8,000 for the whole of it."""
MOST_OF_A_CODE = 35
"""How much is shown of a language that nobody speaks: the longest tag that BCP 47 asks programs to take."""


class RowId(IntegerConverter):
    """`<int:…>` in a route: a number that a row can have. A larger one is a page that does not exist."""

    def __init__(self, map: Map, max: int = 2**31 - 1, **options: Any) -> None:
        super().__init__(map, max=max, **options)


def install(app: Flask) -> None:
    """Set up the unit of work, languages, forms' tokens, headers and what templates know."""
    # What is registered first runs last: after the limiter has written its headers.
    app.after_request(tidy_retry_after)
    count_requests(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's own provider has it
    template_context.install(app)
    app.url_map.converters["int"] = RowId
    form_limits.install(app)
    sent_forms.install(app)
    app.before_request(_begin)
    app.before_request(_answer_repeat)
    # Every site has its own: what one counts, exempts or is told by its settings is nothing to another.
    CSRFProtect(app)
    app.after_request(_finish)
    app.after_request(headers.add)
    cors.install(app)
    app.teardown_request(_close)


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = uuid.uuid4().hex[:12]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    security_log.forget_waiting()
    i18n.use_languages(portal().languages)
    if request.endpoint == "static":
        return
    is_too_long = _cut_long_address()
    if (language := request.args.get("uselang", "")) in i18n.known_languages():
        session["language"] = language
    elif language:
        g.unspoken = language[:MOST_OF_A_CODE]
    i18n.speak(_language(), getattr(current_user, "time_zone", "") or "UTC")
    if is_too_long:
        raise RequestURITooLarge
    form_limits.refuse_other_content()
    form_limits.measure_form()
    _refuse_nul()


def _cut_long_address() -> bool:
    # Measured before anything reads it. No page gives out so long an address; a server may let much more through.
    is_too_long = len(request.query_string) > LONGEST_QUERY
    if is_too_long:
        request.query_string = b""
    return is_too_long


def _refuse_nul() -> None:
    # PostgreSQL has no text with this character in it, and nobody types it: it would end in a page 500.
    sent = [*request.args.items(multi=True), *request.form.items(multi=True), ("", request.path)]
    for name, text in sent:
        if "\0" in text:
            message = i18n.lazy("This contains a character that cannot be saved. Type it again instead of pasting it.")
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
    with reading() as session:
        return submissions.earlier_answer(session)


def _language() -> str:
    chosen = session.get("language") or getattr(current_user, "language", "")
    menu = [language.code for language in i18n.menu_languages()]
    # What was chosen may be a language that the site spoke once.
    return (
        (chosen if chosen in i18n.known_languages() else "")
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
    security_log.keep_events(portal().database)
    if request.endpoint not in {"static", "home.healthz"}:
        _log(response)
    return response


def _settled(response: Response) -> Response:
    is_done = submissions.is_to_note(response)
    if "db" in g or is_done:
        response = _kept(response, is_done=is_done)
    if response.status_code < 400:
        return response
    # Who comes second may be refused because the first was faster.
    earlier = _earlier_answer()
    if "db" in g:
        # Nothing holds the database any more: the security events are written by a unit of work of their own.
        db().rollback()
    return earlier or response


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
    for known in ("_login_user", "permissions", "proved_at", "user_session"):
        g.pop(known, None)


def _settle(work: Session, *, keep: bool) -> None:
    if not keep or is_reading():
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
