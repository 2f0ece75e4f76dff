"""Who ran into a limit is noted once the request that was refused has let go of everything it had begun."""

from __future__ import annotations

import structlog
from flask import g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from portal.activity.limits import TooManyActs, note_hit
from portal.activity.views.base import blueprint
from portal.core import clock
from portal.core.request_cycle import end_work
from portal.core.web import portal

log = structlog.get_logger()


@blueprint.after_app_request
def _note_hit(response: Response) -> Response:
    """A unit of work of its own: that of the request is rolled back."""
    refusal = g.get("refusal")
    if not isinstance(refusal, TooManyActs):
        return response
    end_work()
    log.info("limit of acts", person=refusal.person_id, act=refusal.act)
    try:
        with portal().unit_of_work() as work:
            note_hit(work, refusal, clock.now())
    except SQLAlchemyError:  # They are refused all the same.
        log.warning("limit of acts not noted", exc_info=True)
    return response
