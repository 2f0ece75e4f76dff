"""How a text will look: what stands in one field of a form, shown as it will be shown, with nothing saved."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from portal.core.access import guard, signed_in
from portal.core.forms import trimmed_lines
from portal.core.i18n import _

blueprint = Blueprint("preview", __name__)
LONGEST = 10_000
"""Characters that are shown: more than any field takes."""


@blueprint.route("/preview", methods=["GET", "POST"])
@guard(signed_in)
def show() -> str:
    """The field that the button names. It is asked with all the form, so that it works without a script."""
    text = trimmed_lines(request.form.get(request.form.get("preview", ""), "").replace("\r\n", "\n")) or ""
    refusal = ""
    if not text:
        refusal = _("There is nothing to show yet: write something first.")
    elif len(text) > LONGEST:
        text, refusal = "", _("This text is too long for a preview.")
    return render_template("home/preview.html", text=text, refusal=refusal)
