"""What a new site needs, as whoever runs it reads on the dashboard until it is done, or they put it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, redirect, session, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from portal.core import milestones
from portal.core.access import guard, may
from portal.core.config import SiteConfig
from portal.core.dashboard import DashboardRequest, NextStep, SetupStanding
from portal.core.formats import duration
from portal.core.i18n import _
from portal.core.milestones import BACKUP, SET_UP
from portal.core.web import is_looked_at
from portal.roles.access import APPOINT
from portal.roles.dashboard import is_permitted

log = structlog.get_logger()
blueprint = Blueprint("setup", __name__)
GUIDE = "running-the-portal"
_FOLDED = "setup_is_folded"


@dataclass(frozen=True, slots=True)
class Setup:
    """How it stands with all that a new site needs."""

    standings: list[SetupStanding]
    is_folded: bool

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(standing.is_done for standing in self.standings)


@blueprint.post("/dashboard/setup/fold")
@guard(may(APPOINT))
def fold() -> Response:
    """Put the list away until one signs in the next time."""
    session[_FOLDED] = True
    return redirect(url_for("home.dashboard"), 303)


@blueprint.post("/dashboard/setup/unfold")
@guard(may(APPOINT))
def unfold() -> Response:
    """Show the list again."""
    session.pop(_FOLDED, None)
    return redirect(url_for("home.dashboard", _anchor="setup"), 303)


def setup(request: DashboardRequest) -> Setup | None:
    """What is done and what is left, for who may appoint to roles; nothing once all of it was done."""
    if not is_permitted(request, APPOINT) or SET_UP in request.once(_milestones):
        return None
    standings = [check.look(request) for check in request.portal.features.setup_checks]
    if all(standing.is_done for standing in standings):
        if is_looked_at():
            _note_that_it_is_set_up(request)
        return None
    return Setup(standings, bool(session.get(_FOLDED)))


def propose_setup(request: DashboardRequest) -> NextStep | None:
    """Go on with the first thing that is left."""
    left = request.once(setup)
    if left is None or left.is_folded:
        return None
    first = next(standing for standing in left.standings if not standing.is_done)
    if first.act:
        return NextStep(first.sentence, first.act.words, first.act.endpoint, first.act.args)
    return NextStep(first.sentence, _("Read how"), "home.help_page", {"slug": GUIDE, "_anchor": first.guide})


def name_standing(request: DashboardRequest) -> SetupStanding:
    """Whether the site has a name of its own."""
    name = request.portal.config.site.name
    if name == SiteConfig.model_fields["name"].default:
        sentence = _("The site has no name of its own yet: it is called “%(name)s”.", name=name)
        return SetupStanding(False, sentence, "settings-and-secrets", setting="[site] name")
    return SetupStanding(True, _("The site is called “%(name)s”.", name=name), "settings-and-secrets")


def backup_standing(request: DashboardRequest) -> SetupStanding:
    """Whether a backup was ever made by the portal's own command."""
    made_at = request.once(_milestones).get(BACKUP)
    if made_at is None:
        sentence = _("No backup has been made with the portal’s command yet.")
        return SetupStanding(False, sentence, "backup", command="portal db backup FILE")
    sentence = _("The last backup is %(time)s old.", time=duration(request.now - made_at))
    return SetupStanding(True, sentence, "backup")


def _milestones(request: DashboardRequest) -> dict[str, datetime]:
    return milestones.milestones(request.session)


def _note_that_it_is_set_up(request: DashboardRequest) -> None:
    # A unit of work of its own: the page itself only reads.
    try:
        with request.portal.unit_of_work() as work:
            milestones.note(work, SET_UP, request.now)
    except SQLAlchemyError:  # It is noted the next time.
        log.warning("not noted that the site is set up", exc_info=True)
