"""What the URLs under /tools answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.core import clock
from portal.core.access import anyone, granted, guard, may, permitted, proved_recently, signed_in
from portal.core.database import Database
from portal.core.engines import hide_unless_findable
from portal.core.errors import Conflict, raise_if
from portal.core.forms import text_of
from portal.core.http_caching import conditional_response
from portal.core.i18n import _
from portal.core.web import at_most, db, flash_done, is_reading, list_url, portal, settings
from portal.people.session import me
from portal.tools import actions, labels, rules
from portal.tools.access import STEWARD_TOOLS, refuse_speaking
from portal.tools.forms import AdoptionOfferForm, OpenAdoptionForm, ToolsForm
from portal.tools.links import host_of
from portal.tools.models import Tool
from portal.tools.queries import adoption, catalogue, maintainers
from portal.tools.queries.catalogue import ToolListing
from portal.tools.queries.maintainers import Maintainer
from portal.tools.rules import as_list

blueprint = Blueprint("tools", __name__, url_prefix="/tools")
PAGE = 50


@blueprint.get("/")
@guard(anyone)
@at_most("lists_per_minute")
def index() -> Any:
    """The catalogue, narrowed down as the reader likes."""
    terms = catalogue.terms(db())
    form = ToolsForm(request.args, terms)
    sound = form.validate()
    cursor = request.args.get("cursor", "")
    listing = (
        catalogue.tools_page(db(), form.filters, cursor=cursor, limit=PAGE) if sound else ToolListing([], {}, None)
    )
    ((_none, everything),) = terms[catalogue.ALL]
    chips = [(label, _list_url(**{name: None})) for name, label in form.chosen()] if sound else []
    page = render_template(
        "tools/index.html",
        form=form,
        listing=listing,
        count=catalogue.count_tools(db(), form.filters, listing, cursor, everything),
        chips_set=chips,
        is_empty=not everything,
        next_url=_list_url(cursor=listing.next_cursor) if listing.next_cursor else None,
        first_url=_list_url() if cursor else None,
        page_size=PAGE,
        labels=labels,
    )
    return page if sound else (page, 422)


@blueprint.get("/toolinfo.json")
@guard(anyone)
@at_most("csv_per_minute")
def toolinfo() -> Response:
    """Every record as toolinfo 1.2.2, sent as it is read: a large catalogue needs no memory."""
    answer = Response(_records_as_json(portal().database), mimetype="application/json")
    return conditional_response(answer, version=catalogue.version(db()))


@blueprint.get("/<name>")
@guard(anyone)
def show(name: str) -> str:
    """One tool: what it is, who maintains it, where it lives, and whether it looks for an owner."""
    tool = catalogue.tool(db(), name)
    named = maintainers.maintainers_of(db(), tool.id)
    hide_unless_findable([tool.wanted_by])
    may_speak = _may_speak(named)
    knows_me = current_user.is_authenticated
    return render_template(
        "tools/show.html",
        tool=tool,
        record=tool.record,
        maintainers=named,
        may_speak=may_speak,
        may_confirm=permitted(STEWARD_TOOLS),
        offers=adoption.open_adoption_offers(db(), tool.id) if may_speak and tool.wanted_since else [],
        my_offer=adoption.open_adoption_offer_of(db(), tool.id, me().id) if knows_me else None,
        catalogue_url=_catalogue_url(tool.name),
        links=[(label, _addresses(tool.record[key])) for key, label in labels.LINKS.items() if key in tool.record],
        wikis=as_list(tool.record.get("for_wikis", "*")),
        languages=as_list(tool.record.get("available_ui_languages", "en")),
        host_of=host_of,
        labels=labels,
    )


@blueprint.route("/<name>/look-for-owner", methods=["GET", "POST"])
@guard(signed_in)
def look_for_owner(name: str) -> Any:
    """Say that a tool looks for an owner, and why."""
    tool, form = catalogue.tool(db(), name), OpenAdoptionForm()
    raise_if(maintainers.refusal_to_speak(db(), tool.id, me().id, clock.now()))
    if is_reading() and tool.wanted_since:
        raise rules.wanted_already()
    done = form.carry_out(lambda: _open_adoption(tool, form), Conflict)
    return done or (render_template("tools/look.html", tool=tool, form=form), form.status)


@blueprint.route("/<name>/stop-looking", methods=["GET", "POST"])
@guard(signed_in)
def stop_looking(name: str) -> Any:
    """Say that a tool looks for nobody any more, after saying what that means."""
    tool = catalogue.tool(db(), name)
    raise_if(maintainers.refusal_to_speak(db(), tool.id, me().id, clock.now()))
    if is_reading():
        return _confirm_stopping(tool)
    actions.close_adoption(db(), tool, me(), clock.now())
    flash_done(_("The tool is no longer looking for anybody. Those who offered to help have been notified."))
    return _back(tool)


@blueprint.route("/<name>/offer", methods=["GET", "POST"])
@guard(signed_in)
def offer(name: str) -> Any:
    """Say that one could help."""
    tool, form = catalogue.tool(db(), name), AdoptionOfferForm()
    if is_reading() and not tool.wanted_since:
        raise rules.not_wanted()
    done = form.carry_out(lambda: _offer(tool, form), Conflict)
    return done or (render_template("tools/offer.html", tool=tool, form=form), form.status)


@blueprint.post("/offers/<int:offer_id>/withdraw")
@guard(signed_in)
def withdraw(offer_id: int) -> AnyResponse:
    """Take one's offer back."""
    adoption_offer = adoption.adoption_offer(db(), offer_id)
    actions.withdraw(db(), adoption_offer, me(), clock.now())
    flash_done(_("Your offer is withdrawn."))
    return _back(adoption_offer.tool)


@blueprint.post("/<name>/accounts/<int:account_id>/confirm")
@guard(may(STEWARD_TOOLS))
def confirm_account(name: str, account_id: int) -> AnyResponse:
    """Vouch that an account the record names belongs to the person who says so."""
    proved_recently()
    tool = catalogue.tool(db(), name)
    actions.verify_account(db(), tool, maintainers.account(db(), account_id), me(), clock.now())
    flash_done(_("The account is confirmed. Its owner can speak for the tool from now on, and is told."))
    return _back(tool)


def _open_adoption(tool: Tool, form: OpenAdoptionForm) -> AnyResponse:
    actions.open_adoption(db(), tool, me(), text_of(form.reason), clock.now())
    flash_done(_("The tool looks for an owner now. Everybody sees it on its page and in the list."))
    return _back(tool)


def _offer(tool: Tool, form: AdoptionOfferForm) -> AnyResponse:
    actions.offer_to_adopt(db(), tool, me(), text_of(form.note), clock.now())
    flash_done(_("Thank you. The tool’s maintainers and the stewards are told, and will write to you."))
    return _back(tool)


def _confirm_stopping(tool: Tool) -> str:
    return render_template(
        "confirm.html",
        question=_("Should “%(title)s” stop looking for an owner?", title=tool.title),
        consequences=[
            _("It leaves the list of tools that look for an owner."),
            _("Open offers to help are closed, and those who made them are told."),
        ],
        action=url_for(".stop_looking", name=tool.name),
        label=_("Stop looking"),
        back=url_for(".show", name=tool.name),
    )


def _may_speak(named: list[Maintainer]) -> bool:
    if not current_user.is_authenticated:
        return False
    verified = [maintainer.person.id for maintainer in named if maintainer.person and maintainer.is_verified]
    return refuse_speaking(me().id, verified, granted()) is None


def _records_as_json(database: Database) -> Iterator[str]:
    # A session of its own: the request's is closed before the last records are sent.
    with database.session(read_only=True) as session:
        before = "[\n"
        for record in catalogue.records(session):
            yield before + json.dumps(record, ensure_ascii=False)
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"


def _catalogue_url(name: str) -> str:
    """Where the community's Toolhub shows this tool; empty when [toolhub] names none."""
    toolhub = settings().toolhub.url
    return f"{toolhub.rstrip('/')}/tools/{quote(name, safe='')}" if toolhub else ""


def _addresses(value: str | list[dict[str, str]]) -> list[tuple[str, str]]:
    """Addresses with the language each is in; no language for one that stands alone."""
    return [(value, "")] if isinstance(value, str) else [(entry["url"], entry["language"]) for entry in value]


def _list_url(**changed: str | None) -> str:
    """The address of this view of the list with something changed, from its first page on."""
    return list_url("tools.index", **changed)


def _back(tool: Tool) -> AnyResponse:
    return redirect(url_for(".show", name=tool.name), 303)
