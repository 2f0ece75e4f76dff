"""[site] content: a community replaces, adds and hides content without a fork, and sees what it did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.app import load_content
from portal.cli import main
from portal.core import content_version
from portal.core.content import BrokenContentError, fingerprint
from portal.core.content_cache import ContentCache, open_library
from portal.core.content_files import ContentFiles
from portal.home.content import NEEDED, HelpPages
from portal.people.content import Skills
from portal.people.kept_names import KeptNames
from portal.roles.content import RoleDefinitions
from portal.tracks.content import Tracks
from tests import made_content
from tests.home.test_links import HELP, TEMPLATES

PAGE = "---\ntitle: {0}\nsummary: What {0} is.\n---\n\n{1}\n"
HIDE = '[[hidden]]\nfiles = [{}]\nreason = "We do it otherwise."\n'


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """What is shipped: a small track, and the roles, pages and lists of the portal."""
    return made_content.with_track(made_content.copied(tmp_path))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a community's own content; the settings name it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[site]\ncontent = "ours"\n')
    monkeypatch.setattr("portal.core.content.content_folder", lambda: tmp_path / "content")
    (tmp_path / "ours").mkdir()
    return tmp_path / "ours"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def hide(own: Path, *what: str) -> None:
    write(own, "hidden.toml", HIDE.format(", ".join(f'"{one}"' for one in what)))


def load(shipped: Path, own: Path) -> Any:
    return load_content(shipped, own=own)


def problems(shipped: Path, own: Path) -> list[str]:
    with pytest.raises(BrokenContentError) as broken:
        load(shipped, own)
    return [f"{Path(one.file).name}:{one.line}: {one.what} → {one.mend}" for one in broken.value.problems]


def run(*words: str, code: int = 0) -> str:
    told = CliRunner().invoke(main, ["content", *words])
    assert told.exit_code == code, told.output
    return str(told.output)


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        (
            "pages/privacy.md",
            PAGE.format("Our privacy", "Nothing leaves Lisbon."),
            lambda library: library.get(HelpPages).find("privacy", "en").title == "Our privacy",
        ),
        (
            "roles/translator.md",
            (Path("content") / "roles" / "translator.md")
            .read_text("utf-8")
            .replace("title: Translator", "title: Word smith"),
            lambda library: library.get(RoleDefinitions).get("translator").text_in("en").title == "Word smith",
        ),
        (
            "tracks/first-steps/read-this-first.md",
            "---\ntitle: Read ours\nsummary: Ours.\n---\n\nIt is short.\n",
            lambda library: library.get(Tracks).find("first-steps").steps[0].text_in("en").title == "Read ours",
        ),
    ],
)
def test_a_file_of_the_same_name_takes_the_place_of_the_shipped_one(
    shipped: Path, own: Path, name: str, text: str, seen: Callable[[Any], bool]
) -> None:
    assert not seen(load_content(shipped))
    write(own, name, text)
    assert seen(load(shipped, own))


def test_the_shipped_translations_of_what_was_replaced_are_not_shown(shipped: Path, own: Path) -> None:
    write(own, "pages/search.md", PAGE.format("Finding", "Ask Ana."))
    write(own, "tracks/first-steps/try-it.md", "---\ntitle: Ours\nsummary: Ours.\n---\n\nIt is short.\n")
    library = load(shipped, own)
    assert library.get(HelpPages).find("search", "fr").title == "Finding"
    assert library.get(Tracks).find("first-steps").steps[1].text_in("fr").title == "Ours"
    assert library.get(HelpPages).find("privacy", "fr").language == "fr"
    assert "left out  pages/search.fr.md" in run("check", code=0)


def test_an_own_translation_of_an_own_page_is_shown_and_stamped_against_it(shipped: Path, own: Path) -> None:
    write(own, "pages/search.md", PAGE.format("Finding", "Ask Ana."))
    french = write(own, "pages/search.fr.md", PAGE.format("Trouver", "Demandez à Ana."))
    run("stamp", "ours/pages/search.fr.md")
    assert fingerprint((own / "pages/search.md").read_text()) in french.read_text()
    page = load(shipped, own).get(HelpPages).find("search", "fr")
    assert (page.title, page.is_stale) == ("Trouver", False)


def test_an_own_translation_of_a_shipped_page_is_stamped_against_the_shipped_one(shipped: Path, own: Path) -> None:
    arabic = write(
        own, "pages/search.fr.md", (shipped / "pages/search.fr.md").read_text("utf-8").replace("title: ", "title: ! ")
    )
    write(own, "pages/search.fr.md", arabic.read_text("utf-8").replace("! ", "Bien "))
    run("stamp", "ours/pages/search.fr.md")
    page = load(shipped, own).get(HelpPages).find("search", "fr")
    assert page.title.startswith("Bien ")
    assert not page.is_stale


def test_new_pages_roles_tracks_and_skills_are_added(shipped: Path, own: Path) -> None:
    write(own, "pages/our-rooms.md", PAGE.format("Our rooms", "On [roles](/roles/mentor) and [this](/help/our-rooms)."))
    run("new", "role", "greeter")
    run("new", "track", "second-steps")
    write(
        own,
        "skills.toml",
        '[[groups]]\nslug = "birds"\nname = "Birds"\n\n[[skills]]\nslug = "owls"\nname = "Owls"\ngroup = "birds"\n',
    )
    write(own, "reserved-names.toml", '[[names]]\nname = "heron"\nreason = "Our robot is called so."\n')
    library = load(shipped, own)
    assert library.get(HelpPages).find("our-rooms", "en")
    assert "greeter" in library.get(RoleDefinitions).by_slug
    assert library.get(Tracks).find("second-steps")
    skills = library.get(Skills)
    assert {"owls", "python"} <= skills.by_slug.keys()
    assert skills.groups[-1].slug == "birds"
    assert library.get(KeptNames).reason_for("Heron") == "Our robot is called so."
    assert library.get(KeptNames).reason_for("greeter")
    assert library.get(KeptNames).reason_for("admin")


def test_an_entry_of_a_list_is_replaced_by_its_slug(shipped: Path, own: Path) -> None:
    write(own, "skills.toml", '[[skills]]\nslug = "python"\nname = "Snakes"\ngroup = "languages"\n')
    skills = load(shipped, own).get(Skills)
    assert skills.name("python") == "Snakes"
    assert skills.find("py") is None
    assert "replaced  skills.toml: python\n" in run("check")


def test_a_word_that_a_shipped_skill_has_is_told_in_the_own_file(shipped: Path, own: Path) -> None:
    write(own, "skills.toml", '[[skills]]\nslug = "snakes"\nname = "Python"\ngroup = "languages"\n')
    assert problems(shipped, own) == [
        "skills.toml:3: “Python” leads to both python and snakes → leave the word to one of them"
    ]


@pytest.mark.parametrize("words", ['name = "Py"', 'name = "Snakes"\naliases = ["py"]', 'name = "S"\nname_fr = "PY"'])
def test_an_alias_of_a_shipped_skill_yields_to_an_own_one(shipped: Path, own: Path, words: str) -> None:
    write(own, "skills.toml", f'[[skills]]\nslug = "snakes"\ngroup = "languages"\n{words}\n')
    skills = load(shipped, own).get(Skills)
    found = [skills.find(word) for word in ("py", "python")]
    assert [skill and skill.slug for skill in found] == ["snakes", "python"]


def test_a_copied_role_is_told_what_a_translation_leaves_out(shipped: Path, own: Path) -> None:
    text = (shipped / "roles" / "translator.md").read_text(encoding="utf-8")
    write(own, "roles/greeter.md", text)
    write(own, "roles/greeter.es.md", text)
    told = problems(shipped, own)
    assert told
    assert all("is said once, in the English file → remove the line" in one for one in told)


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ("tracks/first-steps", lambda library: library.get(Tracks).find("first-steps") is None),
        ("tracks/*", lambda library: not list(library.get(Tracks))),
        ("pages/search.md", lambda library: "search" not in library.get(HelpPages).by_slug),
        ("roles/translator.md", lambda library: "translator" not in library.get(RoleDefinitions).by_slug),
        ("skills.toml#git", lambda library: "git" not in library.get(Skills)),
        ("skills.toml#*", lambda library: not library.get(Skills).by_slug),
        ("reserved-names.toml#admin", lambda library: library.get(KeptNames).reason_for("admin") is None),
        ("pages/search.fr.md", lambda library: library.get(HelpPages).find("search", "fr").language == "en"),
    ],
)
def test_what_is_hidden_is_gone_and_listed(shipped: Path, own: Path, what: str, gone: Callable[[Any], bool]) -> None:
    assert not gone(load_content(shipped))
    hide(own, what)
    assert gone(load(shipped, own))
    told = run("check")
    assert "hidden    " in told
    assert "(We do it otherwise.)" in told


def test_shipped_words_that_led_to_a_hidden_page_stay_as_words(shipped: Path, own: Path) -> None:
    write(
        shipped,
        "pages/tour.md",
        PAGE.format("Start", "Read [how to *find*](/help/search#words), [mentors](/roles/mentor)."),
    )
    hide(own, "pages/search.md")
    html = str(load(shipped, own).get(HelpPages).find("tour", "en").html)
    assert "how to <em>find</em>," in html
    assert '<a href="/roles/mentor"' in html


def test_an_own_page_must_not_link_to_what_is_hidden(shipped: Path, own: Path) -> None:
    write(own, "pages/our-rooms.md", PAGE.format("Our rooms", "See [search](/help/search)."))
    hide(own, "pages/search.md")
    assert problems(shipped, own)[0].startswith("our-rooms.md:6: dead link /help/search")


def test_a_hidden_step_is_passed_over(shipped: Path, own: Path) -> None:
    hide(own, "tracks/first-steps/try-it.md")
    before = load_content(shipped).get(Tracks).find("first-steps")
    track = load(shipped, own).get(Tracks).find("first-steps")
    assert [step.slug for step in track.steps] == ["read-this-first", "what-you-know"]
    assert before.steps[1].id in before.steps[2].prerequisites
    assert before.steps[1].id not in track.steps[1].prerequisites


def test_shipped_steps_and_roles_that_name_a_hidden_skill_go_without_it(shipped: Path, own: Path) -> None:
    hide(own, "skills.toml#git", "skills.toml#mentoring")
    library = load(shipped, own)
    assert "git" not in library.get(Tracks).find("first-steps").skills
    assert all("git" not in role.skills for role in library.get(RoleDefinitions))


def test_pages_to_which_the_portal_itself_leads_can_be_replaced_but_not_hidden(shipped: Path, own: Path) -> None:
    linked = {match["slug"] for path in TEMPLATES.rglob("*.html") for match in HELP.finditer(path.read_text("utf-8"))}
    linked |= {match for path in TEMPLATES.rglob("*.html") for match in _single_quoted(path.read_text("utf-8"))}
    assert {*linked, "privacy", "developers"} == set(NEEDED)
    hide(own, "pages/tools.md")
    assert problems(shipped, own) == [
        "hidden.toml:2: pages/tools.md is hidden, but the portal itself links to this page → take it out, and say what "
        "you want to say in your own pages/tools.md"
    ]
    write(own, "pages/tools.md", PAGE.format("Machines", "Ours."))
    assert load(shipped, own).get(HelpPages).find("tools", "fr").title == "Machines"


def _single_quoted(text: str) -> list[str]:
    return [part.partition("'")[0] for part in text.split("'home.help_page', slug='")[1:]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[hidden]\n", "hidden.toml:1: not valid TOML"),
        ('[[hidden]]\nfiles = ["tracks"]\n', "hidden.toml:1: reason: field required"),
        ('[[hidden]]\nfiles = "tracks"\nreason = "No."\n', "hidden.toml:2: files: input should be a valid list"),
        ('[[hide]]\nfiles = ["tracks"]\nreason = "No."\n', "hidden.toml:1: unknown table hide"),
    ],
)
def test_what_cannot_be_read_of_what_is_hidden_is_told(shipped: Path, own: Path, text: str, told: str) -> None:
    write(own, "hidden.toml", text)
    assert any(one.startswith(told) for one in problems(shipped, own))


def test_a_folder_that_is_not_there_is_told_by_the_check_and_by_the_doctor(shipped: Path, own: Path) -> None:
    own.rmdir()
    assert "ours:1: there is no such folder → make it, or correct [site] content" in run("check", code=1)
    told = CliRunner().invoke(main, ["doctor"])
    assert told.exit_code == 1
    assert "there is no such folder" in told.output


def test_a_slip_in_a_shipped_file_says_what_a_site_can_do(shipped: Path, own: Path) -> None:
    hide(own, "roles/portal-steward.md")
    told = problems(shipped, own)
    assert any("; it is shipped: put your own at ours/roles/translator.md, or hide it" in one for one in told), told


def test_a_file_that_nothing_reads_and_a_hide_that_hides_nothing_are_told(shipped: Path, own: Path) -> None:
    write(own, "page/rooms.md", "Hello.")
    write(own, "README.md", "What this is.")
    hide(own, "pages/serach.md", "skills.toml#pyhton")
    told = run("check", code=1)
    assert "ours/page/rooms.md:1: nothing reads this file" in told
    assert "ours/hidden.toml:2: pages/serach.md names nothing that is shipped" in told
    assert "skills.toml#pyhton names nothing that is shipped" in told
    assert "README" not in told


def test_what_was_replaced_is_told_when_the_shipped_text_changes(shipped: Path, own: Path) -> None:
    run("replace", "pages/privacy.md", "pages/privacy.fr.md", "roles/mentor.md")
    assert (own / "pages/privacy.fr.md").read_bytes() == (shipped / "pages/privacy.fr.md").read_bytes()
    assert "changed since" not in run("check")
    write(shipped, "pages/privacy.md", (shipped / "pages/privacy.md").read_text("utf-8") + "\nOne more sentence.\n")
    told = run("check")
    assert told.count("changed since") == 1
    assert "replaced  pages/privacy.md  (the shipped file has changed since: look at both, then stamp yours)" in told
    run("stamp", "ours/pages/privacy.md")
    assert "changed since" not in run("check")


def test_only_what_is_shipped_can_be_replaced_and_only_once(shipped: Path, own: Path) -> None:
    assert "No file pages/none.md is shipped" in run("replace", "pages/none.md", code=1)
    assert "No file ../config.toml is shipped" in run("replace", "../config.toml", code=1)
    assert "skills.toml is a list" in run("replace", "skills.toml", code=1)
    run("replace", "pages/tools.md")
    assert "ours/pages/tools.md is there already" in run("replace", "pages/tools.md", code=1)


def test_a_new_step_of_a_shipped_track_leaves_what_is_shipped_as_it_is(shipped: Path, own: Path) -> None:
    before = (shipped / "tracks/first-steps/track.toml").read_bytes()
    told = run("new", "step", "first-steps/one-more")
    assert "ours/tracks/first-steps/one-more.md" in told
    assert "ours/tracks/first-steps/track.toml" in told
    assert (shipped / "tracks/first-steps/track.toml").read_bytes() == before
    assert [step.slug for step in load(shipped, own).get(Tracks).find("first-steps").steps][-1] == "one-more"


def test_a_shipped_step_that_the_own_track_leaves_out_is_to_be_hidden(shipped: Path, own: Path) -> None:
    toml = (shipped / "tracks/first-steps/track.toml").read_text("utf-8")
    write(own, "tracks/first-steps/track.toml", toml[: toml.rindex("[[modules]]")])
    told = problems(shipped, own)
    assert any("hide tracks/first-steps/what-you-know.md in hidden.toml" in one for one in told)
    hide(own, "tracks/first-steps/what-you-know.md")
    assert len(load(shipped, own).get(Tracks).find("first-steps").steps) == 2


def test_what_is_kept_between_starts_is_kept_for_both_folders(
    shipped: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_version, "SETTLED", -(10**12))

    def opened(own: Path | None) -> Any:
        cache = ContentCache(tmp_path / "var", "secret")
        return open_library(shipped, lambda: load_content(shipped, own=own), (), cache, own=own)

    plain = opened(None).get(HelpPages)
    write(own, "pages/search.md", PAGE.format("Finding", "Ask Ana."))
    assert opened(own).get(HelpPages).find("search", "en").title == "Finding"
    write(own, "pages/search.md", PAGE.format("Seeking", "Ask Ana."))
    assert opened(own).get(HelpPages).find("search", "en").title == "Seeking"
    hide(own, "pages/getting-st*")
    with pytest.raises(BrokenContentError):
        opened(own)
    assert opened(None).get(HelpPages) == plain


COMMUNITIES = ("wikimedia", "wikipedia", "mediawiki", "toolforge", "opendev.org/opendev/sandbox", "openstack projects")
SETTINGS = ('kind = "mediawiki"', "`mediawiki`")
"""How settings call a kind of program that any community may run."""


@pytest.mark.parametrize("path", sorted(Path("content").rglob("*.*")), ids=str)
def test_what_is_shipped_names_no_community(path: Path) -> None:
    text = path.read_text("utf-8").casefold().replace("communities/wikimedia", "")
    for setting in SETTINGS:
        text = text.replace(setting, "")
    assert [name for name in COMMUNITIES if name in text] == []


@pytest.mark.parametrize("folder", sorted(Path("communities").iterdir()), ids=str)
def test_the_content_of_a_community_that_lies_in_the_repository_is_sound(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = write(tmp_path, "config.toml", f'[site]\ncontent = "{folder}"\n')
    monkeypatch.setenv("PORTAL_CONFIG", str(settings))
    told = run("check", "--translations")
    assert "✓ Every content file is sound." in told
    assert f"stale    {folder}" not in told


def test_the_skills_of_a_community_are_those_of_its_site_alone(make_site: Any) -> None:
    own = Path("communities/wikimedia").absolute()
    theirs, ours = make_site(), make_site(f'[site]\ncontent = "{own}"\n')
    for alias, slug in (("mw core", "mediawiki-core"), ("wmcs", "toolforge"), ("pywikibot", "bots")):
        assert f"skill={slug}" not in theirs.client().get("/search", query_string={"q": alias}).text
        assert f"skill={slug}" in ours.client().get("/search", query_string={"q": alias}).text


def test_a_site_shows_its_own_content(make_site: Any, own: Path) -> None:
    write(own, "pages/our-rooms.md", PAGE.format("Our rooms", "Behind the library."))
    hide(own, "tracks/first-change-on-gerrit", "roles/queue-owner.md")
    browser = make_site(f'[site]\ncontent = "{own}"\n').client()
    assert "Behind the library." in browser.get("/help/our-rooms").text
    assert browser.get("/tracks/first-change-on-gerrit").status_code == 404
    assert browser.get("/roles/queue-owner").status_code == 404
    assert '<a href="/help/our-rooms">Our rooms</a>' in browser.get("/help/").text


def test_a_translation_still_to_be_made_is_to_be_written_into_the_own_folder(shipped: Path, own: Path) -> None:
    write(own, "pages/our-rooms.md", PAGE.format("Our rooms", "Behind the library."))
    told = run("check", "--translations")
    assert "ours/pages/our-rooms.fr.md" in told
    files = ContentFiles(shipped, own)
    assert files.path("pages/search.fr.md") == shipped / "pages/search.fr.md"
