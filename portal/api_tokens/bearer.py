"""Who asks the API by a token: looked up before any view is asked, so that a wrong one is refused wherever it is sent.

Pages never look at it: whoever has a token alone reads no page and sends no form.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Blueprint, g, request
from sqlalchemy.exc import SQLAlchemyError

from portal.api_tokens import actions, queries, rules
from portal.api_tokens.models import ApiToken
from portal.core import clock
from portal.core.api_access import ApiCaller
from portal.core.errors import InvalidToken
from portal.core.i18n import lazy
from portal.core.security_log import Outcome, SecurityEvent, security_event
from portal.core.web import count_request, db, is_api, portal
from portal.people.models import Person
from portal.people.session import here

log = structlog.get_logger()
blueprint = Blueprint("bearer", __name__)
WRONG = lazy("This token is wrong, or has ended.")


@blueprint.before_app_request
def _find_caller() -> None:
    """Note who asks. Raises InvalidToken for a wrong token, one that has ended, or whose person may not sign in."""
    given = request.authorization
    # What other schemes say is for a proxy before us, as where a site is only tried behind a password.
    if not is_api() or given is None or given.type != "bearer":
        return
    text, now = given.token or "", clock.now()
    found = queries.find_token(db(), text) if rules.is_whole(text) else None
    if found is None:
        raise _refused("unknown")
    token, person = found
    if why := _objection(token, person, now):
        raise _refused(why, person.id)
    scopes = frozenset(token.scopes.split())
    g.api_caller = ApiCaller(person, token.id, token.name, scopes, token.ends_at)
    if token.last_used_at is None or now > token.last_used_at + rules.BETWEEN_USES:
        g.token_use = (token.id, now)


@blueprint.teardown_app_request
def _note_use(_error: BaseException | None) -> None:
    """Note that the token is used: behind the answer, in a unit of work of its own, for most requests only read."""
    use: tuple[int, datetime] | None = g.pop("token_use", None)
    if use is None or request.method in {"HEAD", "OPTIONS"}:
        return
    try:
        with portal().unit_of_work() as work:
            actions.note_use(work, *use, network=here())
    except SQLAlchemyError:  # The next request will.
        log.warning("use of a token not noted", exc_info=True)


def _objection(token: ApiToken, person: Person, now: datetime) -> str:
    if rules.is_over(token.ends_at, now):
        return "ended"
    return "" if person.is_active and not person.is_suspended(now) else "may not sign in"


def _refused(why: str, owner: int | None = None) -> InvalidToken:
    """Counted by the address it came from: who guesses is slowed down."""
    count_request("api_per_minute")
    security_event(SecurityEvent.TOKEN_REFUSED, Outcome.FAILED, about=owner, why=why)
    return InvalidToken(WRONG)
