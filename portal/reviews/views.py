"""The pages of the review queue."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from portal.contributions import labels
from portal.contributions import queries as contributions
from portal.core import clock
from portal.core.access import anyone, guard, may, permitted
from portal.core.i18n import _
from portal.core.paging import Page
from portal.core.web import at_most, db, flash_done, list_url, settings
from portal.forges.forge import forges_of
from portal.people.session import me
from portal.reviews import actions, queries
from portal.reviews.access import SYNC_NOW
from portal.reviews.forms import QueueForm
from portal.reviews.search import STATES

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")


@blueprint.get("")
@guard(anyone)
@at_most("lists_per_minute")
def queue() -> Any:
    """Every open change: whose turn it is, since when and why."""
    sources = contributions.sources(db())
    form = QueueForm(request.args, sources)
    sound = form.validate()
    listing = _listing(form, sources) if sound else Page([], None)
    page = render_template(
        "reviews/queue.html",
        form=form,
        sources={source.id: source for source in sources},
        shown=[source for source in sources if source.is_active],
        projects=form.projects,
        configured=bool(settings().sources),
        listing=listing,
        count=queries.count_waiting(db(), sources, form.filters, listing, request.args.get("cursor", "")),
        chips_set=[(label, _queue_url(**{name: None})) for name, label in form.chosen()] if sound else [],
        sort_url=_queue_url(sort="-since" if form.sort.data == "since" else None),
        first_url=_queue_url() if request.args.get("cursor") else None,
        next_url=_queue_url(cursor=listing.next_cursor) if listing.next_cursor else None,
        page_size=settings().limits.queue_page,
        now=clock.now(),
        patience_days=settings().limits.patience_days,
        labels=labels,
        forges=forges_of(db()),
    )
    return page if sound else (page, 422)


@blueprint.get("/changes/<int:change_id>")
@guard(anyone)
def change(change_id: int) -> str:
    """What is known here of one change: for those that have no address on their server."""
    shown = queries.change(db(), change_id)
    return render_template(
        "reviews/change.html",
        change=shown,
        number=forges_of(db())[shown.source.kind].number(shown.number),
        state=STATES[shown.state],
        now=clock.now(),
        patience_days=settings().limits.patience_days,
        labels=labels,
    )


@blueprint.get("/syncs")
@guard(anyone)
def syncs() -> Any:
    """When each source was asked, and what came of it; a server's own words only for who looks after the sources."""
    cursor = request.args.get("cursor", "")
    listing = queries.latest_syncs(db(), cursor=cursor)
    return render_template(
        "reviews/syncs.html",
        sources=[source for source in contributions.sources(db()) if source.is_active],
        listing=listing,
        count=queries.count_syncs(db(), listing, cursor),
        may_sync=permitted(SYNC_NOW),
        next_url=url_for(".syncs", cursor=listing.next_cursor) if listing.next_cursor else None,
        first_url=url_for(".syncs") if cursor else None,
        labels=labels,
    )


@blueprint.post("/syncs")
@guard(may(SYNC_NOW))
def sync_now() -> Any:
    """Ask every source at once, before its time."""
    actions.ask_for_sync(db(), me(), clock.now())
    flash_done(_("The sources are being synced now. Reload this page in a moment to see what is new."))
    return redirect(url_for(".syncs"), 303)


def _listing(form: QueueForm, sources: list[Any]) -> Page[Any]:
    return queries.waiting(
        db(),
        sources,
        form.filters,
        sort=form.sort.data,
        cursor=request.args.get("cursor", ""),
        limit=settings().limits.queue_page,
    )


def _queue_url(**changed: str | None) -> str:
    """The address of this view of the queue with something changed, from its first page on."""
    return list_url("reviews.queue", **changed)
