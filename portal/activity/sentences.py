"""What a notice says in one line: on the page of notices, and in the daily letter."""

from __future__ import annotations

from portal.activity.queries import ShownNotice
from portal.core.jobs import Portal
from portal.people.models import Person


def sentence(portal: Portal, notice: ShownNotice, person: Person, url: str) -> str:
    """The subject of the letter that the same event is told by, in the language being spoken."""
    page = portal.app.jinja_env.get_template(f"mail/{notice.verb}.txt")
    known = {"site": portal.config.site, "limits": portal.config.limits, "person": person, "actor": notice.actor}
    text = page.render(**{**notice.values, **known, "url": url})
    return " ".join(text.partition("\n")[0].removeprefix("Subject:").split())
