"""The catalogue for spreadsheets and feed readers: what its pages show, with the same filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal.core.access import anyone, guard
from portal.core.feeds import LENGTH, FeedEntry, feed, speak_for_feed
from portal.core.forms import require_sound
from portal.core.i18n import _
from portal.core.paging import walk
from portal.core.tables import BATCH, download
from portal.core.web import address, at_most, db, settings
from portal.tools import labels
from portal.tools.forms import ToolsForm
from portal.tools.models import Tool
from portal.tools.queries import catalogue

blueprint = Blueprint("tools_downloads", __name__, url_prefix="/tools")


@blueprint.get("/tools.csv")
@guard(anyone)
@at_most("csv_per_minute")
def tools() -> Response:
    """The catalogue, with the filters of its page."""
    form = ToolsForm(request.args, catalogue.terms(db()))
    require_sound(form)

    def page(cursor: str) -> tuple[Sequence[Any], str | None]:
        listing = catalogue.tools_page(db(), form.filters, cursor=cursor, limit=BATCH)
        return [_row(tool, listing.keywords[tool.id]) for tool in listing.rows], listing.next_cursor

    heads = [
        *(_("Tool"), _("Name"), _("What it does"), _("Type"), _("Keywords")),
        *(_("Looks for an owner since"), _("Use is discouraged"), _("Experimental"), _("Address")),
    ]
    return download("tools", heads, walk(page))


@blueprint.get("/wanted.atom")
@guard(anyone)
@at_most("feeds_per_minute")
def wanted() -> Response:
    """Tools that look for an owner, the latest to do so first."""
    speak_for_feed()
    entries = [_entry(tool) for tool in catalogue.tools_for_adoption(db(), LENGTH)]
    return feed(_("Tools that look for an owner"), url_for("tools.index", needs_owner="y"), entries)


def _row(tool: Any, keywords: list[str]) -> Sequence[Any]:
    return (
        tool.title,
        tool.name,
        tool.summary,
        labels.type_name(tool.tool_type) if tool.tool_type else "",
        ", ".join(keywords),
        tool.wanted_since,
        tool.is_deprecated,
        tool.is_experimental,
        address("tools.show", name=tool.name),
    )


def _entry(tool: Tool) -> FeedEntry:
    assert tool.wanted_since is not None
    by = tool.wanted_by
    said_by = by.display_name if by else settings().site.name
    return FeedEntry(
        # Looking for an owner again, after somebody was found, is news of its own.
        path=f"tools/{tool.name}/wanted/{tool.wanted_since:%Y%m%dT%H%M%S}",
        title=_("%(title)s looks for an owner", title=tool.title),
        link=address("tools.show", name=tool.name),
        updated=tool.wanted_since,
        author=said_by,
        summary=f"{tool.summary}\n\n{tool.wanted_reason}".strip(),
    )
