"""A request is one unit of work, behind a guard, with strict headers, in the reader's language."""

from __future__ import annotations

import html
from typing import Any

import pytest
from flask import Blueprint, abort
from flask_wtf.csrf import CSRFError
from sqlalchemy import text
from werkzeug.exceptions import BadRequest

from portal.app import FEATURES
from portal.core import access, headers, template_context, web
from portal.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from portal.core.feature import Feature
from portal.core.i18n import SHIPPED, _, lazy, ngettext, speaking
from portal.core.permissions import Permission
from portal.core.web import db, keep_writes, safe_next
from portal.people.models import Person, PersonSkill
from tests import make


@pytest.fixture
def writing(site: Any) -> Any:
    """A site with a view that writes and then answers as it is told."""

    @site.app.post("/test/<outcome>")
    @access.guard(access.anyone)
    def write(outcome: str) -> Any:
        make.person(db(), "written")
        if outcome == "kept":
            keep_writes()
            return "refused, but counted", 422
        if outcome == "crash":
            raise RuntimeError("secret detail")
        return "told", int(outcome)

    return site


def written(site: Any) -> bool:
    with site.unit_of_work() as session:
        return session.query(Person).filter_by(username="written").count() == 1


@pytest.mark.parametrize(("outcome", "stays"), [("200", True), ("303", True), ("422", False), ("500", False)])
def test_an_answer_below_400_commits_and_all_else_rolls_back(writing: Any, outcome: str, stays: bool) -> None:
    writing.client().post(f"/test/{outcome}")
    assert written(writing) is stays


def test_a_race_that_the_commit_itself_loses_is_a_conflict_and_nothing_is_said_to_be_done(site: Any) -> None:
    with site.unit_of_work() as session:
        ana = make.speaker(session, "ana", python=2)

    @site.app.post("/test")
    @access.guard(access.anyone)
    def write_late() -> Any:
        db().add(PersonSkill(person_id=ana.id, skill="python", level=1))
        web.flash_done("It is saved.")
        return "done"

    answer = site.client().post("/test")
    assert answer.status_code == 409
    assert "It is saved." not in answer.text


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_row_can_have_is_no_page(site: Any, number: int) -> None:
    with site.unit_of_work() as session:
        somebody = make.person(session)
    browser = make.sign_in(site.client(), somebody)
    for address in ("/notices/{}", "/mentoring/pairings/{}", "/mentoring/requests/{}", "/roles/holders/{}/end"):
        assert browser.get(address.format(number)).status_code == 404


def test_a_crash_rolls_back_and_tells_no_detail(writing: Any) -> None:
    answer = writing.client().post("/test/crash")
    assert answer.status_code == 500
    assert b"secret detail" not in answer.data
    assert answer.headers["X-Request-ID"] in answer.text
    assert not written(writing)


@pytest.mark.parametrize("path", ["/api/v1/tools", "/api/v1/me", "/api/v1/nothing", "/api/v1/tools?colour=red"])
def test_every_answer_of_the_api_is_a_file(site: Any, path: str) -> None:
    answer = site.client().get(path)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="api.json"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    described = site.client().get("/api/v1/openapi.json")
    assert described.headers["Content-Disposition"] == 'attachment; filename="openapi.json"'
    assert "Content-Disposition" not in site.client().get("/").headers


def test_a_form_without_a_token_is_taken_where_a_feature_says_so_and_nowhere_else(make_site: Any) -> None:
    room = Blueprint("test", __name__)

    @room.post("/strict")
    @access.guard(access.anyone)
    def strict() -> str:
        return "taken"

    @room.post("/exempt")
    @web.csrf_exempt
    @access.guard(access.anyone)
    def exempt() -> str:
        return "taken"

    site = make_site(features=(*FEATURES, Feature("test", blueprints=(room,))))
    site.app.config["WTF_CSRF_ENABLED"] = True
    assert site.client().post("/exempt").text == "taken"
    assert site.client().post("/strict").status_code == 400


def test_a_view_that_is_added_after_the_start_keeps_its_check_of_forms(site: Any) -> None:
    @site.app.post("/late")
    @web.csrf_exempt
    @access.guard(access.anyone)
    def late() -> str:
        return "taken"

    site.app.config["WTF_CSRF_ENABLED"] = True
    assert site.client().post("/late").status_code == 400


def test_a_refusal_may_leave_behind_what_it_counted(writing: Any) -> None:
    assert writing.client().post("/test/kept").status_code == 422
    assert written(writing)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAllowed("no <b>entry</b>"), 403),
        (NotFound("gone"), 404),
        (Conflict("late"), 409),
        (Invalid("odd", "skill"), 422),
        (TooMany("slow down", 30), 429),
    ],
)
def test_each_refusal_is_a_page_of_ours(site: Any, error: Exception, status: int) -> None:
    @site.app.get("/test")
    @access.guard(access.anyone)
    def refuse() -> Any:
        raise error

    answer = site.client().get("/test")
    assert answer.status_code == status
    assert answer.text.count("<h1") == 1
    assert "<b>entry</b>" not in answer.text
    if status == 429:
        assert answer.headers["Retry-After"] == "30"


def test_the_api_answers_refusals_as_json(site: Any) -> None:
    @site.app.get("/api/v1/test")
    @access.guard(access.anyone)
    def refuse() -> Any:
        raise Invalid("The limit is odd.", "limit")

    answer = site.client().get("/api/v1/test")
    told = {"code": 422, "reason": "invalid", "message": "The limit is odd.", "field": "limit"}
    assert answer.json == {"error": told}


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (NotAllowed("This is not yours.", code="not_your_limit"), 403, "not_your_limit"),
        (NotAllowed("No."), 403, "not_allowed"),
        (NotFound("Gone."), 404, "not_found"),
        (Conflict("Late."), 409, "conflict"),
        (Invalid("Odd.", "limit", code="odd_limit"), 422, "odd_limit"),
        (TooMany("Slow down.", 30), 429, "too_many_requests"),
        (BadRequest(), 400, "bad_request"),
        (CSRFError(), 400, "stale_form"),
        (RuntimeError(), 500, "internal_server_error"),
    ],
)
def test_the_api_says_to_programs_why_it_refuses(site: Any, error: Exception, code: int, reason: str) -> None:
    @site.app.get("/api/v1/test")
    @access.guard(access.anyone)
    def refuse() -> Any:
        raise error

    told = site.client().get("/api/v1/test").json["error"]
    assert (told["code"], told["reason"]) == (code, reason)


def test_the_api_says_in_the_same_words_what_was_never_there(site: Any) -> None:
    assert site.client().get("/api/v1/nothing").json["error"]["reason"] == "not_found"
    assert site.client().post("/api/v1/tools").json["error"]["reason"] == "method_not_allowed"


def test_every_answer_carries_the_strict_headers(site: Any) -> None:
    for answer in (site.client().get("/nothing"), site.client().get("/healthz")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_without_its_token_is_refused(writing: Any) -> None:
    writing.app.config["WTF_CSRF_ENABLED"] = True
    assert writing.client().post("/test/200").status_code == 400
    assert not written(writing)


def test_the_session_cookie_is_for_us_alone(site: Any) -> None:
    cookie = site.client().get("/healthz?uselang=fr").headers.get("Set-Cookie", "")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_the_cookie_is_secure_and_browsers_are_told_to_stay(make_site: Any) -> None:
    site = make_site('[site]\nurl = "https://portal.example.org"\n')
    answer = site.client().get("/healthz?uselang=fr", base_url="https://portal.example.org")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "",
        None,
        "/a\\b",
        "/a\nb",
    ],
)
def test_a_redirect_never_leaves_the_site(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"


def test_a_missing_slash_is_added_on_the_host_that_was_asked(site: Any) -> None:
    answer = site.client().get("/tracks?uselang=fr", base_url="http://127.0.0.1:28123")
    assert answer.status_code == 308
    assert answer.headers["Location"] == "/tracks/?uselang=fr"


def test_doubled_slashes_lead_to_no_other_host(site: Any) -> None:
    for path in ("//evil.example/tracks", "//tracks", "/tracks//first-change-on-gerrit"):
        answer = site.client().get("/", environ_overrides={"PATH_INFO": path})
        assert not answer.headers.get("Location", "").startswith(("//", "http", "/\\\\")), path


def test_a_path_on_the_site_is_followed() -> None:
    assert safe_next("/mentoring/ask?skill=python#form", "/home") == "/mentoring/ask?skill=python#form"


@pytest.mark.parametrize(
    ("url", "prefix", "door"),
    [
        ("https://portal.example.org", "//evil.example", "/people/sign-in"),
        ("https://example.org/portal", "/portal", "/portal/people/sign-in"),
    ],
)
def test_no_prefix_of_a_proxy_says_where_links_lead(make_site: Any, url: str, prefix: str, door: str) -> None:
    site = make_site(f'[site]\nurl = "{url}"\nbehind_proxies = 1\n')
    answer = site.client().get("/dashboard", headers={"X-Forwarded-Prefix": prefix})
    assert answer.location.startswith(door)


def test_somebody_who_must_sign_in_is_led_to_the_door_and_back(site: Any) -> None:
    @site.app.get("/test")
    @access.guard(access.signed_in)
    def private() -> str:
        return "private"

    answer = site.client().get("/test?a=1")
    assert answer.status_code == 302
    assert answer.location == "/people/sign-in?next=%2Ftest%3Fa%3D1"


def test_a_permission_nobody_granted_is_refused(site: Any) -> None:
    @site.app.get("/test")
    @access.guard(access.may(Permission("site.administer", "Do anything.")))
    def private() -> str:
        return "private"

    with site.unit_of_work() as session:
        somebody = make.person(session)
    assert site.client().get("/test").status_code == 302
    assert make.sign_in(site.client(), somebody).get("/test").status_code == 403


def test_the_page_speaks_the_language_that_is_asked_for(site: Any) -> None:
    client = site.client()
    assert '<html lang="en" dir="ltr"' in client.get("/nothing").text
    assert '<html lang="fr" dir="ltr"' in client.get("/nothing", headers={"Accept-Language": "fr-CA,fr"}).text
    assert '<html lang="fr" dir="ltr"' in client.get("/nothing?uselang=fr").text
    assert '<html lang="fr"' in client.get("/nothing").text, "the choice is remembered"
    assert 'dir="rtl"' in client.get("/nothing?uselang=x-rtl").text
    assert '<html lang="en"' in site.client().get("/nothing?uselang=xx-<script>").text


def test_a_language_that_nobody_speaks_is_told_in_the_one_that_was_chosen(site: Any) -> None:
    client = site.client()
    assert "does not speak the language “tlh-<b>”" in html.unescape(client.get("/people/sign-in?uselang=tlh-<b>").text)
    client.get("/?uselang=fr")
    for path in ("/?uselang=de-x", "/nothing?uselang=de-x"):
        page = client.get(path).text
        assert '<html lang="fr"' in page
        assert "Ce site ne parle pas la langue «\u00a0de-x\u00a0»" in page
    assert "ne parle pas" not in client.get("/").text, "it is told once"
    assert "X" * 36 not in client.get("/?uselang=" + "X" * 500).text


def test_a_language_that_the_site_spoke_once_is_not_chosen_any_more(site: Any) -> None:
    client = site.client()
    with client.session_transaction() as session:
        session["language"] = "tlh"
    assert '<html lang="fr"' in client.get("/", headers={"Accept-Language": "fr"}).text


def test_qqx_shows_the_key_of_every_message_and_what_fills_it_in(site: Any) -> None:
    page = html.unescape(site.client().get("/people/sign-in?uselang=qqx").text)
    assert '<html lang="en" dir="ltr">' in page
    assert "(Sign in)" in page
    with speaking("qqx"):
        assert _("Sign in") == "(Sign in)"
        assert _("%(name)s and %(name)s of %(site)s", name="Ana", site="Here") == (
            "(%(name)s and %(name)s of %(site)s: Ana, Here)"
        )
        assert ngettext("%(num)s day", "%(num)s days", 2) == "(%(num)s day | %(num)s days: 2)"
        assert str(lazy("At most %(max)d letters.")) % {"max": 3} == "(At most %(max)d letters.: 3)"


def test_a_message_without_translation_is_said_in_english() -> None:
    with speaking("fr"):
        assert _("A message nobody ever wrote") == "A message nobody ever wrote"
        assert ngettext("%(num)s day", "%(num)s days", 2) in {"2 days", "2 jours"}


def test_a_lazy_message_is_looked_up_when_it_is_shown() -> None:
    message = lazy("Hello %(name)s", name="Ana")
    assert str(message) == "Hello Ana"


def test_every_language_ends_in_english() -> None:
    for language in SHIPPED.all.values():
        assert language.code == "en" or language.fallbacks[-1] == "en"


def test_wrong_methods_say_what_is_taken(site: Any) -> None:
    answer = site.client().post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_too_large_a_form_is_refused(site: Any) -> None:
    @site.app.post("/test")
    @access.guard(access.anyone)
    def read() -> str:
        from flask import request

        return str(len(request.form))

    assert site.client().post("/test", data={"a": "x" * 1_100_000}).status_code == 413


def test_an_abort_looks_like_the_site(site: Any) -> None:
    @site.app.get("/test")
    @access.guard(access.anyone)
    def stop() -> Any:
        abort(404)

    assert "<h1" in site.client().get("/test").text


def test_static_files_may_be_kept_for_a_year_and_change_their_address(site: Any) -> None:
    with site.app.test_request_context():
        address = template_context.asset("portal.css")
    with site.client().get(address) as answer:
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_crash_is_logged_without_the_values_at_hand(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    @site.app.get("/test")
    @access.guard(access.anyone)
    def crash() -> Any:
        password = "hunter2"
        raise RuntimeError(f"broken with {len(password)} letters")

    site.client().get("/test")
    logged = capsys.readouterr().err
    assert "broken with 7 letters" in logged
    assert "hunter2" not in logged.replace('password = "hunter2"', "")


@pytest.mark.parametrize("fault", ["insert into people (username) values (:typed)", "select :typed from nowhere"])
def test_a_fault_of_the_database_is_logged_without_what_was_typed(
    site: Any, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    @site.app.get("/test")
    @access.guard(access.anyone)
    def crash() -> Any:
        db().execute(text(fault), {"typed": " ".join(("typed", "in", "confidence"))})

    assert site.client().get("/test").status_code in {409, 500}
    logged = capsys.readouterr().err
    assert "error" in logged
    assert "typed in confidence" not in logged


@pytest.mark.parametrize(
    ("address", "data"),
    [("/people/%00", {}), ("/people/sign-in?next=%00", {}), ("/people/sign-in", {"username": "\0"})],
)
def test_a_character_that_no_database_keeps_is_refused_at_the_door(
    site: Any, address: str, data: dict[str, str]
) -> None:
    browser = site.client()
    answer = browser.post(address, data=data) if data else browser.get(address)
    assert answer.status_code == 422
    assert "cannot be saved" in answer.text


def test_limits_are_counted_where_the_settings_say(make_site: Any) -> None:
    app = make_site().app
    assert app.config["RATELIMIT_STORAGE_URI"] == "memory://"
    (limiter,) = app.extensions["limiter"]
    assert limiter._storage_uri is None, "an address given in the code would win over the settings"


@pytest.mark.parametrize(("is_multipart", "fields"), [(True, 600), (False, 600), (False, 20_000)])
def test_a_form_of_far_too_many_fields_is_refused_unread(site: Any, is_multipart: bool, fields: int) -> None:
    sent = {f"f{number}": "a" for number in range(fields)}
    kind = {"content_type": "multipart/form-data"} if is_multipart else {}
    answer = site.client().post("/people/sign-in", data=sent, **kind, headers={"Accept-Language": "fr"})
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text and 'lang="fr"' in answer.text
    assert answer.headers["X-Request-ID"]


def test_a_form_takes_64_kilobytes_and_one_for_a_picture_as_much_as_a_picture_may_have(site: Any) -> None:
    client = site.client()
    with site.unit_of_work() as session:
        make.sign_in(client, make.person(session, "ana"))
    much = {"a": "x" * 70_000}
    assert client.post("/people/me", data=much).status_code == 413
    assert client.post("/people/me", data=much, content_type="multipart/form-data").status_code == 413
    head = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    for length, status in ((800_000, 422), (990_000, 413)):
        sent = head + b"x" * length + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        assert client.post("/people/me/picture", data=sent, content_type=kind).status_code == status


def test_static_files_carry_the_same_headers_as_pages(make_site: Any) -> None:
    site = make_site('[site]\nurl = "https://portal.example.org"')
    page = site.client().get("/")
    with site.client().get("/static/portal.css") as file:
        assert file.status_code == 200
        for name in (*headers.HEADERS, "Strict-Transport-Security"):
            assert file.headers[name] == page.headers[name]


@pytest.mark.parametrize("behind", [0, 1])
def test_no_header_says_where_the_site_lives(make_site: Any, behind: int) -> None:
    site = make_site(f'[site]\nurl = "https://portal.example.org"\nbehind_proxies = {behind}')
    sent = {"X-Forwarded-Prefix": "/evil", "Script-Name": "/evil", "X-Script-Name": "/evil"}
    # Some servers make SCRIPT_NAME of a header.
    page = site.client().get("/", headers=sent, environ_overrides={"SCRIPT_NAME": "/evil"})
    assert page.status_code == 200
    assert "evil" not in page.text
