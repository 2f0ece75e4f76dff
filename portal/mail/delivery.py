"""The way of a mail, step by step: due, leased, written, handed to the mail server, settled.

Every step is a unit of work of its own, and none is open while the mail server is slow. What holds when a worker is
killed between two of them is said in kinds.py, by the guarantee of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from portal.clients.mail import MailError, MailRefusedError, MailUncertainError
from portal.core import clock, due
from portal.core.jobs import Portal
from portal.core.rows import updated_rows
from portal.mail.kinds import Guarantee, MailKind, Outgoing
from portal.mail.models import OPEN, MailState
from portal.mail.rules import BACK_OFF, LEASE

log = structlog.get_logger()
Answer = TypeVar("Answer")


class LostLeaseError(Exception):
    """Somebody else has taken the rows meanwhile, or they are settled: nothing may be sent."""


def due_mails(session: Session, kind: MailKind, now: datetime, limit: int) -> list[ColumnElement[bool]]:
    """The mails of a kind that are due to leave, each as the condition for its rows; the longest waiting first."""
    parts = [part.label(f"part_{index}") for index, part in enumerate(kind.together)]
    mails = select(*parts).where(due.is_due(kind.table, now)).group_by(*parts)
    rows_found = session.execute(mails.order_by(func.min(kind.table.due_at), *parts).limit(limit))
    return [_rows_with(kind, values) for values in rows_found]


def settle_broken_off(portal: Portal, kind: MailKind) -> None:
    """Settle what a worker was handing over at most once when it ended: perhaps it was sent."""
    with portal.database.session(read_only=True) as session:
        ended = and_(kind.table.state == MailState.SENDING, kind.table.leased_until <= clock.now())
        rows = list(session.scalars(select(kind.row_id).where(ended).order_by(kind.row_id)))
    if rows:
        log.warning("mail perhaps sent: a worker ended while it sent it", kind=kind.name, rows=rows)
        _do(portal, lambda session, now: _settle(session, kind, rows, MailState.UNCERTAIN, now))


def deliver(portal: Portal, kind: MailKind, rows: ColumnElement[bool]) -> None:
    """Send one mail, unless another worker is at it. What fails is logged and put off, longer each time."""
    lease = _do(portal, lambda session, now: due.lease_due(session, kind.table, rows, now, LEASE))
    if lease is None:
        return
    handover = _Handover(portal, kind, lease)
    try:
        outgoing = handover.write()
    except Exception as error:
        handover.put_off(error)
    else:
        handover.send(outgoing)


@dataclass
class _Handover:
    """One mail whose rows are ours, on its way to the mail server."""

    portal: Portal
    kind: MailKind
    lease: str
    has_left: bool = False
    """Whether it is committed that it leaves: from then on it may have arrived."""

    def write(self) -> Outgoing:
        """The mail as it can leave now."""
        waiting = and_(self._held, self.kind.table.state == MailState.WAITING)
        with self.portal.database.session(read_only=True) as session:
            return self.kind.write(self.portal, session, waiting)

    def send(self, outgoing: Outgoing) -> None:
        """Hand it to the mail server, and settle its rows by what the server says."""
        if outgoing.unwanted:
            self._settle_held(outgoing.unwanted)
        if outgoing.message is None:
            return
        try:
            # No transaction is open here: the mail server may be slow.
            self.portal.clients.mailer.send(outgoing.message, lambda: self._last_call(outgoing.wanted))
        except MailRefusedError as refusal:
            self._note_refusal(outgoing, refusal)
        except Exception as error:
            if self.has_left and not _was_refused(error):
                self._doubt(outgoing.wanted, error)
            else:
                self.put_off(error)
        else:
            self._note_sent(outgoing)

    def put_off(self, error: Exception) -> None:
        """Nothing has left: it waits longer each time, and is given up in the end."""
        log.warning("mail not sent", kind=self.kind.name, **_details_of(error))
        our_rows = and_(self._held, self.kind.table.state.in_(OPEN))
        emptied = self.kind.emptied
        _do(self.portal, lambda session, now: due.put_off(session, self.kind.table, our_rows, BACK_OFF, now, emptied))

    @property
    def _held(self) -> ColumnElement[bool]:
        return due.held(self.kind.table, self.lease)

    def _last_call(self, wanted: list[int]) -> None:
        """The server waits for the text. Raises LostLeaseError, which stops the mail."""
        if self.kind.guarantee is Guarantee.AT_MOST_ONCE:
            _do(self.portal, lambda session, _now: self._note_leaving(session, wanted))
            self.has_left = True

    def _note_leaving(self, session: Session, wanted: list[int]) -> None:
        our_rows = and_(self._held, self.kind.table.state == MailState.WAITING, self.kind.row_id.in_(wanted))
        leaving = update(self.kind.table).where(our_rows).values(state=MailState.SENDING)
        if updated_rows(session, leaving) != len(wanted):
            raise LostLeaseError

    def _note_refusal(self, outgoing: Outgoing, refusal: MailRefusedError) -> None:
        """No later attempt can help: that is how it ended. Whose address it is hears of it."""
        # A log names nobody: the server's words do.
        said = refusal.said.replace(outgoing.address, "<the address>")[:200]
        log.warning("mail refused", kind=self.kind.name, rows=outgoing.wanted, detail=said)

        def note(session: Session, now: datetime) -> None:
            state = MailState.SENDER_REFUSED if refusal.is_about_sender else MailState.REFUSED
            _settle(session, self.kind, outgoing.wanted, state, now)
            if refusal.is_about_address and self.kind.on_refused:
                self.kind.on_refused(session, outgoing.address, refusal.said, now)

        _do(self.portal, note)

    def _note_sent(self, outgoing: Outgoing) -> None:
        def note(session: Session, now: datetime) -> None:
            _settle(session, self.kind, outgoing.wanted, MailState.SENT, now)
            if self.kind.on_sent:
                self.kind.on_sent(session, outgoing.address)

        _do(self.portal, note)

    def _doubt(self, rows: list[int], error: Exception) -> None:
        log.warning("mail perhaps sent", kind=self.kind.name, rows=rows, **_details_of(error))
        self._settle(rows, MailState.UNCERTAIN)

    def _settle(self, rows: list[int], state: MailState) -> None:
        _do(self.portal, lambda session, now: _settle(session, self.kind, rows, state, now))

    def _settle_held(self, unwanted: list[int]) -> None:
        rows = and_(self._held, self.kind.row_id.in_(unwanted))
        state, emptied = MailState.SKIPPED, self.kind.emptied
        _do(self.portal, lambda session, now: due.settle(session, self.kind.table, rows, state, now, emptied))


def _rows_with(kind: MailKind, values: Sequence[object]) -> ColumnElement[bool]:
    return and_(*(part == value for part, value in zip(kind.together, values, strict=True)))


def _settle(session: Session, kind: MailKind, rows: list[int], state: MailState, now: datetime) -> None:
    due.settle(session, kind.table, kind.row_id.in_(rows), state, now, kind.emptied)


def _was_refused(error: Exception) -> bool:
    """Whether the mail server said for sure that it did not take the mail."""
    return isinstance(error, MailError) and not isinstance(error, MailUncertainError)


def _details_of(error: Exception) -> dict[str, str]:
    return {"error": type(error).__name__, "detail": str(error)[:200]}


def _do(portal: Portal, change: Callable[[Session, datetime], Answer]) -> Answer:
    with portal.unit_of_work() as session:
        return change(session, clock.now())
