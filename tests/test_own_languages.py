"""[site] content: languages and words of a community's own, beside those of the portal and in place of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.app import load_content
from portal.cli import main
from portal.core.config_file import parse_config
from portal.core.content import BrokenContentError
from portal.core.i18n import SHIPPED, known_languages, speak
from portal.forges.table import FORGES
from tests import make

HELP = Path(__file__).parent.parent / "content" / "pages"
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
ESPERANTO = '[eo]\nname = "Esperanto"\n'


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a community's own content; the settings name it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[site]\ncontent = "ours"\n')
    (tmp_path / "ours" / "translations").mkdir(parents=True)
    return tmp_path / "ours"


def say(own: Path, folder: str, *lines: str) -> Path:
    """A catalogue of these messages, each `message = words`."""
    path = own / "translations" / folder / "LC_MESSAGES" / "portal.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = (line.partition(" = ") for line in lines)
    text = "".join(f'\nmsgid "{message}"\nmsgstr "{words}"\n' for message, _, words in entries)
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def table(own: Path, text: str) -> Path:
    path = own / "translations" / "languages.toml"
    path.write_text(text, encoding="utf-8")
    return path


def site_with(make_site: Any, own: Path, settings: str = "") -> Any:
    return make_site(f'[site]\ncontent = "{own}"\n{settings}')


def check() -> Any:
    return CliRunner().invoke(main, ["content", "check"])


def test_a_message_is_said_in_the_words_of_the_site_and_the_others_stay(make_site: Any, own: Path) -> None:
    say(own, "fr", "Sign in = Entrer chez nous")
    page = site_with(make_site, own).client().get("/people/sign-in?uselang=fr").text
    assert "Entrer chez nous" in page
    assert "Mot de passe" in page, "what the site does not say otherwise stays"
    assert "Entrer chez nous" not in make_site().client().get("/people/sign-in?uselang=fr").text


def test_english_words_are_replaced_too_and_stand_in_where_a_language_has_none(make_site: Any, own: Path) -> None:
    say(own, "en", "Sign in = Come in", "Mentoring = Guiding")
    table(own, ESPERANTO)
    say(own, "eo", "Sign in = Ensaluti")
    client = site_with(make_site, own).client()
    assert "Come in" in client.get("/?uselang=en").text
    assert "Se connecter" in client.get("/?uselang=fr").text
    esperanto = client.get("/?uselang=eo").text
    assert "Ensaluti" in esperanto
    assert "Guiding" in esperanto


def test_what_stands_in_a_catalogue_is_words_and_never_markup(make_site: Any, own: Path) -> None:
    say(own, "fr", "Sign in = <b>Entrer</b>", r"Search = \" autofocus x=\"")
    path = say(own, "es")
    many = (
        '\nmsgid "%(num)s minute to read"\nmsgid_plural "%(num)s minutes to read"\nmsgstr[0] "<i>"\nmsgstr[1] "<u>"\n'
    )
    path.write_text(path.read_text("utf-8") + many, "utf-8")
    client = site_with(make_site, own).client()
    french = client.get("/?uselang=fr").text
    assert "&lt;b&gt;Entrer&lt;/b&gt;" in french
    assert "<b>Entrer" not in french
    assert 'placeholder="&#34; autofocus x=&#34;"' in french
    spanish = client.get("/tracks/first-change-on-gerrit/what-happens-to-a-change?uselang=es").text
    assert "<li>&lt;u&gt;</li>" in spanish


def test_a_language_of_its_own_is_spoken_everywhere(make_site: Any, own: Path) -> None:
    table(own, ESPERANTO)
    say(own, "eo", "Sign in = Ensaluti", "There is no tool of that name. = Tia ilo ne estas.")
    (own / "roles").mkdir()
    shipped = (Path(__file__).parent.parent / "content" / "roles" / "mentor.fr.md").read_text(encoding="utf-8")
    (own / "roles" / "mentor.eo.md").write_text(re.sub("(?m)^title: .*$", "title: Mentoro", shipped), encoding="utf-8")
    site = site_with(make_site, own, 'default_language = "eo"\n')
    browser = site.client()
    front = browser.get("/").text
    assert '<html lang="eo" dir="ltr">' in front
    assert 'hreflang="eo" aria-current="true">Esperanto</a>' in front
    assert "<h1>Mentoro</h1>" in browser.get("/roles/mentor").text
    assert browser.get("/api/v1/roles/mentor?language=eo").json["title"] == "Mentoro"
    described = browser.get("/api/v1/openapi.json").json["paths"]["/api/v1/changes"]["get"]["parameters"]
    [language] = [one["schema"] for one in described if one["name"] == "language"]
    assert language["anyOf"][0]["enum"] == ["en", "fr", "es", "ar", "eo"]
    form = {"display_name": "Ana", "username": "ana", "password": make.PASSWORD, "language": "eo"}
    assert browser.post("/people/sign-up", data=form).status_code == 303


def test_what_is_sent_later_is_in_the_words_of_the_site(make_site: Any, own: Path) -> None:
    table(own, ESPERANTO)
    say(own, "eo", "Sign in = Ensaluti")
    site = site_with(make_site, own)
    with site.portal.rendering("eo"):
        assert site.app.jinja_env.from_string("{{ _('Sign in') }}").render() == "Ensaluti"
        assert "eo" in known_languages()
    assert "eo" not in known_languages()
    speak("eo")
    assert site.app.jinja_env.from_string("{{ _('Sign in') }}").render() == "Sign in"


def test_a_language_is_taken_out_of_the_menu(make_site: Any, own: Path) -> None:
    table(own, "[ar]\nin_menu = false\n")
    client = site_with(make_site, own).client()
    assert 'hreflang="ar"' not in client.get("/").text
    assert 'lang="ar" dir="rtl"' in client.get("/?uselang=ar").text, "what else is said of it stays"


def test_a_language_out_of_the_menu_is_not_that_of_the_site(own: Path) -> None:
    table(own, "[ar]\nin_menu = false\n[eo]\n")
    text = f'[site]\ncontent = "{own}"\ndefault_language = '
    assert parse_config(text + '"eo"', FORGES.settings).site.default_language == "eo"
    with pytest.raises(Exception, match="write en or fr or es or eo"):
        parse_config(text + '"ar"', FORGES.settings)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('msgid "%(name)s thanks"\nmsgstr "%(nom)s"', "4: “%(name)s thanks”: what begins with % cannot be filled in"),
        ('msgid "All"\nmsgstr "100 %"', "4: “All”: what begins with % cannot be filled in"),
        ('msgid "All"\nmsgstr "Cent %(name)s"', "4: “All”: what begins with % cannot be filled in"),
        ('msgid "All"\nmsgstr Alle', "5: no line of a catalogue"),
        ('msgid "All"\nmsgstr "Al"le"', "5: no line of a catalogue"),
        ('msgid "one"\nmsgid_plural "many"\nmsgstr[0] "un"\nmsgstr[1] ""', "4: “one” has not all its plural forms"),
        ('msgid "one"\nmsgid_plural "many"\nmsgstr[0] "un"\nmsgstr[7] "x"', "4: not a valid catalogue"),
    ],
)
def test_a_slip_in_a_catalogue_keeps_the_site_from_starting(own: Path, words: str, told: str) -> None:
    path = say(own, "fr")
    path.write_text(f"{HEAD}\n{words}\n", encoding="utf-8")
    with pytest.raises(BrokenContentError) as caught:
        load_content(own=own)
    assert f"ours/translations/fr/LC_MESSAGES/portal.po:{told}" in str(caught.value)


def test_a_catalogue_that_is_no_text_is_told(own: Path) -> None:
    say(own, "fr").write_bytes(HEAD.encode() + 'msgid "All"\nmsgstr "Privé"'.encode("latin-1"))
    assert "portal.po:1: the file cannot be read" in check().output


def test_a_slip_in_the_table_is_told_by_every_command_that_needs_it(own: Path) -> None:
    table(own, '[eo]\ndirection = "up"\n')
    for command in (["content", "check"], ["doctor"]):
        told = CliRunner().invoke(main, command)
        assert told.exit_code == 1
        assert "ours/translations/languages.toml:2: eo: direction" in told.output


def test_the_check_lists_the_words_of_the_site_and_what_nothing_reads(own: Path) -> None:
    table(own, ESPERANTO)
    say(own, "fr", "Sign in = Entrer", "Sing in = Chanter")
    say(own, "eo", "Sign in = Ensaluti")
    told = check()
    assert told.exit_code == 0
    assert "replaced  Français (fr): 2 messages  (the portal does not say 1 of them: “Sing in”)" in told.output
    assert "added     Esperanto (eo): 1 message\n" in told.output
    say(own, "xx", "Sign in = Xx")
    (own / "translations" / "eo" / "LC_MESSAGES" / "portal.mo").write_bytes(b"")
    told = check()
    assert told.exit_code == 1
    assert told.output.count("nothing reads this file") == 1
    assert "translations/xx/LC_MESSAGES/portal.po:1: nothing reads this file" in told.output


def test_a_language_is_begun_in_the_folder_of_the_site(own: Path) -> None:
    told = CliRunner().invoke(main, ["language", "new", "de"])
    assert told.exit_code == 0, told.output
    assert "ours/translations/de/LC_MESSAGES/portal.po" in told.output
    assert '[de]\nname = "Deutsch"' in (own / "translations" / "languages.toml").read_text(encoding="utf-8")
    assert check().exit_code == 0
    status = CliRunner().invoke(main, ["language", "status", "de"]).output
    assert re.search(r"^de  Deutsch  \(not in the menu\)\n    messages  0 of \d{3,} translated$", status, re.MULTILINE)
    again = CliRunner().invoke(main, ["language", "new", "de"])
    assert "Deutsch (de) is there already" in again.output


def test_the_status_of_a_language_counts_the_words_of_the_site(own: Path) -> None:
    before = CliRunner().invoke(main, ["language", "status", "es"]).output
    say(own, "es", "Sign in = Entrar")
    after = CliRunner().invoke(main, ["language", "status", "es"]).output
    unread = [int(re.findall(r"(\d+) not read by a native speaker", told)[0]) for told in (before, after)]
    assert unread[0] - unread[1] in (0, 1)
    assert "1 messages" not in after


def test_an_upgrade_brings_its_messages_into_a_catalogue_of_the_site(own: Path) -> None:
    table(own, ESPERANTO)
    path = say(own, "eo", "Sign in = Ensaluti", "Said no more = Ne plu")
    told = CliRunner().invoke(main, ["language", "update", "eo"]).output
    assert re.search(r"portal\.po: \d{3,} new messages, 1 that are not said any more\.", told)
    text = path.read_text(encoding="utf-8")
    assert 'msgid "Sign in"\nmsgstr "Ensaluti"' in text
    assert '#~ msgid "Said no more"' in text
    assert check().exit_code == 0
    assert "0 new messages, 0 that are" in CliRunner().invoke(main, ["language", "update", "eo"]).output


def test_a_catalogue_beside_a_shipped_one_gets_no_message_that_it_does_not_say_otherwise(own: Path) -> None:
    path = say(own, "es", "Sign in = Entrar", "Said no more = Ya no")
    told = CliRunner().invoke(main, ["language", "update", "es"]).output
    assert "portal.po: 0 new messages, 1 that are not said any more." in told
    text = path.read_text(encoding="utf-8")
    assert 'msgid "Sign in"\nmsgstr "Entrar"' in text
    assert '#~ msgid "Said no more"' in text
    assert "Mentoring" not in text


@pytest.mark.parametrize("code", ["es", "xx", "../x"])
def test_a_catalogue_that_is_not_there_is_told(own: Path, code: str) -> None:
    told = CliRunner().invoke(main, ["language", "update", code])
    assert told.exit_code == 1
    assert "There is no" in told.output


def test_languages_of_other_sites_are_not_known_after_a_request(make_site: Any, own: Path) -> None:
    table(own, ESPERANTO)
    site_with(make_site, own).client().get("/?uselang=eo")
    assert "eo" in known_languages(), "the thread still serves that site"
    other = make_site()
    assert 'hreflang="eo"' not in other.client().get("/").text
    assert known_languages() == SHIPPED.all


def test_the_help_page_tells_how() -> None:
    text = (HELP / "content-of-your-own.md").read_text(encoding="utf-8")
    assert "translations/languages.toml" in text
    assert "portal language update" in text
