"""What people's own data bring to their dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from portal.core.dashboard import DashboardRequest, NextStep, WayIn
from portal.core.i18n import _
from portal.forges.forge import forges_of
from portal.people.queries import OwnAccount, SkillsAndLanguages, accounts_of, skills_and_languages_of
from portal.people.rules import services

ACCOUNTS = {"_anchor": "accounts"}


def skills_and_languages(request: DashboardRequest) -> SkillsAndLanguages:
    """What this person can do, and what they speak."""
    return skills_and_languages_of(request.session, [request.person.id])[request.person.id]


def accounts(request: DashboardRequest) -> Sequence[OwnAccount]:
    """The accounts elsewhere that this person named as theirs."""
    return accounts_of(request.session, request.person.id)


def has_skills(request: DashboardRequest) -> bool:
    """Whether this person has said what they can do."""
    return bool(request.once(skills_and_languages).skills)


def lacks_account(request: DashboardRequest) -> bool:
    """Whether this person could say which account elsewhere is theirs, and has named none."""
    can_name_one = services(request.portal.config, forges_of(request.session))
    return bool(can_name_one) and not request.once(accounts)


def way_in(request: DashboardRequest) -> WayIn | None:
    """Name an account, for somebody whose changes nobody can find."""
    return WayIn(_("Add an account"), "people.profile", ACCOUNTS) if lacks_account(request) else None


def propose_skills(request: DashboardRequest) -> NextStep | None:
    """Say what one can do."""
    if has_skills(request):
        return None
    return NextStep(
        _("Say what you can do and what you want to learn. The portal uses it to find people who fit."),
        _("Fill in your profile"),
        "people.profile",
    )


def propose_account(request: DashboardRequest) -> NextStep | None:
    """Name an account, where one can be named."""
    if not lacks_account(request):
        return None
    return NextStep(
        _("Tell us your username on Gerrit or GitLab, and your open changes show up here."),
        _("Add an account"),
        "people.profile",
        ACCOUNTS,
    )
