"""What the room of second factors and passkeys brings."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.authenticators import privacy, queries, views
from portal.authenticators.passkeys import queries as passkeys
from portal.authenticators.passkeys import views as passkey_views
from portal.authenticators.passkeys.actions import WAY
from portal.authenticators.passkeys.rules import relying_party
from portal.core import clock
from portal.core.feature import Feature, SecondFactor, SignInWay
from portal.core.i18n import lazy
from portal.core.permissions import granted_to
from portal.core.web import settings
from portal.people.models import Person


def _needed_by(session: Session, person: Person) -> bool:
    """Who has an app shows a code. Where the site demands a second factor of those whose roles permit something, who
    has a passkey shows that, or the password alone would open what the passkey is there to guard.
    """
    if queries.has_app(session, person.id):
        return True
    is_demanded = queries.demand_of(session) == "demanded" and _can_prove(session, person)
    return is_demanded and bool(granted_to(session, person.id, clock.now()))


def _has_passkeys() -> bool:
    return relying_party(settings().site.url) is not None


def _can_prove(session: Session, person: Person) -> bool:
    return _has_passkeys() and passkeys.has_passkey(session, person.id)


FEATURE = Feature(
    name="authenticators",
    blueprints=(views.blueprint, passkey_views.blueprint),
    second_factors=(SecondFactor("code_app", "authenticators.enter", _needed_by),),
    sign_in_ways=(
        SignInWay(
            WAY,
            lazy("Passkey"),
            "passkeys.sign_in",
            order=10,
            is_offered=_has_passkeys,
            can_prove=_can_prove,
            template="authenticators/_passkey_way.html",
        ),
    ),
    export=privacy.export,
    erase=privacy.erase,
)
