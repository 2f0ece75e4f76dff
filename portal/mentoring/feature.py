"""What the room of mentoring brings: requests, mentors and pairings."""

from __future__ import annotations

from datetime import timedelta

from portal.core.feature import Feature
from portal.core.indexing import SearchIndex
from portal.core.jobs import Sweep
from portal.mentoring import api, downloads, finding, jobs, privacy, views
from portal.people.actions import PEOPLE
from portal.people.models import PEOPLE_WORDS

FEATURE = Feature(
    name="mentoring",
    blueprints=(views.blueprint, api.blueprint, downloads.blueprint),
    sweeps=(
        Sweep("mentoring.expire_requests", jobs.expire_requests, every=timedelta(minutes=5)),
        Sweep("mentoring.nudge_owing_sides", jobs.nudge_owing_sides, every=timedelta(minutes=30)),
        Sweep("mentoring.end_without_mentor", jobs.end_without_mentor, every=timedelta(minutes=30)),
    ),
    search_indexes=(SearchIndex(PEOPLE, PEOPLE_WORDS, finding.look),),
    export=privacy.export,
    erase=privacy.erase,
)
