"""What people type and choose about tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from portal.core.forms import Form, Length, choice, trimmed, trimmed_lines, with_number
from portal.core.i18n import _, lazy
from portal.tools import labels
from portal.tools.models import Facet
from portal.tools.queries.catalogue import WANTED, ToolFilters
from portal.tools.rules import REASON_LENGTH

Terms = Mapping[str, Sequence[tuple[str, int]]]


class ToolsForm(Form):
    """Filters of the list. Everything is optional, and all of it stands in the address."""

    class Meta(Form.Meta):
        """Nothing is changed by this form, so it needs no token."""

        csrf = False

    text = StringField(lazy("Name or title"), [Length(max=200)], filters=[trimmed], render_kw={"type": "search"})
    type = SelectField(lazy("Type"))
    keyword = StringField(lazy("Keyword"), [Length(max=100)], filters=[trimmed], render_kw={"list": "keywords"})
    wiki = StringField(
        lazy("For the wiki"),
        [Length(max=255)],
        filters=[trimmed],
        render_kw={"list": "wikis"},
    )
    maintainer = StringField(
        lazy("Maintainer"), [Length(max=255)], filters=[trimmed], render_kw={"type": "search", "autocomplete": "off"}
    )
    language = SelectField(lazy("Speaks"))
    license = SelectField(lazy("Licence"))
    needs_owner = BooleanField(lazy("Looks for an owner"))

    def __init__(self, args: MultiDict[str, str], terms: Terms) -> None:
        super().__init__(args)
        self._offer(self.type, terms.get(Facet.TYPE, ()), _("Any type"), labels.type_name)
        self._offer(self.language, terms.get(Facet.LANGUAGE, ()), _("Any language"), labels.language)
        self._offer(self.license, terms.get(Facet.LICENSE, ()), _("Any licence"), str)
        self.keywords = [(word, with_number(word, number)) for word, number in terms.get(Facet.KEYWORD, ())]
        self.wikis = [(host, with_number(labels.wiki(host), number)) for host, number in terms.get(Facet.WIKI, ())]
        ((_none, looking),) = terms.get(WANTED, [("", 0)])
        self.needs_owner.label.text = with_number(_("Looks for an owner"), looking)

    @property
    def filters(self) -> ToolFilters:
        """What was chosen, as the queries take it."""
        return ToolFilters(
            text=self.text.data or "",
            tool_type=self.type.data or "",
            language=self.language.data or "",
            license=self.license.data or "",
            keyword=self.keyword.data or "",
            wiki=self.wiki.data or "",
            maintainer=self.maintainer.data or "",
            needs_owner=bool(self.needs_owner.data),
        )

    def chosen(self) -> Iterator[tuple[str, str]]:
        """The name of each filter that is set, with words for it."""
        phrases: dict[str, Callable[[str], str]] = {
            "text": lambda value: _("“%(text)s”", text=value),
            "type": labels.type_name,
            "keyword": lambda value: _("Keyword: %(word)s", word=value),
            "wiki": lambda value: _("For the wiki: %(wiki)s", wiki=value),
            "maintainer": lambda value: _("Maintainer: %(name)s", name=value),
            "language": lambda value: _("Speaks: %(language)s", language=labels.language(value)),
            "license": lambda value: _("Licence: %(license)s", license=value),
        }
        for name, in_words in phrases.items():
            if self[name].data:
                yield name, in_words(self[name].data)
        if self.needs_owner.data:
            yield "needs_owner", _("Looks for an owner")

    def _offer(self, field: SelectField, terms: Sequence[tuple[str, int]], anything: str, name: Any) -> None:
        """The choices of a filter: what there is, the most first. A shared address may name one that is gone by now."""
        field.data = field.data or ""
        offered = [(value, with_number(name(value), number)) for value, number in terms]
        if field.data and field.data not in dict(offered):
            offered.append((field.data, name(field.data)))
        field.choices = [choice("", anything), *(choice(value, label) for value, label in offered)]


class OpenAdoptionForm(Form):
    """Why a tool looks for an owner."""

    reason = TextAreaField(
        lazy("Reason"),
        [DataRequired(lazy("Write the reason.")), Length(max=REASON_LENGTH)],
        filters=[trimmed_lines],
        render_kw={"maxlength": REASON_LENGTH},
    )


class AdoptionOfferForm(Form):
    """How somebody could help."""

    note = TextAreaField(
        lazy("How you could help"),
        [DataRequired(lazy("Write a few words.")), Length(max=REASON_LENGTH)],
        filters=[trimmed_lines],
        render_kw={"maxlength": REASON_LENGTH},
    )
