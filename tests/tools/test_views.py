"""The catalogue as people see it: the list, a tool's page, an owner who is looked for, offers to help."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import event, select

from portal.people.models import Account
from portal.tools.models import AdoptionOffer, Tool
from portal.tools.rules import wikis_matching
from tests import make
from tests.tools.conftest import Catalogue, Importer, record


def names(page: str) -> list[str]:
    """The tools of a list, in its order."""
    return re.findall(r'<th scope="row" class="grow" dir="auto">\s*<a href="/tools/([^"]+)"', page)


@pytest.fixture
def shelf(bring_in: Importer, site: Any) -> Any:
    """A browser on a catalogue of five tools."""
    bring_in(
        [
            record(
                "atlas", tool_type="web app", license="MIT", keywords="Maps, history", for_wikis=["fr.wikipedia.org"]
            ),
            record("botany", tool_type="bot", license="GPL-3.0-or-later", for_wikis=["*.wikipedia.org"]),
            record("charts", tool_type="web app", available_ui_languages=["fr", "de"], for_wikis=["www.wikidata.org"]),
            record("dice", available_ui_languages="*", keywords="maps"),
            record("épices", title="Épices & co", deprecated=True),
        ]
    )
    return site.client()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["atlas", "botany", "charts", "dice", "%C3%A9pices"]),
        ("type=web+app", ["atlas", "charts"]),
        ("license=MIT", ["atlas"]),
        ("keyword=MAPS", ["atlas", "dice"]),
        ("language=fr", ["charts", "dice"]),
        ("language=en", ["atlas", "botany", "dice", "%C3%A9pices"]),
        ("wiki=fr.wikipedia.org", ["atlas", "botany", "dice", "%C3%A9pices"]),
        ("wiki=https://www.wikidata.org/wiki/Q1", ["charts", "dice", "%C3%A9pices"]),
        ("text=CHAR", ["charts"]),
        ("text=%25", []),
        ("type=web+app&keyword=maps", ["atlas"]),
        ("needs_owner=y", []),
        ("type=spaceship", []),
    ],
)
def test_the_list_is_narrowed_down(shelf: Any, query: str, wanted: list[str]) -> None:
    answer = shelf.get(f"/tools/?{query}")
    assert answer.status_code == 200
    assert names(answer.text) == wanted
    if not wanted:
        assert 'class="empty"' in answer.text


def test_every_filter_says_how_many_tools_it_finds(shelf: Any, site: Any) -> None:
    page = shelf.get("/tools/").text
    offered = re.findall(r'<option (?:selected )?value="([^"]+)"(?: label="([^"]*)")?>(?:([^<]+)</option>)?', page)
    counts = {value: int(re.search(r"\((\d+)\)$", label or text)[1]) for value, label, text in offered}
    names_of = {"fr.wikipedia.org": "wiki", "*.wikipedia.org": "wiki", "www.wikidata.org": "wiki", "*": ""}
    names_of |= {"web app": "type", "bot": "type", "MIT": "license", "GPL-3.0-or-later": "license"}
    names_of |= {"fr": "language", "de": "language", "en": "language", "maps": "keyword", "history": "keyword"}
    assert set(counts) == set(names_of)
    for value, field in names_of.items():
        if field:
            assert counts[value] == len(names(shelf.get("/tools/", query_string={field: value}).text)), value
    assert "Looks for an owner (0)" in page
    with site.unit_of_work() as session:
        session.scalars(select(Tool)).first().wanted_since = make.NOON
    assert "Looks for an owner (1)" in shelf.get("/tools/").text


def test_many_languages_leave_room_for_licences(bring_in: Importer, site: Any) -> None:
    codes = [first + second for first in "abcdefghijk" for second in "abcdefghijklmnopqrst"]
    bring_in(*([record(f"t{n}-{code}", available_ui_languages=[code]) for code in codes] for n in range(2)))
    bring_in(record("last", license="MIT", available_ui_languages=["zz"]))
    page = site.client().get("/tools/").text
    assert "MIT (1)" in page
    assert page.count("(2)") == 100
    assert len(page) < 60_000


def test_what_is_set_can_be_taken_off_again(shelf: Any) -> None:
    page = shelf.get("/tools/?keyword=maps&type=web+app").text
    assert 'class="chip" href="/tools/?type=web+app"' in page
    assert 'class="chip" href="/tools/?keyword=maps"' in page


@pytest.mark.parametrize("query", ["cursor=nonsense", "text=" + "x" * 300, "license=" + "é" * 3000])
def test_nonsense_in_the_address_is_answered_kindly(shelf: Any, query: str) -> None:
    assert shelf.get(f"/tools/?{query}").status_code in (200, 422)


def test_pages_follow_one_another_without_loss(bring_in: Importer, site: Any) -> None:
    bring_in([record(f"t{number:03}", title="Same" if number % 2 else "Other") for number in range(120)])
    url, found = "/tools/", []
    for _ in range(3):
        page = site.client().get(url).text
        found += names(page)
        more = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', page)
        url = more[1].replace("&amp;", "&") if more else ""
    assert url == ""
    assert len(found) == len(set(found)) == 120


def test_pages_take_the_same_few_statements_however_many_tools_there_are(
    catalogue: Catalogue, bring_in: Importer
) -> None:
    def statements(path: str) -> int:
        seen: list[str] = []
        engine = catalogue.site.portal.database.engine
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        assert catalogue.browser().get(path).status_code == 200
        event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    paths = ("/tools/", "/tools/?keyword=a&wiki=fr.wikipedia.org&needs_owner=y", "/tools/mapper")
    before = [statements(path) for path in paths]
    people = [{"name": f"P{number}", "wiki_username": f"P{number}"} for number in range(30)]
    bring_in([record(f"t{number}", keywords="a, b") for number in range(60)], record(author=people))
    assert [statements(path) for path in paths] == before
    assert max(before) <= 4


def test_an_empty_catalogue_says_how_it_is_filled(site: Any) -> None:
    assert "There are no tools here yet." in site.client().get("/tools/").text
    assert (
        site.client().get("/tools/toolinfo.json").data == b"[]\n"
        or json.loads(site.client().get("/tools/toolinfo.json").data) == []
    )


def test_a_tool_that_is_not_there_is_told(site: Any) -> None:
    answer = site.client().get("/tools/nothing")
    assert answer.status_code == 404
    assert "There is no tool of that name" in answer.text


def test_a_tool_leads_to_its_entry_in_the_toolhub_that_the_settings_name(bring_in: Importer, make_site: Any) -> None:
    site = make_site('[toolhub]\nurl = "https://toolhub.example.org/"\n')
    bring_in(record(), to=site)
    assert 'href="https://toolhub.example.org/tools/mapper"' in site.client().get("/tools/mapper").text


def test_the_page_tells_everything_that_is_known(bring_in: Importer, site: Any) -> None:
    from tests.data import TOOLINFO

    bring_in(TOOLINFO / "toolforge__paws.json")
    page = site.client().get("/tools/wikimedia-paws").text
    for words in (
        "A Web Shell (PAWS) is a Jupyter notebook",
        "Web app",
        "Yuvi Panda",
        "https://hub.paws.wmcloud.org/",
        "github.com/toolforge/paws",
        "MIT",
        "Every wiki",
        "Wikimedia Foundation",
        "SPARQL",
        "jupyter notebook",
        "https://wikitech.wikimedia.org/wiki/PAWS/PAWS_maintenance_and_administration",
        "https://phabricator.wikimedia.org/project/board/1648/",
        "File:PAWS_(no_text).svg",
    ):
        assert words in page, words


def test_a_maintainer_is_linked_once_verified_and_only_for_people_signed_in(catalogue: Catalogue) -> None:
    link = 'href="/people/maria"'
    assert link in catalogue.browser(catalogue.ana).get("/tools/mapper").text
    assert link not in catalogue.browser().get("/tools/mapper").text
    with catalogue.site.unit_of_work() as session:
        session.scalars(select(Account)).one().verified_at = None
    assert link not in catalogue.browser(catalogue.ana).get("/tools/mapper").text


@pytest.mark.parametrize(
    ("author", "service", "username", "is_linked"),
    [
        ([{"name": "Mia", "developer_username": "mia"}], "gerrit", "mia", True),
        ([{"name": "Mia", "developer_username": "mia"}], "gitlab", "mia", True),
        ([{"name": "Mia", "developer_username": "mia"}], "wiki", "mia", False),
        ([{"name": "Mia", "wiki_username": "Mia Maps"}], "gerrit", "Mia Maps", False),
        ([{"name": "Mia", "wiki_username": "User:mia_Maps"}], "wiki", "Mia Maps", True),
        ([{"name": "Mia"}], "wiki", "Mia", False),
        ("Mia", "wiki", "Mia", False),
        ("Mia, Ben", "gerrit", "Mia", False),
        ([{"name": "mia", "url": "https://git.example.org/mia"}], "gerrit", "mia", False),
        ([{"name": "Mia", "wiki_username": ""}], "wiki", "", False),
    ],
)
def test_only_a_username_in_the_record_links_a_maintainer_never_a_name(
    bring_in: Importer, site: Any, author: Any, service: str, username: str, is_linked: bool
) -> None:
    bring_in(record(author=author))
    with site.unit_of_work() as session:
        mia, ana = make.person(session, "mia", display_name="Mia"), make.person(session, "ana")
        account = Account(person_id=mia.id, service=service, username=username, added_at=make.NOON)
        account.verified_at = make.NOON
        session.add(account)
    page = make.sign_in(site.client(), ana).get("/tools/mapper").text
    assert ('href="/people/mia"' in page) is is_linked
    assert "Mia" in page or "mia" in page
    assert "/people/mia" not in site.client().get("/tools/mapper").text, "accounts are shown to people signed in"


def test_a_maintainer_and_a_steward_may_look_for_an_owner_and_nobody_else(catalogue: Catalogue) -> None:
    path = "/tools/mapper/look-for-owner"
    assert catalogue.browser().post(path, data={"reason": "x"}).status_code == 302
    assert catalogue.browser(catalogue.ana).get(path).status_code == 403
    assert catalogue.browser(catalogue.ana).post(path, data={"reason": "x"}).status_code == 403
    assert path not in catalogue.browser(catalogue.ana).get("/tools/mapper").text
    for person in (catalogue.maintainer, catalogue.steward):
        assert path in catalogue.browser(person).get("/tools/mapper").text
        catalogue.want_owner(person)
        assert catalogue.browser(person).post("/tools/mapper/stop-looking").status_code == 303


def test_whoever_types_the_account_of_a_maintainer_gains_nothing_before_a_steward_confirms_it(
    catalogue: Catalogue,
) -> None:
    with catalogue.site.unit_of_work() as session:
        thief = make.person(session, "thief")
        session.add(Account(person_id=thief.id, service="wiki", username="Map Maker", added_at=make.NOON))
    browser = catalogue.browser(thief)
    assert browser.get("/tools/mapper/look-for-owner").status_code == 403
    catalogue.want_owner(catalogue.maintainer)
    catalogue.offer(catalogue.ana)
    assert "could help" not in catalogue.notices(thief)
    assert "I know its language." not in browser.get("/tools/mapper").text


def test_an_account_that_nobody_has_confirmed_speaks_for_no_tool_and_is_told_nothing(catalogue: Catalogue) -> None:
    with catalogue.site.unit_of_work() as session:
        session.scalars(select(Account)).one().verified_at = None
    browser = catalogue.browser(catalogue.maintainer)
    assert browser.post("/tools/mapper/look-for-owner", data={"reason": "No time."}).status_code == 403
    catalogue.want_owner(catalogue.steward)
    assert "Mapper" not in catalogue.notices(catalogue.maintainer)


def test_a_wiki_without_a_language_belongs_to_no_family() -> None:
    assert wikis_matching("https://Wikidata.org/wiki/Q42") == ("wikidata.org", "*")
    assert wikis_matching("fr.wikipedia.org") == ("fr.wikipedia.org", "*.wikipedia.org", "*")


def test_a_steward_confirms_an_account_and_its_owner_may_speak(catalogue: Catalogue) -> None:
    with catalogue.site.unit_of_work() as session:
        account = session.scalars(select(Account)).one()
        account.verified_at = None
        number = account.id
    path = f"/tools/mapper/accounts/{number}/confirm"
    assert catalogue.browser(catalogue.maintainer).post(path).status_code == 403
    steward = catalogue.browser(catalogue.steward)
    assert path in steward.get("/tools/mapper").text
    assert steward.post(path).status_code == 303
    assert steward.post(path).status_code == 409
    assert steward.post("/tools/mapper/accounts/999/confirm").status_code == 404
    assert "Map_Maker" in catalogue.notices(catalogue.maintainer)
    catalogue.want_owner(catalogue.maintainer)


def test_nobody_confirms_an_account_of_their_own_or_one_the_record_does_not_name(catalogue: Catalogue) -> None:
    with catalogue.site.unit_of_work() as session:
        mine = Account(person_id=catalogue.steward.id, service="wiki", username="Map maker", added_at=make.NOON)
        other = Account(person_id=catalogue.ana.id, service="wiki", username="Ana", added_at=make.NOON)
        session.add_all([mine, other])
    steward = catalogue.browser(catalogue.steward)
    assert steward.post(f"/tools/mapper/accounts/{mine.id}/confirm").status_code == 403
    assert steward.post(f"/tools/mapper/accounts/{other.id}/confirm").status_code == 409


def test_that_an_owner_is_looked_for_is_seen_everywhere_and_told(catalogue: Catalogue) -> None:
    catalogue.want_owner(catalogue.maintainer, "I move on. **Please** take it.")
    assert names(catalogue.browser().get("/tools/?needs_owner=y").text) == ["mapper"]
    page = catalogue.browser().get("/tools/mapper").text
    assert "It looks for an owner" in page
    assert "I move on." in page
    assert "said by Maria" in page
    assert "“Mapper” looks for an owner" in catalogue.notices(catalogue.steward)
    assert "looks for an owner" not in catalogue.notices(catalogue.maintainer), "nobody is told of what they did"


def test_a_reason_is_needed_and_what_was_typed_is_kept(catalogue: Catalogue) -> None:
    browser = catalogue.browser(catalogue.steward)
    assert browser.post("/tools/mapper/look-for-owner", data={"reason": "  "}).status_code == 422
    long = browser.post("/tools/mapper/look-for-owner", data={"reason": "x" * 2001})
    assert long.status_code == 422
    assert "x" * 2001 in long.text
    catalogue.want_owner()
    again = browser.post("/tools/mapper/look-for-owner", data={"reason": "Again."})
    assert again.status_code == 409
    assert "Again." in again.text


def test_an_offer_is_told_to_maintainers_and_stewards_and_read_by_them_alone(catalogue: Catalogue) -> None:
    catalogue.want_owner()
    assert catalogue.offer(catalogue.ana).status_code == 303
    for person in (catalogue.maintainer, catalogue.steward):
        assert "Ana could help with “Mapper”" in catalogue.notices(person)
        assert "I know its language." in catalogue.browser(person).get("/tools/mapper").text
    assert "I know its language." not in catalogue.browser().get("/tools/mapper").text
    mine = catalogue.browser(catalogue.ana).get("/tools/mapper").text
    assert "Your offer to help is open" in mine
    assert "I know its language." not in mine


def test_one_person_has_one_open_offer_a_tool(catalogue: Catalogue) -> None:
    catalogue.want_owner()
    catalogue.offer(catalogue.ana)
    again = catalogue.offer(catalogue.ana, "Once more.")
    assert again.status_code == 409
    assert "Once more." in again.text
    with catalogue.site.unit_of_work() as session:
        assert len(session.scalars(select(AdoptionOffer)).all()) == 1


def test_nobody_offers_where_nobody_is_looked_for_or_without_words(catalogue: Catalogue) -> None:
    assert catalogue.offer(catalogue.ana).status_code == 409
    assert catalogue.browser(catalogue.ana).get("/tools/mapper/offer").status_code == 409
    catalogue.want_owner()
    assert catalogue.offer(catalogue.ana, " ").status_code == 422
    assert catalogue.browser().get("/tools/mapper/offer").status_code == 302


def test_an_offer_is_withdrawn_by_its_maker_alone_and_can_be_made_again(catalogue: Catalogue) -> None:
    catalogue.want_owner()
    catalogue.offer(catalogue.ana)
    with catalogue.site.unit_of_work() as session:
        path = f"/tools/offers/{session.scalars(select(AdoptionOffer.id)).one()}/withdraw"
    assert catalogue.browser(catalogue.maintainer).post(path).status_code == 403
    assert catalogue.browser(catalogue.ana).post(path).status_code == 303
    assert catalogue.browser(catalogue.ana).post(path).status_code == 409
    assert "withdraws the offer" in catalogue.notices(catalogue.maintainer)
    assert catalogue.offer(catalogue.ana).status_code == 303
    assert catalogue.browser(catalogue.ana).post("/tools/offers/999/withdraw").status_code == 404


def test_taking_the_sign_down_asks_first_then_closes_offers_and_tells_who_made_them(catalogue: Catalogue) -> None:
    catalogue.want_owner()
    catalogue.offer(catalogue.ana)
    browser = catalogue.browser(catalogue.maintainer)
    assert catalogue.browser(catalogue.ana).post("/tools/mapper/stop-looking").status_code == 403
    question = browser.get("/tools/mapper/stop-looking")
    assert "Open offers to help are closed" in question.text
    assert "It looks for an owner" in browser.get("/tools/mapper").text
    assert browser.post("/tools/mapper/stop-looking").status_code == 303
    assert browser.post("/tools/mapper/stop-looking").status_code == 409
    assert "is no longer looking for anybody" in catalogue.notices(catalogue.ana)
    page = browser.get("/tools/mapper").text
    assert "It looks for an owner" not in page
    assert "I know its language." not in page


def test_what_a_person_did_for_tools_goes_along_and_goes_with_them(catalogue: Catalogue) -> None:
    catalogue.want_owner(catalogue.maintainer)
    catalogue.offer(catalogue.ana)
    told = json.loads(catalogue.browser(catalogue.ana).get("/people/me/export").data)
    assert told["tools"]["offers"][0]["note"] == "I know its language."
    told = json.loads(catalogue.browser(catalogue.maintainer).get("/people/me/export").data)
    assert told["tools"]["owners_wanted"][0]["tool"] == "mapper"
    from portal.people.actions import leave

    with catalogue.site.unit_of_work() as session:
        leave(catalogue.site.portal, session, session.merge(catalogue.ana), make.NOON)
        leave(catalogue.site.portal, session, session.merge(catalogue.maintainer), make.NOON)
    with catalogue.site.unit_of_work() as session:
        offer = session.scalars(select(AdoptionOffer)).one()
        assert (offer.state, offer.note, offer.open_key) == ("withdrawn", "", None)
        assert session.scalars(select(Tool)).one().wanted_since is not None
    assert "Former member" in catalogue.browser().get("/tools/mapper").text


def test_tools_stand_among_the_places_and_speak_french(catalogue: Catalogue) -> None:
    catalogue.want_owner()
    page = catalogue.browser().get("/tools/?uselang=fr").text
    assert "Outils" in page
    assert "Cherche une personne responsable" in page
    assert 'href="/tools/"' in catalogue.browser().get("/").text


def test_a_wiki_is_matched_with_its_family_and_with_all() -> None:
    assert wikis_matching("FR.wikipedia.org ") == ("fr.wikipedia.org", "*.wikipedia.org", "*")
    assert wikis_matching("wikipedia") == ("wikipedia", "*")
