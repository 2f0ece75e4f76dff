"""That nobody reaches others too often: every act that `record` is told of is measured here, before it is noted.

The events themselves are the count. Of several acts of one person at once each waits for the one before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from portal.activity.models import Event, LimitHit
from portal.activity.rules import WITHIN, most_acts, wait_for_act
from portal.core.act_limits import UNDECLARED, ActLimit, act_settings
from portal.core.errors import NotAllowed, TooMany, WayOn
from portal.core.feature import features_of
from portal.core.i18n import _, lazy, ngettext
from portal.core.rows import inserted, updated_one_row
from portal.people.locks import lock_person
from portal.people.models import Person

MINUTE = timedelta(minutes=1)
KEEP_HITS = timedelta(days=30)
"""So long it is known that somebody ran into a limit."""


class TooManyActs(TooMany):
    """This person did this as often as it may be done within an hour. `act` is the slug of the limit."""

    def __init__(self, person_id: int, limit: ActLimit, wait: timedelta) -> None:
        sentence = ngettext(
            "This is enough for one hour, so that nobody is flooded: %(what)s. You can go on in %(num)s minute. "
            "Nothing has been sent.",
            "This is enough for one hour, so that nobody is flooded: %(what)s. You can go on in %(num)s minutes. "
            "Nothing has been sent.",
            -(wait // -MINUTE),
            what=str(limit.name),
        )
        super().__init__(sentence, int(wait.total_seconds()) + 1)
        self.person_id, self.act = person_id, limit.slug


def require_may_reach_others(session: Session, verb: str, actor: Person, now: datetime) -> None:
    """Raises TooManyActs when this person did it as often as they may, NotAllowed while an address of theirs must be
    confirmed first.
    """
    limit = features_of(session).act_limits.get(verb, UNDECLARED)
    if limit.an_hour is None:
        return
    _require_confirmed_address(session, actor, now)
    # One after the other: of fifty acts at once each must see those before it.
    lock_person(session, actor.id)
    settings, age = act_settings(session), now - actor.created_at
    times, most = _times(session, verb, limit, actor, now), most_acts(limit, settings, age, has_power=False)
    if wait_for_act(times, most, now) <= timedelta(0):
        return
    if _has_power(session, actor, now):
        most = most_acts(limit, settings, age, has_power=True)
    wait = wait_for_act(times, most, now)
    if wait > timedelta(0):
        raise TooManyActs(actor.id, limit, wait)


def note_hit(session: Session, refusal: TooManyActs, now: datetime) -> None:
    """Remember that somebody ran into a limit: whoever looks after the site sees it."""
    keys = {"person_id": refusal.person_id, "act": refusal.act}
    again = update(LimitHit).filter_by(**keys).values(times=LimitHit.times + 1, last_at=now)
    first = insert(LimitHit).values(**keys, times=1, first_at=now, last_at=now)
    if not updated_one_row(session, again) and not inserted(session, first):
        updated_one_row(session, again)


def forget_hits(session: Session, now: datetime) -> None:
    """Delete what was noted of people who have run into no limit for long."""
    session.execute(delete(LimitHit).where(LimitHit.last_at < now - KEEP_HITS))


def _times(session: Session, verb: str, limit: ActLimit, actor: Person, now: datetime) -> list[datetime]:
    """When this person did such things within the last hour, the newest first."""
    verbs = {verb, *(other for other, its_limit in features_of(session).act_limits.items() if its_limit is limit)}
    lately = (Event.actor_id == actor.id, Event.verb.in_(verbs), Event.at > now - WITHIN)
    return list(session.scalars(select(Event.at).where(*lately).order_by(Event.at.desc())))


def _require_confirmed_address(session: Session, actor: Person, now: datetime) -> None:
    if actor.email or not act_settings(session).confirm_address_first or _has_power(session, actor, now):
        return
    if actor.new_email:
        sentence = _(
            "Confirm your e-mail address first: open the link that we sent to %(email)s. Until then nothing of yours "
            "reaches others here.",
            email=actor.new_email,
        )
        way_on = WayOn(lazy("Send the link again"), "people.send_link_again", is_act=True)
    else:
        sentence = _("Confirm your e-mail address first. Until then nothing of yours reaches others here.")
        way_on = WayOn(lazy("Confirm my address"), "people.change_email")
    raise NotAllowed(sentence, code="confirm_address_first", way_on=way_on)


def _has_power(session: Session, actor: Person, now: datetime) -> bool:
    return features_of(session).has_power(session, actor.id, now)
