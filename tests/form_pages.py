"""Forms as a browser has them: read off a page, filled in, sent with all that is hidden in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

HIDDEN = ("csrf_token", "form_key", "form_page")


@dataclass
class PageForm:
    """A form on a page, with what stands in its fields."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)

    def send(self, browser: Any, **options: Any) -> Any:
        """Press the button."""
        return browser.post(self.action, data=self.fields, **options)

    def typed(self) -> dict[str, str]:
        """What stands in it without what is hidden."""
        return {name: value for name, value in self.fields.items() if name not in HIDDEN}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._text = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(known.get("action", ""), known.get("method", "get"))
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, known)

    def _field(self, tag: str, known: dict[str, str]) -> None:
        assert self._form is not None
        name, fields = known.get("name", ""), self._form.fields
        if tag == "textarea":
            self._text = name
            fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in known or self._select not in fields):
            fields[self._select] = known.get("value", "")
        elif tag == "input" and name and (known.get("type") not in {"checkbox", "radio"} or "checked" in known):
            fields[name] = known.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._text:
            self._form.fields[self._text] += data


def forms_of(page: str) -> list[PageForm]:
    """Every form of a page that does something."""
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        # A line break at the very beginning of a textarea is not part of its text.
        form.fields = {name: value.removeprefix("\r\n").removeprefix("\n") for name, value in form.fields.items()}
    return [form for form in reader.forms if form.method == "post"]


def form_to(page: str, action: str) -> PageForm:
    """The form of a page that is sent there."""
    found = [form for form in forms_of(page) if form.action.partition("?")[0] == action]
    assert found, f"no form leads to {action}"
    return found[0]


def filled(browser: Any, url: str, typed: dict[str, str], action: str = "") -> PageForm:
    """Go to a page and fill its form in."""
    answer = browser.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.location}"
    form = form_to(answer.text, action or url.partition("?")[0])
    form.fields |= typed
    return form
