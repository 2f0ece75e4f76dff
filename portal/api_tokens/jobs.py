"""Owners hear of tokens that end soon; those that ended some time ago are forgotten."""

from __future__ import annotations

from portal.api_tokens import actions, queries, rules
from portal.core import clock
from portal.core.jobs import Portal


def look_after(portal: Portal) -> None:
    """Announce what ends within a week, and delete what ended a month ago."""
    now = clock.now()
    with portal.database.session(read_only=True) as session:
        soon = queries.to_announce(session, now)
    for token_id in soon:
        with portal.unit_of_work() as session:
            actions.announce_end(session, token_id, now)
    with portal.unit_of_work() as session:
        actions.forget(session, now - rules.KEPT)
