"""What mail brings to the dashboard of who runs the site: whether letters leave."""

from __future__ import annotations

from portal.core.dashboard import DashboardRequest, SetupStanding, WayIn
from portal.core.i18n import _
from portal.mail.kinds import mail_kinds
from portal.mail.models import MailState
from portal.mail.queries import last_settled

GUIDE = "mail"


def mail_standing(request: DashboardRequest) -> SetupStanding:
    """Whether a mail server is set, and took the last letter."""
    if not request.portal.config.mail.host:
        sentence = _("No mail server is set, so e-mails only go to the log and reach nobody.")
        return SetupStanding(False, sentence, GUIDE, setting="[mail] host")
    state = last_settled(request.session, mail_kinds(request.portal))
    if state == MailState.SENT:
        return SetupStanding(True, _("E-mails are sent: the mail server accepted the last one."), GUIDE)
    if state is None:
        sentence = _("A mail server is set, but no e-mail has been sent yet. Confirm your own address to send one.")
        return SetupStanding(False, sentence, GUIDE, WayIn(_("Give your address"), "people.change_email"))
    return SetupStanding(False, _("The last e-mail could not be sent."), GUIDE, command="portal doctor")
