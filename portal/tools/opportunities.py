"""Which tools somebody could take on with the skills they have: those that look for an owner."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from flask import url_for

from portal.core.dashboard import DashboardRequest
from portal.core.formats import listed
from portal.core.i18n import _, current_language
from portal.core.opportunities import Opportunity, OpportunityGroup
from portal.people.content import Skills
from portal.people.dashboard import skills_and_languages
from portal.tools.queries import catalogue

LOOKED_THROUGH = 100
SHOWN = 3


def find(request: DashboardRequest, skills: Collection[str]) -> OpportunityGroup | None:
    """Tools that look for an owner who knows one of these skills, or another of this person's; the best fit first."""
    names, known = request.portal.library.get(Skills), {*skills, *request.once(skills_and_languages).skills}
    tools = catalogue.words_of_wanted(request.session, LOOKED_THROUGH)
    fits = {name: [skill for skill in skills_of(words, names) if skill in known] for name, _title, words in tools}
    best = sorted((tool for tool in tools if fits[tool[0]]), key=lambda tool: -len(fits[tool[0]]))[:SHOWN]
    rows = [Opportunity(title, url_for("tools.show", name=name), _needs(names, fits[name])) for name, title, _w in best]
    everything = Opportunity(_("All tools that look for an owner"), url_for("tools.index", needs_owner="yes"))
    return OpportunityGroup(_("Look after a tool"), 30, rows, everything)


def skills_of(words: Iterable[str], names: Skills) -> list[str]:
    """The skills that these keywords and technologies name."""
    found = (names.find(word) for word in words)
    return list(dict.fromkeys(skill.slug for skill in found if skill))


def _needs(names: Skills, skills: Sequence[str]) -> str:
    language = current_language().code
    return _("It needs what you know: %(skills)s", skills=listed([names.name(skill, language) for skill in skills]))
