"""A form that could not be done comes back with the words, a fresh token, and one sentence that says why.

Whatever refuses it (an old token, too much, too often, a failure of ours): the page it stood on is shown again, as if
it were asked for anew, and the form there takes the words. Who must sign in first finds them after that. Nothing is
done without being asked for again.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from flask import Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from flask.ctx import RequestContext
from flask_login import current_user
from flask_login.utils import login_url
from markupsafe import escape
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from portal.core import clock, drafts
from portal.core.access import NeedsProof, NeedsSignIn
from portal.core.errors import PortalError, WayOn
from portal.core.i18n import _
from portal.core.request_cycle import end_work
from portal.core.sent_forms import DRAFT, PROVED, SentForm, form_page, is_form, too_large_form, with_draft
from portal.core.web import db, flash_problem, portal

log = structlog.get_logger()
UNSAVED = "unsaved"
"""In an address: the draft was written beside another form of its page, which was done."""
PROOF_PAGE = "portal.proof_page"
"""Where the application keeps the endpoint of the page on which people show that it is them."""


@dataclass
class ReturnedForm:
    """What was typed before, for the form of this page that has such fields; and a sentence that says what happened,
    with the way on where there is one, and the page to which that leads back: the words are kept there.
    """

    fields: tuple[tuple[str, str], ...]
    sentence: str
    is_taken: bool = False
    way_on: WayOn | None = None
    back_to: str = ""

    def take(self, form: Any) -> MultiDict[str, str] | None:
        """The words, when they are this form's: it has a field for each of them."""
        names = {name for name, _value in self.fields}
        if not names or not all(name in form or name.partition("-")[0] in form for name in names):
            return None
        self.is_taken = True
        return MultiDict(list(self.fields))


def install(app: Flask) -> None:
    """Give forms back, on every page."""
    app.before_request(_show_draft)
    app.after_request(_keep_words)
    app.jinja_env.globals["returned_form"] = returned_form


def returned_form() -> ReturnedForm | None:
    """What the page that is shown now gives back, if anything."""
    returned: ReturnedForm | None = g.get("returned_form")
    return returned


def give_back(status: int, sentence: str, *, is_stale: bool = False) -> Response | None:
    """The page of the form that could not be done, with the words, the sentence and this status; None when there is no
    such page any more, or it was a button: that comes back only when its token was stale, to be pressed again.
    """
    sent = too_large_form()
    if sent is None or not (sent.fields or is_stale):
        return None
    # What the view told of as done has not been kept.
    session.pop("_flashes", None)
    try:
        end_work()
        return _page_again(sent, status, sentence)
    except (HTTPException, PortalError):
        return None
    except Exception:  # the page may fail for the same reason as the deed
        log.warning("form not given back", exc_info=True)
        return None


def sign_in_first(sent: SentForm) -> Response:
    """Send somebody who must sign in to the page where they do, and keep what they typed until then."""
    end_work()
    draft = _kept(sent) if sent.fields or sent.nonce else ""
    if sent.fields and not draft:
        sentence = _("You are signed out, and this is too long to be kept. Copy it, sign in, and send it again.")
        return current_app.make_response((render_template("errors/error.html", code=401, said=sentence), 401))
    if sent.words:
        flash_problem(_("You are signed out, and nothing has been done yet. Sign in, and your words are in the form."))
    else:
        flash_problem(_("You are signed out, and nothing has been done yet. Sign in, then do it again."))
    page = request.script_root + with_draft(sent.page, draft)
    login_view = current_app.login_manager.login_view  # type: ignore[attr-defined]  # set by Flask-Login
    return current_app.make_response(redirect(login_url(login_view, next_url=page)))


def prove_first(sent: SentForm | None) -> Response:
    """Send somebody who must show that it is them to the page where they do, and keep what they typed until then."""
    page, draft = form_page(), ""
    if sent:
        end_work()
        page, draft = sent.page, _kept(sent) if sent.fields or sent.nonce else ""
        if sent.fields and not draft:
            sentence = _(
                "Show first that it is you. This is too long to be kept: copy it, and send it again after that."
            )
            return current_app.make_response((render_template("errors/error.html", code=403, said=sentence), 403))
    there = with_draft(page, draft, PROVED) if draft else page
    door = url_for(current_app.extensions[PROOF_PAGE], next=request.script_root + there)
    return current_app.make_response(redirect(door))


def _kept(sent: SentForm) -> str:
    with portal().unit_of_work() as work:
        return drafts.keep(work, sent, clock.now())


def _show_draft() -> None:
    draft_id = request.args.get(DRAFT, "") if request.method == "GET" else ""
    draft = drafts.find(db(), draft_id, clock.now()) if draft_id else None
    if draft is None:
        return
    if draft.person_id not in {None, getattr(current_user, "id", None)}:
        g.returned_form = ReturnedForm((), _("Somebody else typed something here. It comes back when they sign in."))
    elif draft.fields:
        g.returned_form = ReturnedForm(tuple((name, value) for name, value in draft.fields), _said_of_words())
    elif PROVED in request.args:
        g.returned_form = ReturnedForm((), _("Thank you. Nothing has been done yet: do it again here."))
    else:
        g.returned_form = ReturnedForm((), _("You were signed out, and nothing has been done yet. Do it again here."))


def _said_of_words() -> str:
    if UNSAVED in request.args:
        return _("This is not saved yet: look at it, and save it.")
    if PROVED in request.args:
        return _("Thank you. This is what you typed. Nothing has been done yet: look at it, and send it.")
    return _("This is what you typed before you signed in. Nothing has been done yet: look at it, and send it.")


def _page_again(sent: SentForm, status: int, sentence: str) -> Response | None:
    number, way_on = g.get("request_id", "-"), g.get("way_on")
    draft = _kept(sent) if way_on else ""
    back_to = request.script_root + (with_draft(sent.page, draft, PROVED) if draft else sent.page)
    with current_app.app_context():
        g.request_id, g.returned_form = number, ReturnedForm(sent.fields, sentence, way_on=way_on, back_to=back_to)
        with _asking_for(sent.page):
            try:
                answer = current_app.make_response(current_app.dispatch_request())
            except NeedsSignIn:
                return sign_in_first(sent)
            except NeedsProof:
                return prove_first(sent)
        is_there = answer.status_code == 200 and answer.mimetype == "text/html"
        has_words = g.returned_form.is_taken or not sent.words
    answer.status_code = status
    return answer if is_there and has_words else None


def _asking_for(page: str) -> RequestContext:
    """This request as if it asked for that page, in the same session."""
    split = urlsplit(page)
    path = unquote_to_bytes(split.path).decode("latin-1")
    get_request = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": split.query, "wsgi.input": io.BytesIO()}
    environ = {name: value for name, value in request.environ.items() if not name.startswith("werkzeug.")}
    environ |= {**get_request, "CONTENT_LENGTH": "0", "CONTENT_TYPE": ""}
    app, own_session = current_app._get_current_object(), session._get_current_object()  # type: ignore[attr-defined]
    return RequestContext(app, environ, session=own_session)


def _keep_words(response: Response) -> Response:
    """Whatever page refuses a form: the words it does not show stand below it."""
    is_refusal = response.status_code >= 400 and response.mimetype == "text/html" and is_form()
    sent = too_large_form() if is_refusal else None
    unshown = [word for word in sent.words if str(escape(word)) not in response.get_data(as_text=True)] if sent else []
    if unshown:
        words = current_app.jinja_env.get_template("errors/_words.html").render(words=unshown)
        response.set_data(response.get_data(as_text=True).replace("</main>", f"{words}</main>"))
    return response
