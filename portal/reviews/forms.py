"""What people choose on the queue page. All of it stands in the address, so that a view of the queue can be shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its type stubs

from portal.contributions.labels import WAITING_ON
from portal.contributions.models import Source
from portal.contributions.rules import WaitingOn
from portal.core.forms import Form, Length, with_number
from portal.core.i18n import _, lazy
from portal.reviews.queries import QueueFilters


class QueueForm(Form):
    """Filters and order of the queue. Everything is optional."""

    class Meta(Form.Meta):
        """Nothing is changed by this form, so it needs no token."""

        csrf = False

    source = SelectField(lazy("Source"))
    project = StringField(lazy("Project"), [Length(max=255)], render_kw={"list": "projects", "autocomplete": "off"})
    waiting_on = SelectField(lazy("Waits for"))
    text = StringField(lazy("Title, author or number"), [Length(max=200)], render_kw={"type": "search"})
    sort = SelectField(
        lazy("Order"),
        choices=[
            SelectChoice("since", lazy("Waits longest")),
            SelectChoice("-since", lazy("Waits shortest")),
            SelectChoice("-created", lazy("Newest")),
            SelectChoice("created", lazy("Oldest")),
            SelectChoice("-updated", lazy("Active last")),
            SelectChoice("updated", lazy("Inactive longest")),
        ],
        default="since",
    )
    newcomer = BooleanField(lazy("Newcomers only"))

    def __init__(self, args: MultiDict[str, str], sources: Sequence[Source]) -> None:
        super().__init__(args)
        active = [source for source in sources if source.is_active]
        self._names = {source.slug: source.name for source in active}
        offered = ((one.slug, with_number(one.name, one.open_count)) for one in active)
        self.source.choices = [SelectChoice("", _("Every source")), *(SelectChoice(*one) for one in offered)]
        on_reviewers = with_number(_("A reviewer"), sum(one.on_reviewers for one in active))
        on_authors = with_number(_("Its author"), sum(one.on_authors for one in active))
        turns = ((WaitingOn.REVIEWER.value, on_reviewers), (WaitingOn.AUTHOR.value, on_authors))
        self.waiting_on.choices = [SelectChoice("", _("Anybody")), *(SelectChoice(*one) for one in turns)]
        numbers = sum((Counter(source.projects) for source in active), Counter())
        self.projects = [(name, with_number(name, numbers[name])) for name in sorted(numbers)]
        self.sort.data = self.sort.data or "since"
        self.source.data = self.source.data or ""
        self.waiting_on.data = self.waiting_on.data or ""

    @property
    def filters(self) -> QueueFilters:
        """What was chosen, as the queries take it."""
        return QueueFilters(
            source=self.source.data or "",
            project=(self.project.data or "").strip(),
            waiting_on=self.waiting_on.data or "",
            newcomer=True if self.newcomer.data else None,
            text=(self.text.data or "").strip(),
        )

    def chosen(self) -> Iterator[tuple[str, str]]:
        """The name of each filter that is set, with words for it."""
        filters = self.filters
        if filters.source:
            yield "source", _("Source: %(name)s", name=self._names[filters.source])
        if filters.project:
            yield "project", _("Project: %(name)s", name=filters.project)
        if filters.waiting_on:
            yield "waiting_on", str(WAITING_ON[filters.waiting_on])
        if filters.newcomer:
            yield "newcomer", _("Newcomers only")
        if filters.text:
            yield "text", _("“%(text)s”", text=filters.text)
