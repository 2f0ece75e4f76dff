"""The review queue for spreadsheets and feed readers: what its pages show, with the same filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal.contributions import labels
from portal.contributions import queries as contributions
from portal.contributions.models import Source
from portal.core.access import anyone, guard, permitted
from portal.core.feeds import LENGTH, FeedEntry, feed, speak_for_feed
from portal.core.forms import require_sound
from portal.core.i18n import _
from portal.core.paging import walk
from portal.core.tables import BATCH, download
from portal.core.web import address, at_most, db
from portal.reviews import queries
from portal.reviews.access import SYNC_NOW
from portal.reviews.forms import QueueForm

blueprint = Blueprint("reviews_downloads", __name__, url_prefix="/reviews")
NEWEST_FIRST = "-since"


@blueprint.get("/queue.csv")
@guard(anyone)
@at_most("csv_per_minute")
def queue() -> Response:
    """The queue, with the filters and the order of its page."""
    sources = contributions.sources(db())
    form = _form(sources)
    order = form.sort.data

    def page(cursor: str) -> tuple[Sequence[Any], str | None]:
        return queries.waiting(db(), sources, form.filters, sort=order, cursor=cursor, limit=BATCH)

    heads = [
        *(_("Waits for"), _("Since"), _("Why"), _("Change"), _("Address"), _("Project"), _("Source"), _("Number")),
        *(_("Author"), _("Bot"), _("Newcomer"), _("Lines added"), _("Lines removed")),
    ]
    return download("queue", heads, _changes(walk(page), {source.id: source for source in sources}))


@blueprint.get("/queue.atom")
@guard(anyone)
@at_most("feeds_per_minute")
def queue_feed() -> Response:
    """What has begun to wait, the latest first, with the filters of the queue's page."""
    speak_for_feed()
    sources = contributions.sources(db())
    form = _form(sources)
    changes = queries.waiting(db(), sources, form.filters, sort=NEWEST_FIRST, limit=LENGTH)
    by_id = {source.id: source for source in sources}
    chosen = dict(form.chosen())
    title = _("Review queue")
    if chosen:
        title = _("%(label)s: %(text)s", label=title, text=_(", ").join(chosen.values()))
    filters = {name: request.args[name] for name in chosen}
    entries = [_entry(change, by_id[change.source_id]) for change in changes.rows]
    return feed(title, url_for("reviews.queue", **filters), entries, filters)  # type: ignore[arg-type]


@blueprint.get("/syncs.csv")
@guard(anyone)
@at_most("csv_per_minute")
def syncs() -> Response:
    """When each source was asked; a server's own words only for who looks after the sources, as on the page."""
    may_sync = permitted(SYNC_NOW)

    def page(cursor: str) -> tuple[Sequence[Any], str | None]:
        return queries.latest_syncs(db(), cursor=cursor, limit=BATCH)

    heads = [_("Begun"), _("Source"), _("Everything"), _("Outcome"), _("Why"), _("Changes"), _("New here"), _("Pages")]
    return download("syncs", heads, (_sync(run, may_sync) for run in walk(page)))


def _form(sources: list[Source]) -> QueueForm:
    form = QueueForm(request.args, sources)
    require_sound(form)
    return form


def _changes(rows: Iterator[Any], sources: dict[int, Source]) -> Iterator[Sequence[Any]]:
    for row in rows:
        yield (
            _("Reviewer") if row.waiting_on == "reviewer" else _("Author"),
            row.waiting_since,
            labels.REASONS[row.waiting_reason],
            row.title or _("(no title)"),
            row.url,
            row.project,
            sources[row.source_id].name,
            row.number,
            row.author_name or row.author_username,
            row.author_is_bot,
            row.is_newcomer,
            row.insertions,
            row.deletions,
        )


def _entry(change: Any, source: Source) -> FeedEntry:
    is_address = change.url.startswith(("http://", "https://"))
    return FeedEntry(
        path=f"changes/{source.slug}/{change.project}/{change.number}",
        title=change.title or _("(no title)"),
        link=change.url if is_address else address("reviews.change", change_id=change.id),
        updated=change.waiting_since,
        author=change.author_name or change.author_username,
        summary=_(
            "%(project)s, %(number)s on %(source)s. %(whose)s: %(why)s.",
            project=change.project,
            number=change.number,
            source=source.name,
            whose=labels.WAITING_ON[change.waiting_on],
            why=labels.REASONS[change.waiting_reason],
        ),
    )


def _sync(run: Any, may_sync: bool) -> Sequence[Any]:
    why = labels.failure(run.failure) if run.failure else ""
    if may_sync and run.failure_detail:
        why = f"{why} ({run.failure_detail})"
    outcome = labels.OUTCOMES[run.outcome]
    return (run.started_at, run.source_name, run.is_full, outcome, why, run.changes, run.new_changes, run.pages)
