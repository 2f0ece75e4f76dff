"""The error pages: what is wrong, and what to do next, looking like the rest of the site (or as JSON under /api/)."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.core.access import NeedsProof, NeedsSignIn
from portal.core.addresses import tidied_path
from portal.core.errors import Conflict, NeedsToken, PortalError, TooMany
from portal.core.i18n import _
from portal.core.logs import message_of
from portal.core.refusals import note, note_refused, note_status
from portal.core.returned_forms import give_back, prove_first, sign_in_first
from portal.core.rows import is_unique_violation
from portal.core.security_log import SecurityEvent
from portal.core.sent_forms import sent_form
from portal.core.template_context import known_without_person
from portal.core.web import db, is_api

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Answer every refusal and failure with a page."""
    app.register_error_handler(NeedsSignIn, _ask_to_sign_in)
    app.register_error_handler(NeedsProof, _ask_for_proof)
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(IntegrityError, _broken_constraint)
    app.register_error_handler(StaleDataError, _somebody_was_faster)
    app.register_error_handler(Exception, _failure)


def _ask_to_sign_in(_error: NeedsSignIn) -> Any:
    if is_api():
        return {"error": {"code": 401, "reason": "needs_sign_in", "message": _("Sign in first.")}}, 401
    sent = sent_form()
    return sign_in_first(sent) if sent else current_app.login_manager.unauthorized()  # type: ignore[attr-defined]


def _ask_for_proof(_error: NeedsProof) -> Any:
    if is_api():
        return {"error": {"code": 403, "reason": "needs_proof", "message": _("Show first that it is you.")}}, 403
    return prove_first(sent_form())


def _portal_error(error: PortalError) -> Any:
    field = getattr(error, "field", "")
    note_refused(error)
    g.way_on = getattr(error, "way_on", None)
    g.missing_permission = getattr(error, "permission", "")
    response = _answer(error.status, error.code, str(error.message), field)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NeedsToken):
        response.headers["WWW-Authenticate"] = error.challenge
    return response


def _stale_form(error: CSRFError) -> Any:
    note(SecurityEvent.REQUEST_REFUSED, "stale_form")
    view: Any = current_app.view_functions[request.endpoint or ""]
    try:
        view.__guard__()
    except NeedsSignIn as needs:
        return _ask_to_sign_in(needs)
    except NeedsProof as needs:
        return _ask_for_proof(needs)
    except PortalError as refusal:
        log.info("stale form", error=str(error), refusal=refusal.code)
    again = _(
        "This form is from before you last signed in or out, or your browser sent no cookie. Nothing has been done "
        "yet: look at it, and send it again."
    )
    return give_back(400, again, is_stale=True) or _answer(
        400, "stale_form", _("This form was open too long, or your browser sent no cookie. Go back, reload, try again.")
    )


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if request.routing_exception and (path := tidied_path()):
        return redirect(path, 308)
    # Such as "method_not_allowed": the codes of errors.py are made of the same names.
    reason = error.name.lower().replace(" ", "_")
    note_status(error.code, reason)
    answer = _answer(error.code, reason, _sentence(error.code))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _broken_constraint(error: IntegrityError) -> Any:
    return _somebody_was_faster(error) if is_unique_violation(error) else _failure(error)


def _somebody_was_faster(error: IntegrityError | StaleDataError) -> Any:
    # Two people did the same thing at once and the database let one through: a conflict, not a fault of ours. A key was
    # taken, or a row that was to change had gone.
    log.warning("lost a race", error=message_of(error))
    db().rollback()
    return _portal_error(Conflict(_("Somebody else was faster. Reload the page to see how things stand now.")))


def _failure(error: Exception) -> Any:
    log.error("request failed", exc_info=error)
    return _sorry()


def _sorry() -> Any:
    number = g.get("request_id", "-")
    message = _("Something went wrong here. Nothing was saved. Tell an admin: %(number)s.", number=number)
    return _answer(500, PortalError.code, message)


def _sentence(code: int) -> str:
    return {
        404: _("There is no such page. It may have moved, or there is a mistake in the address."),
        405: _("This address does not take that kind of request."),
        413: _("This is too large. Send less at once."),
        415: _("This kind of content is not taken here. Use the form of the page, or application/json for the API."),
        414: _("This address is too long. Type less into the filter or the search."),
        429: _("You have tried too often in a short time. Wait a little and try again."),
    }.get(code, _("The request could not be answered."))


def _answer(status: int, reason: str, message: str, field: str = "") -> Response:
    if is_api():
        error = {"code": status, "reason": reason, "message": message, **({"field": field} if field else {})}
        return current_app.make_response(({"error": error}, status))
    return give_back(status, message) or _page(status, message)


def _page(status: int, message: str) -> Response:
    g.is_refusal = True
    if status < 500:
        known = {"missing": g.get("missing_permission"), "way_on": g.get("way_on")}
        page = render_template("errors/error.html", code=status, said=message, **known)
    else:
        # The database may be what broke, so nobody is asked who is signed in: no context processor runs.
        template = current_app.jinja_env.get_template("errors/error.html")
        page = template.render(code=status, said=message, **known_without_person())
    return current_app.make_response((page, status))
