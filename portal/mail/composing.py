"""One template of plain text becomes a whole message, as text and as simple HTML, in its reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from portal.core.i18n import current_language
from portal.core.jobs import Portal
from portal.core.plain_text import plain_text_to_html

GAP = re.compile(r"\n[ \t]*\n\s*\n")


class _Whole(UniqueUnstructuredHeader):
    """A header that is never folded: the library would write a long address as encoded words, which nobody follows."""

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # set by the registry


_HEADERS = HeaderRegistry()
for _name in ("list-unsubscribe", "list-id", "message-id"):
    _HEADERS.map_to_type(_name, _Whole)  # type: ignore[arg-type]  # the registry makes it a header itself
_POLICY = policy.default.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a letter goes to. `name` stands beside the address; an empty language or time zone is that of the site."""

    address: str
    name: str
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom a letter goes, and under which id, unique on this site: the same letter sent again has the same."""

    to: Recipient
    id: str
    date: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter says: templates/mail/<template>.txt, and below it templates/mail/parts/<foot>.txt.

    `values` are what both speak of; `link`, where there is one, names the endpoint and arguments of their `url`.
    """

    template: str
    foot: str
    values: Mapping[str, Any]


def compose(portal: Portal, content: Content, envelope: Envelope) -> EmailMessage:
    """The complete message. No text in it, whoever typed it, can add a header: what would is one long line."""
    to = envelope.to
    with portal.rendering(to.language or portal.config.site.default_language, to.time_zone or "UTC"):
        head, _, body = _render(portal, content.template, content.values).partition("\n\n")
        foot = _render(portal, f"parts/{content.foot}", content.values)
        message = _addressed(portal, envelope, " ".join(head.removeprefix("Subject:").split()))
        message.set_content(f"{body.strip()}\n\n-- \n{foot.strip()}\n")
        message.add_alternative(_html(portal, body, foot), subtype="html")
    return message


def host_of(portal: Portal) -> str:
    """The name that stands behind the ids of letters and of their kinds."""
    return urlsplit(portal.config.site.url).hostname or "localhost"


def url_of(portal: Portal, link: Any) -> str:
    """The absolute address of what a letter speaks of, where its value `link` names a page and its arguments."""
    return portal.app.url_for(link["endpoint"], _external=True, **link["args"]) if link else ""


def _render(portal: Portal, name: str, values: Mapping[str, Any]) -> str:
    known = {"site": portal.config.site, "limits": portal.config.limits}
    page = portal.app.jinja_env.get_template(f"mail/{name}.txt")
    text = page.render(**values, **known, url=url_of(portal, values.get("link")))
    # What a template leaves out leaves its blank lines behind.
    return GAP.sub("\n\n", text.replace("\r\n", "\n"))


def _addressed(portal: Portal, envelope: Envelope, subject: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = subject
    message["From"] = portal.config.mail.sender
    message["To"] = Address(" ".join(envelope.to.name.split()), addr_spec=envelope.to.address)
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = f"<{envelope.id}@{host_of(portal)}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in envelope.headers.items():
        message[name] = value
    return message


def _html(portal: Portal, body: str, foot: str) -> str:
    site_url = portal.config.site.url
    page = portal.app.jinja_env.get_template("mail/base.html")
    parts = {"body": plain_text_to_html(body, site_url), "foot": plain_text_to_html(foot, site_url)}
    return page.render(site=portal.config.site, language=current_language(), **parts)
