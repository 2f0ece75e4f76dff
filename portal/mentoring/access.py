"""Who may do what in mentoring."""

from __future__ import annotations

from portal.core.errors import NotAllowed, NotFound
from portal.core.i18n import _, lazy
from portal.core.permissions import Permission

BE_MENTOR = Permission("mentoring.mentor", lazy("Take requests of newcomers and mentor them."))
APPROVE_MENTORS = Permission(
    "mentoring.approve_mentors", lazy("Read applications of mentors, and approve or decline them."), is_power=True
)
COORDINATE = Permission(
    "mentoring.coordinate",
    lazy("See all requests and pairings, ask mentors to take a request, and end a pairing that cannot go on."),
    is_power=True,
)


def refuse_foreign_request(asker_id: int, person_id: int) -> NotFound | None:
    """Why somebody may not change a request: another asked it, and they must not even know of it."""
    return None if asker_id == person_id else no_such_request()


def no_such_request() -> NotFound:
    """What is said of a request that is not there, or not for one's eyes: nobody can tell which."""
    return NotFound(_("There is no such request."), code="no_such_request")


def refuse_own_request(asker_id: int, mentor_id: int) -> NotAllowed | None:
    """Why a mentor may not answer a request: it is their own."""
    if asker_id != mentor_id:
        return None
    return NotAllowed(_("This is your own request. Another mentor will answer it."), code="own_request")


def offers_nothing() -> NotAllowed:
    """What is said to who would do what mentors do, and has never said what they can help with."""
    return NotAllowed(_("Say first what you can help with: fill in the page for mentors."), code="offers_nothing")


def refuse_own_application(applicant_id: int, coordinator_id: int) -> NotAllowed | None:
    """Why a coordinator may not answer an application: it is their own."""
    if applicant_id != coordinator_id:
        return None
    return NotAllowed(_("This is your own application. Leave it to another coordinator."), code="own_application")


def refuse_outsider(mentor_id: int, mentee_id: int, person_id: int) -> NotFound | None:
    """Why somebody may do nothing in a pairing: they are neither of its two, and must not even know of it."""
    return None if person_id in (mentor_id, mentee_id) else no_such_pairing()


def no_such_pairing() -> NotFound:
    """What is said of a pairing that is not there, or not for one's eyes: nobody can tell which."""
    return NotFound(_("There is no such pairing."), code="no_such_pairing")


def refuse_former_mentor(*, is_mentor: bool) -> NotAllowed | None:
    """Why a pairing's mentor may not write in it: they have lost the role."""
    if is_mentor:
        return None
    sentence = _("You no longer hold the role of mentor, so you cannot write here as one.")
    return NotAllowed(sentence, code="no_longer_mentor")
