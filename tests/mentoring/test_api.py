"""/api/v1/mentors: what everybody sees of mentors, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.mentoring.models import Mentor, MentorState
from portal.people.models import Account
from portal.people.rules import AUDIENCE, Audience
from tests import make

PRIVATE = ("maria@example.org", "new@example.org", "Pacific/Chatham", "mariasecret", "About Maria", "weekly", '"id"')


@pytest.fixture
def site(site: Any) -> Any:
    with site.unit_of_work() as session:
        maria = make.mentor(session, "maria", languages="en fr", capacity=3, python=3, git=2)
        maria.email, maria.email_key, maria.new_email = "maria@example.org", "maria@example.org", "new@example.org"
        maria.time_zone, maria.weekly_hours, maria.about = "Pacific/Chatham", 4, "About Maria"
        maria.accounts = [Account(service="gerrit", username="mariasecret", added_at=make.NOON)]
        make.mentor(session, "ben", capacity=0, git=4)
        away = make.mentor(session, "zoe", languages="fr")
        session.get(Mentor, away.id).away_until = datetime.now(UTC) + timedelta(days=3)
        applied = make.mentor(session, "adam")
        session.get(Mentor, applied.id).state = MentorState.APPLIED
    return site


def get(site: Any, query: str = "", **options: Any) -> Any:
    answer = site.client().get(f"/api/v1/mentors{query}", **options)
    assert answer.status_code == 200, answer.text
    return answer


def names(site: Any, query: str = "") -> list[str]:
    return [item["username"] for item in get(site, query).json["items"]]


def test_a_mentor_is_told_as_the_directory_shows_them(site: Any) -> None:
    assert get(site).json["items"][1] == {
        "username": "maria",
        "name": "Maria",
        "page": "http://127.0.0.1:8000/people/maria",
        "pitch": "I help.",
        "skills": [{"slug": "git", "name": "Git", "level": 2}, {"slug": "python", "name": "Python", "level": 3}],
        "languages": ["en", "fr"],
        "standing": "available",
        "free_seats": 3,
        "away_until": None,
    }


def test_only_those_who_are_mentors_are_listed_by_name_with_where_they_stand(site: Any) -> None:
    assert [(item["username"], item["standing"]) for item in get(site).json["items"]] == [
        ("ben", "full"),
        ("maria", "available"),
        ("zoe", "away"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?skill=git", ["ben", "maria"]),
        ("?speaks=fr", ["maria", "zoe"]),
        ("?free=true", ["maria"]),
        ("?free=false&skill=python&speaks=en", ["maria"]),
        ("?skill=nothing", []),
    ],
)
def test_filters(site: Any, query: str, expected: list[str]) -> None:
    assert names(site, query) == expected


def test_following_next_meets_each_mentor_once(site: Any) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        answer = get(site, f"?limit=1&cursor={cursor}" if cursor else "?limit=1")
        seen += [item["username"] for item in answer.json["items"]]
        cursor = answer.json["next"]
    assert seen == ["ben", "maria", "zoe"]


def test_nothing_private_is_told_not_even_to_who_is_signed_in(site: Any) -> None:
    with site.unit_of_work() as session:
        reader = make.person(session)
    for client in (site.client(), make.sign_in(site.client(), reader)):
        told = client.get("/api/v1/mentors").text
        assert not [word for word in PRIVATE if word in told]


def test_the_table_of_who_sees_what_is_obeyed(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AUDIENCE, "skills", Audience.SIGNED_IN)
    monkeypatch.setitem(AUDIENCE, "languages", Audience.YOU)
    maria = get(site).json["items"][1]
    assert (maria["skills"], maria["languages"]) == ([], [])


def test_names_of_skills_are_in_the_language_asked_for(site: Any) -> None:
    def skill(query: str, **headers: str) -> tuple[str, str]:
        answer = get(site, query, headers=headers)
        return answer.json["items"][0]["skills"][0]["name"], answer.headers["Content-Language"]

    with site.unit_of_work() as session:
        session.query(Mentor).delete()
        make.mentor(session, "tess", caching=2)
    assert skill("") == ("Caching", "en")
    assert skill("?language=fr") == ("Mise en cache", "fr")
    assert skill("?language=fr") == skill("", **{"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"})
    assert skill("?language=en", **{"Accept-Language": "fr"}) == skill("")


def test_it_takes_the_same_few_statements_for_many_mentors(site: Any, count_statements: Any) -> None:
    before = count_statements(lambda: get(site))
    with site.unit_of_work() as session:
        for number in range(30):
            make.mentor(session, f"mentor{number}", python=1, git=2)
    assert count_statements(lambda: get(site)) == before <= 4
