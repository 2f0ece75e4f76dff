"""What the room of mentoring brings: requests, mentors and pairings."""

from __future__ import annotations

from datetime import timedelta

from portal.activity.kinds import ANSWERS, DECISIONS
from portal.core.act_limits import UNBOUNDED, ActLimit
from portal.core.dashboard import DashboardCard, DashboardSection, NextStepRule
from portal.core.feature import EventListener, Feature, MenuEntry, PersonSection
from portal.core.i18n import lazy
from portal.core.indexing import SearchIndex
from portal.core.notices import Cadence, NoticeKind
from portal.core.schedule import Sweep
from portal.mentoring import api, content, dashboard, downloads, jobs, opportunities, privacy, search, views
from portal.mentoring.access import APPROVE_MENTORS, BE_MENTOR, COORDINATE
from portal.mentoring.actions import learning
from portal.mentoring.actions.requests import TOLD_TO_MENTORS
from portal.mentoring.queries import mentors
from portal.people.models import PEOPLE_SEARCH
from portal.people.unnaming import PEOPLE

OWN_MENTORING = NoticeKind(
    "mentoring",
    lazy("My mentoring"),
    lazy("Messages, whose turn it is, and when a pairing begins or ends."),
    Cadence.NOW,
    order=10,
)
REQUESTS = NoticeKind(
    "requests",
    lazy("People who ask for a mentor"),
    lazy("Requests that fit me as a mentor."),
    Cadence.NOW,
    order=30,
)
LONG_WAITS = NoticeKind(
    "long_waits",
    lazy("People who have found no mentor"),
    lazy("Requests that nobody has taken for long."),
    Cadence.DAILY,
    order=35,
)
OWN_VERBS = (
    "advised",
    "claimed",
    "completed",
    "ended",
    "ended_for_you",
    "handed_over",
    "message",
    "nudged",
    "reassigned",
    "released",
    "timed_out",
)
ASKING = ActLimit("mentoring.asking", lazy("Asking for a mentor"), an_hour=6, at_first=3, is_anew=True)
APPLYING = ActLimit("mentoring.applying", lazy("Applying as a mentor"), an_hour=6, at_first=3)
MESSAGES = ActLimit("mentoring.messages", lazy("Messages in pairings"), an_hour=60, at_first=20, tells_each=True)
ANSWERING = ActLimit("mentoring.answering", lazy("Answers to requests"), an_hour=30)
COORDINATING = ActLimit("mentoring.coordinating", lazy("Coordinating mentoring"), an_hour=120)
ADVISING = ActLimit("mentoring.advising", lazy("Notes to those who wait"), an_hour=60, tells_each=True)
COORDINATORS_VERBS = ("approved", "declined", "proposed", "reassigned", "handed_over", "ended_for_you")

FEATURE = Feature(
    name="mentoring",
    row_search=(search.SEARCH,),
    load_content=content.load,
    permissions=(BE_MENTOR, APPROVE_MENTORS, COORDINATE),
    notice_kinds=(OWN_MENTORING, REQUESTS, LONG_WAITS),
    notices={
        "mentoring.applied": DECISIONS,
        "mentoring.approved": ANSWERS,
        "mentoring.declined": ANSWERS,
        "mentoring.expired": ANSWERS,
        "mentoring.asked": REQUESTS,
        "mentoring.withdrawn": REQUESTS,
        "mentoring.passed": ANSWERS,
        "mentoring.waits_long": LONG_WAITS,
        "mentoring.proposed": REQUESTS,
        "mentoring.renewed": REQUESTS,
        **{f"mentoring.{verb}": OWN_MENTORING for verb in OWN_VERBS},
    },
    act_limits={
        "mentoring.applied": APPLYING,
        "mentoring.asked": ASKING,
        "mentoring.renewed": ASKING,
        "mentoring.message": MESSAGES,
        "mentoring.claimed": ANSWERING,
        "mentoring.passed": ANSWERING,
        "mentoring.advised": ADVISING,
        **{f"mentoring.{verb}": COORDINATING for verb in COORDINATORS_VERBS},
        **{f"mentoring.{verb}": UNBOUNDED for verb in ("completed", "ended", "released", "withdrawn")},
    },
    notices_need={
        "mentoring.applied": APPROVE_MENTORS,
        "mentoring.waits_long": COORDINATE,
        **dict.fromkeys(TOLD_TO_MENTORS, BE_MENTOR),
    },
    menu=(MenuEntry("mentoring.home", lazy("Mentoring"), order=20),),
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    sweeps=(
        Sweep("mentoring.expire_requests", jobs.expire_requests, every=timedelta(minutes=5)),
        Sweep("mentoring.tell_of_long_waits", jobs.tell_of_long_waits, every=timedelta(hours=1)),
        Sweep("mentoring.nudge_owing_sides", jobs.nudge_owing_sides, every=timedelta(minutes=30)),
        Sweep("mentoring.end_without_mentor", jobs.end_without_mentor, every=timedelta(minutes=30)),
    ),
    search_indexes=(SearchIndex(PEOPLE, PEOPLE_SEARCH, search.index_documents),),
    reacts_to=(EventListener("tracks.finished", "mentoring.tell_mentors", learning.tell_mentors),),
    export=privacy.export,
    erase=privacy.erase,
    dashboard_cards=(
        DashboardCard(lazy("My mentoring"), "mentoring.home", "mentoring/_card.html", 10, dashboard.card),
    ),
    dashboard_sections=(
        DashboardSection("mentoring/_fitting.html", 10, dashboard.fitting),
        DashboardSection("mentoring/_mentees_changes.html", 30, dashboard.mentees_changes),
    ),
    next_steps=(
        NextStepRule(10, dashboard.propose_answer),
        NextStepRule(30, dashboard.propose_applications),
        NextStepRule(35, dashboard.propose_waiting),
        NextStepRule(45, dashboard.propose_silent),
        NextStepRule(58, dashboard.propose_request),
        NextStepRule(100, dashboard.propose_asking),
    ),
    awaited=(dashboard.awaited,),
    ways_in=(dashboard.way_in,),
    has_begun=dashboard.has_begun,
    helps_others=dashboard.helps_others,
    opportunities=opportunities.find,
    person_sections=(PersonSection("mentoring/_offer.html", mentors.offer_of),),
    companions=dashboard.companions,
)
