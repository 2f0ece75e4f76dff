"""What is shown of pairings: one's own, the thread, and all of them for coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, ScalarSelect, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from portal.core.counting import ListCount, count_page, count_rows
from portal.core.paging import Keyset, Page, page_of
from portal.core.rows import run_prepared
from portal.mentoring.access import no_such_pairing
from portal.mentoring.models import Message, Pairing, PairingState, Request, Side
from portal.mentoring.rules import side_of
from portal.people.models import Person

PAGE = 50
THREAD_PAGE = 100


@dataclass(frozen=True, slots=True)
class MyPairing:
    """A pairing as one of its two sees it."""

    pairing: Pairing
    side: Side
    other: Person
    unread: int

    @property
    def is_my_turn(self) -> bool:
        """Whether this side owes the next word."""
        return self.pairing.state == PairingState.ACTIVE and self.pairing.turn == self.side


def my_pairings(session: Session, person_id: int) -> list[MyPairing]:
    """This person's active pairings on either side: those in which they owe a word first, longest first."""
    active = select(Pairing).where(_is_in(person_id), Pairing.state == PairingState.ACTIVE)
    rows = [_mine(row, person_id) for row in _with_unread(session, active, person_id, *_PEOPLE)]
    return sorted(rows, key=lambda mine: (not mine.is_my_turn, mine.pairing.turn_since, mine.pairing.id))


@dataclass(frozen=True, slots=True)
class PairingGlance:
    """What a dashboard shows of a pairing: whose turn it is and since when, and what is new, seen from one side."""

    id: int
    side: Side
    other_id: int
    other_name: str
    is_my_turn: bool
    turn_since: datetime
    unread: int


def glance_at_pairings(session: Session, person_id: int) -> list[PairingGlance]:
    """This person's active pairings on either side: those in which they owe a word first, longest first."""
    glances = [
        PairingGlance(
            id=row.id,
            side=Side.MENTOR if row.is_mentor else Side.MENTEE,
            other_id=row.other_id,
            other_name=row.display_name,
            is_my_turn=row.turn == (Side.MENTOR if row.is_mentor else Side.MENTEE),
            turn_since=row.turn_since,
            unread=row.unread,
        )
        for row in run_prepared(session, _GLANCES, {"person": person_id})
    ]
    return sorted(glances, key=lambda glance: (not glance.is_my_turn, glance.turn_since, glance.id))


def past_pairings(session: Session, person_id: int, limit: int = 20) -> list[MyPairing]:
    """This person's pairings that are over, the newest end first."""
    over = select(Pairing).where(_is_in(person_id), Pairing.state != PairingState.ACTIVE)
    newest = over.order_by(Pairing.ended_at.desc(), Pairing.id.desc()).limit(limit)
    return [_mine(row, person_id) for row in _with_unread(session, newest, person_id, *_PEOPLE)]


def pairing_for(session: Session, pairing_id: int, person_id: int) -> MyPairing:
    """A pairing for one of its two. Raises NotFound for everybody else: they must not even know of it."""
    query = select(Pairing).where(Pairing.id == pairing_id, _is_in(person_id))
    mine = [_mine(row, person_id) for row in _with_unread(session, query, person_id, *_WHOLE)]
    if not mine:
        raise no_such_pairing()
    return mine[0]


def thread(session: Session, pairing_id: int, cursor: str = "") -> Page[Message]:
    """The newest messages, oldest of them first; the next page are those before.

    Raises Invalid for a cursor that is none of ours.
    """
    rows = select(Message).where(Message.pairing_id == pairing_id).options(joinedload(Message.author))
    newest, before = page_of(session, rows, Keyset(Message.id, descending=True), cursor, THREAD_PAGE)
    return Page(newest[::-1], before)


def active_pairings(session: Session, cursor: str = "", limit: int = PAGE) -> Page[Pairing]:
    """A page of all active pairings with their people, the longest silence first.

    Raises Invalid for a cursor that is none of ours.
    """
    rows = select(Pairing).where(Pairing.state == PairingState.ACTIVE).options(*_PEOPLE)
    return page_of(session, rows, Keyset(Pairing.id, by=Pairing.turn_since), cursor, limit)


def count_active(session: Session, page: Page[Pairing], cursor: str) -> ListCount:
    """What this page says of the list of active pairings: at most one statement."""
    active = select(Pairing.id).where(Pairing.state == PairingState.ACTIVE)
    return count_page(page, cursor, lambda: count_rows(session, active))


def pairing_by_id(session: Session, pairing_id: int) -> Pairing:
    """A pairing with its people and what was asked for, without the thread: for coordinators. Raises NotFound."""
    with_request = joinedload(Pairing.request)
    whole = (*_PEOPLE, with_request.joinedload(Request.person), with_request.selectinload(Request.needs))
    rows = select(Pairing).where(Pairing.id == pairing_id).options(*whole, with_request.selectinload(Request.languages))
    pairing = session.scalars(rows).one_or_none()
    if pairing is None:
        raise no_such_pairing()
    return pairing


def pairings_of_request(session: Session, request_id: int) -> list[Pairing]:
    """Every pairing of a request with its people, the newest first: for coordinators."""
    rows = select(Pairing).where(Pairing.request_id == request_id).options(*_PEOPLE)
    return list(session.scalars(rows.order_by(Pairing.id.desc())))


def _is_in(person_id: Any) -> ColumnElement[bool]:
    return or_(Pairing.mentor_id == person_id, Pairing.mentee_id == person_id)


def _with_unread(
    session: Session, pairings: Select[Pairing], person_id: int, *loaded: ExecutableOption
) -> list[Row[Pairing, int]]:
    return list(session.execute(pairings.add_columns(_unread_by(person_id)).options(*loaded)))


def _mine(row: Row[Pairing, int], person_id: int) -> MyPairing:
    pairing, unread = row
    side = side_of(pairing, person_id) or Side.MENTEE
    return MyPairing(pairing, side, pairing.mentee if side is Side.MENTOR else pairing.mentor, unread)


def _unread_by(person: Any) -> ScalarSelect[int]:
    seen = case((Pairing.mentor_id == person, Pairing.mentor_read_id), else_=Pairing.mentee_read_id)
    unread = select(func.count()).select_from(Message).correlate(Pairing)
    unseen = (Message.pairing_id == Pairing.id, Message.id > seen, Message.author_id != person)
    return unread.where(*unseen).scalar_subquery()


def _glances_of_a_person() -> Select[Any]:
    person: BindParameter[int] = bindparam("person")
    is_mentor = Pairing.mentor_id == person
    other = case((is_mentor, Pairing.mentee_id), else_=Pairing.mentor_id).label("other_id")
    columns: list[Any] = [Pairing.id, Pairing.turn, Pairing.turn_since, Person.display_name, other]
    shown: Any = select(*columns, is_mentor.label("is_mentor"), _unread_by(person).label("unread"))
    mine: Select[Any] = shown.join(Person, Person.id == other).where(_is_in(person))
    return mine.where(Pairing.state == PairingState.ACTIVE)


# Every dashboard asks it: it is built once.
_GLANCES = _glances_of_a_person()
_PEOPLE = (joinedload(Pairing.mentor), joinedload(Pairing.mentee))
_ASKED = joinedload(Pairing.request)
_WHOLE = (*_PEOPLE, _ASKED.selectinload(Request.needs), _ASKED.selectinload(Request.languages))
