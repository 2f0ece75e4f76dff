"""Every route and how it is tried: what its address names, what is sent, and to whom the row belongs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from portal.core import clock
from tests.access.world import STRANGERS, World
from tests.tracks.conftest import RIGHT

TABLE = Path(__file__).with_name("routes.txt")
DOOR = "sign-in"
"""Written where somebody is sent to the door: they must sign in."""

VALUES = {
    "people.username": "nobody",
    "tools.name": "mapper",
    "tools_api.name": "mapper",
    "tracks.slug": "first-steps",
    "tracks_api.slug": "first-steps",
    "home.stuck.slug": "first-steps",
    "step_slug": "read-this-first",
    "tracks.answer.step_slug": "what-you-know",
    "home.help_page.slug": "privacy",
    "slug": "translator",
    "provider": "door",
    "link_id": "1",
    "mark": "0" * 32,
    "filename": "portal.css",
}
"""What stands in an address; `World.ids` has the ids. The most exact name counts: of the view, the room, or alone."""

OWNERS = {
    "request_id": ("asker",),
    "pairing_id": ("mentee", "their-mentor"),
    "person_id": ("applicant",),
    "tracks.of.person_id": ("mentee", "their-mentor"),
    "holding_id": ("holder",),
    "roles.offer_id": ("candidate",),
    "tools.offer_id": ("helper",),
    "tools.name": ("maintainer",),
    "account_id": ("claimant",),
    "notice_id": ("reader",),
    "session_id": ("reader",),
    "passkey_id": ("reader",),
    "invitation_id": ("inviter",),
    "token_id": ("reader",),
}
"""Whose the row is that an address names."""

ASK = {
    "goal": "I want to mend a gadget and learn how review works.",
    "needs-0-skill": "Python",
    "needs-0-need": "must",
    "languages": "en",
}
REASON = {"reason": "So it is best for everybody."}
PICTURE = TABLE.parents[2] / "docs" / "pictures" / "role.png"
PASSWORD = "correct horse battery"
NEW = "nine purple otters swim at dusk"
QUERIES = {
    "people.confirm_email": "confirm",
    "people.reset_password": "reset",
    "activity.unsubscribe": "letters",
    "invitations.accept": "invitation",
}
"""The views that take a token from a letter, and which."""

SHOWN_ANYWAY = {
    # The last one who may appoint people learns there what must come first.
    "/people/me/delete": {"steward"},
    # A list for all; the button stands there only for those who may.
    "/reviews/syncs": {*STRANGERS} - {"steward", "queue-owner"},
    # Who has no mentor is led to asking for one.
    "/tracks/<slug>/<step_slug>/stuck": {*STRANGERS},
}
"""Pages that are shown although sending their form is refused: they say more than the form."""


class Row(NamedTuple):
    """A line of the table: what a visitor gets, what everybody who is signed in gets, and who gets something else."""

    visitor: str
    everybody: str
    others: dict[str, str]

    def expected(self, who: str) -> str:
        """What this one gets."""
        return self.visitor if who == "visitor" else self.others.get(who, self.everybody)


def read_table() -> dict[str, Row]:
    """The table by "METHOD /path"."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {
        f"{method} {path}": Row(visitor, everybody, dict(other.split("=") for other in others))
        for method, path, visitor, everybody, *others in lines
    }


def every_route(app: Any) -> dict[str, Any]:
    """Every route of a site by "METHOD /path", with its rule."""
    return {
        f"{method} {rule.rule}": rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: str(rule.rule))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    }


def address(world: World, rule: Any) -> str:
    """Where this route is tried."""
    known: dict[str, Any] = {**VALUES, **world.ids}
    with world.site.app.test_request_context():
        values = {name: known[_most_exact(rule, name, known)] for name in rule.arguments}
        path: str = world.site.app.url_map.bind("").build(rule.endpoint, values)
    token = QUERIES.get(rule.endpoint)
    return f"{path}?token={world.tokens[token]}" if token else path


def owners(rule: Any) -> list[str]:
    """To whom the rows belong that this route names."""
    named = (OWNERS.get(_most_exact(rule, name, OWNERS), ()) for name in sorted(rule.arguments))
    return [who for some in named for who in some]


def form(world: World, endpoint: str) -> dict[str, Any]:
    """What is sent to this view, in order as far as it can be."""
    until = (clock.now() + timedelta(days=30)).date().isoformat()
    forms: dict[str, dict[str, Any]] = {
        "admin.suspend": {"until": until, **REASON},
        "admin.retry": {"what": "search"},
        "invitations.invite": {"language": "en", "most_uses": "1", "days": "14"},
        "mentoring.ask": ASK,
        "mentoring.edit": ASK,
        "mentoring.apply": {"pitch": "I help with gadgets.", "capacity": "2"},
        "mentoring.away": {"until": until},
        "mentoring.retire": REASON,
        "mentoring.decline": REASON,
        "mentoring.write": {"text": "Hello."},
        "mentoring.complete": {"thanks": "Thank you."},
        "mentoring.end": {"reason": "no_time", "note": "Sorry."},
        "mentoring.oversee": {"mentor": str(world.ids["other-mentor"]), "note": "It is better so."},
        "mentoring.propose": {"mentor": str(world.ids["other-mentor"]), "note": "Please look."},
        "mentoring.advise": {"text": "Would French do?"},
        "roles.appoint": {"person": "nobody", "until": until, **REASON},
        "roles.end": REASON,
        "roles.step_down": REASON,
        "roles.offer": REASON,
        "roles.decline": REASON,
        "tools.look_for_owner": REASON,
        "tools.offer": {"note": "I know its language."},
        "tracks.answer": RIGHT,
        "tracks.done": {"note": "I read it."},
        "tracks.claim_skills": {"track": "first-steps", "skills": "git"},
        "home.stuck": {"text": "It says that there is no such command."},
        "api_tokens.make": {"name": "my program", "scopes": ["notices:read"], "last_day": until},
        "passkeys.rename": {"name": "my phone"},
        "people.sign_up": {"username": "newest", "display_name": "Newest", "password": NEW, "language": "en"},
        "people.sign_in": {"username": "nobody", "password": PASSWORD},
        "people.prove": {"password": PASSWORD},
        "people.change_password": {"password": NEW},
        "people.forgot_password": {"name": "nora"},
        "people.reset_password": {"password": NEW},
        "people.change_email": {"email": "me@example.org"},
        "people.change_username": {"username": "quite-new"},
        "people.profile": {"display_name": "Me", "time_zone": "", "language": "en"},
        "people.choose_picture": {"picture": (str(PICTURE), "me.png")},
        "people.set_skill": {"skill": "python", "level": "2"},
        "people.remove_skill": {"skill": "python"},
        "people.add_language": {"spoken": "de"},
        "people.remove_language": {"code": "en"},
        "people.add_account": {"service": "wiki", "account": "Somebody"},
        "people.remove_account": {"account": str(world.ids["account_id"])},
    }
    return {**forms.get(endpoint, {})}


def _most_exact(rule: Any, name: str, known: Any) -> str:
    room = rule.endpoint.partition(".")[0]
    return next((key for key in (f"{rule.endpoint}.{name}", f"{room}.{name}") if key in known), name)
