"""Every action that takes a person, and what becomes of a call by somebody who may not: the table of actions."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.activity import actions as notices
from portal.admin import actions as accounts
from portal.admin import running
from portal.admin.access import MANAGE_PEOPLE, SEE_SITE
from portal.app import FEATURES
from portal.core import clock
from portal.core.config import LimitsConfig
from portal.mentoring.access import APPROVE_MENTORS, BE_MENTOR, COORDINATE
from portal.mentoring.actions import coordination, mentors, pairings, requests
from portal.mentoring.models import EndReason, Need, Request
from portal.mentoring.rules import Ask
from portal.people.invitations import actions as invitations
from portal.people.invitations.access import INVITE
from portal.people.invitations.rules import InvitationDraft
from portal.people.models import Account, Person
from portal.reviews import actions as reviews
from portal.reviews.access import SYNC_NOW
from portal.roles import actions as roles
from portal.roles import offers
from portal.roles.access import APPOINT
from portal.roles.content import RoleDefinitions
from portal.roles.models import RoleHolder, RoleOffer
from portal.tools import actions as tools
from portal.tools.access import STEWARD_TOOLS
from portal.tools.models import AdoptionOffer
from portal.tools.queries.catalogue import tool
from tests.access.world import World

Call = Callable[["Scene"], object]
ACTORS = {"person", "person_id", "by", "coordinator", "mentor", "mentor_id", "actor"}
FILES = ("actions", "offers", "running")
"""Where the actions of a room stand."""

OWN = "their own"
"""Takes no row but those of the person who acts, and asks for nothing else: everybody may."""
SITE = "the site"
"""No person does this: it is a step of other actions, which have asked, or of the site itself."""


class Scene:
    """The world inside a unit of work, as somebody sees it who may nothing there."""

    def __init__(self, world: World, session: Session, who: str = "nobody") -> None:
        self.session = session
        self.now = clock.now()
        self.limits = LimitsConfig()
        self._world = world
        self.who = self.person(who)

    def person(self, name: str) -> Person:
        """Somebody of the world."""
        return self.session.get_one(Person, self._world.people[name].id)

    def id(self, name: str) -> int:
        """The id of a row of the world."""
        return self._world.ids[name]

    def row(self, kind: Any, name: str) -> Any:
        """A row of the world."""
        return self.session.get_one(kind, self.id(name))

    @property
    def tool(self) -> Any:
        """The tool of the world."""
        return tool(self.session, "mapper")

    @property
    def translator(self) -> Any:
        """The definition of a role."""
        return self._world.site.portal.library.get(RoleDefinitions).get("translator")


WHY = "So it is best."
ASK = Ask("I want to mend a gadget and learn how review works.", {"python": Need.MUST}, frozenset({"en"}))

REFUSED: dict[str, tuple[str, Call]] = {
    "admin.actions.suspend": (
        "needs_role",
        lambda s: accounts.suspend(s.session, s.person("asker").id, s.who, WHY, s.now + timedelta(days=1), s.now),
    ),
    "admin.actions.lift_suspension": (
        "needs_role",
        lambda s: accounts.lift_suspension(s.session, s.person("asker").id, s.who, s.now),
    ),
    "admin.actions.sign_out_everywhere": (
        "needs_role",
        lambda s: accounts.sign_out_everywhere(s.session, s.person("asker").id, s.who, s.now),
    ),
    "admin.actions.end_one_session": (
        "needs_role",
        lambda s: accounts.end_one_session(s.session, s.person("asker").id, 1, s.who, s.now),
    ),
    "admin.actions.remove_second_factor": (
        "needs_role",
        lambda s: accounts.remove_second_factor(s.session, s.person("asker").id, s.who, s.now),
    ),
    "admin.actions.remove_passkeys": (
        "needs_role",
        lambda s: accounts.remove_passkeys(s.session, s.person("asker").id, s.who, s.now),
    ),
    "admin.running.check_again": ("needs_role", lambda s: running.check_again(s.session, s.who, s.now)),
    "admin.running.retry_given_up": (
        "needs_role",
        lambda s: running.retry_given_up(s.session, s.who, "search", s.now),
    ),
    "people.invitations.actions.invite": (
        "needs_role",
        lambda s: invitations.invite(s.session, s.who, InvitationDraft(None, "en", "", 1, 14), "key", 20, s.now),
    ),
    "people.invitations.actions.send_again": (
        "needs_role",
        lambda s: invitations.send_again(s.session, s.id("invitation_id"), s.who, s.now),
    ),
    "people.invitations.actions.revoke": (
        "needs_role",
        lambda s: invitations.revoke(s.session, s.id("invitation_id"), s.who, s.now),
    ),
    "roles.actions.appoint": (
        "not_an_appointer",
        lambda s: roles.appoint(s.session, s.translator, s.person("asker"), s.who, WHY, None, s.now),
    ),
    "roles.actions.end_holding": (
        "not_an_appointer",
        lambda s: roles.end_holding(s.session, s.row(RoleHolder, "holding_id"), s.who, WHY, s.now),
    ),
    "roles.actions.step_down": (
        "not_the_holder",
        lambda s: roles.step_down(s.session, s.row(RoleHolder, "holding_id"), s.who, WHY, s.now),
    ),
    "roles.offers.withdraw": (
        "not_your_offer",
        lambda s: offers.withdraw(s.session, s.row(RoleOffer, "roles.offer_id"), s.who, s.now),
    ),
    "roles.offers.decline": (
        "not_an_appointer",
        lambda s: offers.decline(s.session, s.row(RoleOffer, "roles.offer_id"), s.who, WHY, s.now),
    ),
    "tools.actions.open_adoption": (
        "not_a_maintainer",
        lambda s: tools.open_adoption(s.session, s.tool, s.who, WHY, s.now),
    ),
    "tools.actions.close_adoption": (
        "not_a_maintainer",
        lambda s: tools.close_adoption(s.session, s.tool, s.who, s.now),
    ),
    "tools.actions.withdraw": (
        "not_your_offer",
        lambda s: tools.withdraw(s.session, s.row(AdoptionOffer, "tools.offer_id"), s.who, s.now),
    ),
    "tools.actions.verify_account": (
        "needs_role",
        lambda s: tools.verify_account(s.session, s.tool, s.row(Account, "account_id"), s.who, s.now),
    ),
    "reviews.actions.ask_for_sync": ("needs_role", lambda s: reviews.ask_for_sync(s.session, s.who, s.now)),
    "activity.actions.read_notice": (
        "no_such_notice",
        lambda s: notices.read_notice(s.session, s.who.id, s.id("notice_id"), s.now),
    ),
    "mentoring.actions.mentors.approve": (
        "needs_role",
        lambda s: mentors.approve(s.session, s.id("person_id"), s.who, s.now),
    ),
    "mentoring.actions.mentors.decline": (
        "needs_role",
        lambda s: mentors.decline(s.session, s.id("person_id"), s.who, WHY, s.now),
    ),
    "mentoring.actions.mentors.go_away": (
        "offers_nothing",
        lambda s: mentors.go_away(s.session, s.who, s.now + timedelta(days=9), s.now),
    ),
    "mentoring.actions.mentors.come_back": (
        "offers_nothing",
        lambda s: mentors.come_back(s.session, s.who, s.now),
    ),
    "mentoring.actions.mentors.retire": (
        "offers_nothing",
        lambda s: mentors.retire(s.session, s.who, WHY, s.limits, s.now),
    ),
    "mentoring.actions.pairings.write": (
        "no_such_pairing",
        lambda s: pairings.write(s.session, s.id("pairing_id"), s.who, "Hello.", s.now),
    ),
    "mentoring.actions.pairings.mark_read": (
        "no_such_pairing",
        lambda s: pairings.mark_read(s.session, s.id("pairing_id"), s.who, 1),
    ),
    "mentoring.actions.pairings.complete": (
        "no_such_pairing",
        lambda s: pairings.complete(s.session, s.id("pairing_id"), s.who, "", s.now),
    ),
    "mentoring.actions.pairings.end_early": (
        "no_such_pairing",
        lambda s: pairings.end_early(
            s.session, s.id("pairing_id"), s.who, EndReason.OTHER, "", s.limits, s.now, ask_again=False
        ),
    ),
    "mentoring.actions.pairings.end_for_them": (
        "needs_role",
        lambda s: pairings.end_for_them(s.session, s.id("pairing_id"), s.who, EndReason.OTHER, "", s.limits, s.now),
    ),
    "mentoring.actions.pairings.reassign": (
        "needs_role",
        lambda s: pairings.reassign(s.session, s.id("pairing_id"), s.who, s.person("mentor"), "", s.now),
    ),
    "mentoring.actions.coordination.propose": (
        "needs_role",
        lambda s: coordination.propose(s.session, s.id("request_id"), s.who, s.person("mentor"), "", s.now),
    ),
    "mentoring.actions.coordination.advise": (
        "needs_role",
        lambda s: coordination.advise(s.session, s.id("request_id"), s.who, "Hold on.", s.now),
    ),
    "mentoring.actions.requests.edit_request": (
        "no_such_request",
        lambda s: requests.edit_request(s.session, s.id("request_id"), s.who, ASK),
    ),
    "mentoring.actions.requests.withdraw": (
        "no_such_request",
        lambda s: requests.withdraw(s.session, s.id("request_id"), s.who, s.now),
    ),
    "mentoring.actions.requests.renew": (
        "no_such_request",
        lambda s: requests.renew(s.session, s.id("request_id"), s.who, s.limits, s.now),
    ),
    "mentoring.actions.requests.hold": (
        "needs_role",
        lambda s: requests.hold(s.session, s.id("request_id"), s.who.id, s.limits, s.now),
    ),
    "mentoring.actions.requests.extend_hold": (
        "needs_role",
        lambda s: requests.extend_hold(s.session, s.id("request_id"), s.who.id, s.limits, s.now),
    ),
    "mentoring.actions.requests.skip": (
        "needs_role",
        lambda s: requests.skip(s.session, s.id("request_id"), s.who.id, "", s.now),
    ),
    "mentoring.actions.requests.claim": (
        "needs_role",
        lambda s: requests.claim(s.session, s.id("request_id"), s.who, s.now),
    ),
}
"""What each action says to somebody who may not, by the code of the refusal, and how it is called by them."""


def verify_own_account(s: Scene) -> None:
    """A steward confirms an account of their own."""
    account = s.row(Account, "account_id")
    account.person_id = s.who.id
    tools.verify_account(s.session, s.tool, account, s.who, s.now)


def answer_own_application(s: Scene) -> None:
    """A coordinator approves themselves."""
    mentors.offer_help(s.session, s.who, "I help.", 2, s.now)
    mentors.approve(s.session, s.who.id, s.who, s.now)


def take_own_request(s: Scene, action: Any, *rest: Any) -> None:
    """A mentor answers what they asked themselves."""
    s.row(Request, "request_id").person_id = s.who.id
    s.session.flush()
    action(s.session, s.id("request_id"), *rest)


def write_without_role(s: Scene) -> None:
    """A mentor who has given back the role writes to their mentee."""
    held = s.session.scalars(select(RoleHolder).where(RoleHolder.person_id == s.who.id)).one()
    roles.end_holding(s.session, held, None, WHY, s.now)
    pairings.write(s.session, s.id("pairing_id"), s.who, "Hello.", s.now)


OWN_CASES: dict[str, tuple[str, str, Call]] = {
    "tools.verify_account": ("steward", "own_account", verify_own_account),
    "mentors.approve": ("coordinator", "own_application", answer_own_application),
    "requests.claim": ("mentor", "own_request", lambda s: take_own_request(s, requests.claim, s.who, s.now)),
    "requests.skip": ("mentor", "own_request", lambda s: take_own_request(s, requests.skip, s.who.id, "", s.now)),
    "requests.hold": (
        "mentor",
        "own_request",
        lambda s: take_own_request(s, requests.hold, s.who.id, s.limits, s.now),
    ),
    "pairings.write": ("their-mentor", "no_longer_mentor", write_without_role),
}
"""Who holds the role, and may not all the same: in their own case, or any more."""

FREE = {
    **dict.fromkeys(
        (
            "people.actions.set_password",
            "people.actions.change_username",
            "people.actions.change_email",
            "people.actions.try_address_again",
            "people.actions.ask_to_confirm",
            "people.actions.confirm_email",
            "people.actions.describe",
            "people.actions.let_be_found",
            "people.actions.set_picture",
            "people.actions.remove_picture",
            "people.actions.set_skill",
            "people.actions.remove_skill",
            "people.actions.add_language",
            "people.actions.remove_language",
            "people.actions.add_account",
            "people.actions.remove_account",
            "people.actions.leave",
            "activity.actions.read_all_notices",
            "activity.actions.choose_letters",
            "activity.actions.stop_letters",
            "roles.offers.offer",
            "tools.actions.offer_to_adopt",
            "mentoring.actions.mentors.offer_help",
            "mentoring.actions.mentors.withdraw_application",
            "mentoring.actions.requests.ask_for_mentor",
            "mentoring.actions.requests.release_hold",
            "tracks.actions.start",
            "tracks.actions.pause",
            "tracks.actions.leave",
            "tracks.actions.open_step",
            "tracks.actions.declare_done",
            "tracks.actions.answer_quiz",
            "tracks.actions.claim_skills",
            "tracks.actions.undo",
            "activity.actions.read_notices",
            "api_tokens.actions.make_token",
            "api_tokens.actions.end_token",
            "single_sign_on.actions.link",
            "single_sign_on.actions.link_another",
            "single_sign_on.actions.unlink",
            "authenticators.actions.add_app",
            "authenticators.actions.renew_recovery_codes",
            "authenticators.actions.remove_second_factor",
            "authenticators.actions.use_code",
            "authenticators.actions.use_recovery_code",
            "authenticators.passkeys.actions.add_passkey",
            "authenticators.passkeys.actions.rename_passkey",
            "authenticators.passkeys.actions.remove_passkey",
        ),
        OWN,
    ),
    **dict.fromkeys(
        (
            "people.actions.renew_hash",
            "people.actions.prove_account",
            "single_sign_on.actions.note_sign_in",
            "api_tokens.actions.end_tokens_of",
            "people.actions.end_sessions",
            "authenticators.passkeys.actions.take_away_passkeys",
            "single_sign_on.actions.take_away_links",
            "people.invitations.actions.use_invitation",
            "people.actions.find_by_words",
            "people.actions.write_letter",
            "people.actions.is_first_today",
            "activity.actions.record",
            "roles.offers.require_open",
            "mentoring.actions.mentors.end_pairings_of",
            "mentoring.actions.mentors.settle_application",
            "mentoring.actions.requests.pair",
            "mentoring.actions.rows.find_mentor",
            "mentoring.actions.rows.take_seat",
            "mentoring.actions.rows.free_seat",
            "mentoring.actions.rows.require_shared_language",
            "mentoring.actions.rows.can_be_taken",
            "mentoring.actions.rows.note_skip",
        ),
        SITE,
    ),
}
"""The actions that refuse nobody, and why that is right."""

GUARDED_BY = {
    MANAGE_PEOPLE.name: tuple(
        f"admin.actions.{act}"
        for act in (
            *("suspend", "lift_suspension", "sign_out_everywhere", "end_one_session"),
            *("remove_second_factor", "remove_passkeys"),
        )
    ),
    SEE_SITE.name: ("admin.running.check_again", "admin.running.retry_given_up"),
    INVITE.name: tuple(f"people.invitations.actions.{verb}" for verb in ("invite", "send_again", "revoke")),
    APPOINT.name: ("roles.actions.appoint", "roles.actions.end_holding", "roles.offers.decline"),
    STEWARD_TOOLS.name: ("tools.actions.open_adoption", "tools.actions.close_adoption", "tools.actions.verify_account"),
    SYNC_NOW.name: ("reviews.actions.ask_for_sync",),
    APPROVE_MENTORS.name: ("mentoring.actions.mentors.approve", "mentoring.actions.mentors.decline"),
    COORDINATE.name: (
        "mentoring.actions.pairings.end_for_them",
        "mentoring.actions.pairings.reassign",
        "mentoring.actions.coordination.propose",
        "mentoring.actions.coordination.advise",
    ),
    BE_MENTOR.name: tuple(f"mentoring.actions.requests.{verb}" for verb in ("hold", "extend_hold", "skip", "claim")),
}
"""The actions that each permission opens."""


def every_action() -> Iterator[str]:
    """Every public function in the actions of every room that takes a person, as "room.actions.name"."""
    for module in _modules():
        for name, function in vars(module).items():
            is_own = inspect.isfunction(function) and function.__module__ == module.__name__
            if is_own and not name.startswith("_") and ACTORS & inspect.signature(function).parameters.keys():
                yield f"{module.__name__.removeprefix('portal.')}.{name}"


def _modules() -> Iterator[Any]:
    for feature in FEATURES:
        room = importlib.import_module(f"portal.{feature.name}")
        for file in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if {*FILES} & {*file.name.split(".")[2:]}:
                yield importlib.import_module(file.name)
