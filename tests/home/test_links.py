"""Links between help pages, roles and tracks: what leads nowhere is told, in whichever file it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import portal
from portal.core.content import Problems, content_folder, load_markdown
from portal.core.content_files import ContentFiles
from portal.core.headings import headings_of
from portal.home.links import check_links
from tests import made_content

READ = "tracks/first-steps/read-this-first.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = made_content.with_track(tmp_path_factory.mktemp("content"))
    for name in ("pages/getting-started.md", "pages/privacy.md", "pages/privacy.fr.md"):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text("---\ntitle: A\nsummary: B\n---\n\n## Term\n\n[Up](#term)\n", encoding="utf-8")
    (made / "roles").mkdir()
    (made / "roles" / "mentor.md").write_text("---\ntitle: A\n---\n\n## Term\n", encoding="utf-8")
    return made


def told(folder: Path) -> list[str]:
    problems = Problems()
    check_links(ContentFiles(folder), problems)
    return [f"{Path(one.file).name}:{one.line}: {one.what} → {one.mend}" for one in problems.found]


def test_help_roles_and_tracks_may_link_to_one_another(folder: Path) -> None:
    assert told(folder) == []


def test_the_folder_may_be_named_from_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert told(Path(folder.name)) == []


@pytest.mark.parametrize(
    "link",
    [
        "/tracks/first-steps",
        "/tracks/first-steps/try-it",
        "/tracks/first-steps/try-it#then-look",
        "/tracks",
        "/tracks/",
        "/help/privacy",
        "/help/privacy?uselang=fr",
        "/roles/mentor",
        "/mentoring/ask",
        "https://example.org/tracks/none",
        "mailto:ana@example.org",
    ],
)
@pytest.mark.parametrize("file", ["pages/privacy.md", "pages/privacy.fr.md", "roles/mentor.md", READ])
def test_a_link_that_leads_somewhere_may_stand_in_every_file(folder: Path, file: str, link: str) -> None:
    assert put(folder, file, f"[there]({link})") == []


@pytest.mark.parametrize(
    ("link", "mend"),
    [
        ("/tracks/none", "link to a track that exists, or add tracks/none/track.toml"),
        ("/tracks/none/try-it", "link to a step that exists, or add tracks/none/try-it.md"),
        ("/tracks/first-steps/none", "link to a step that exists, or add tracks/first-steps/none.md"),
        ("/tracks/first-steps/try-it.fr", "link to a step that exists, or add tracks/first-steps/try-it.fr.md"),
        ("/tracks/first-steps/try-it/", "take away the / at its end"),
        ("/tracks/first-steps/try-it#none", "use an English anchor of try-it: then-look, type-this"),
        ("/tracks/first-steps/try-it#puis-regardez", "use an English anchor of try-it: then-look, type-this"),
        ("/tracks/first-steps#none", "link to the page itself: track has no anchors"),
        ("/roles/none", "link to a role that has a file, or add roles/none.md"),
        ("/roles/mentor#none", "link to the page itself: mentor has no anchors"),
        ("/help/none", "link to a page that exists, or add pages/none.md"),
        ("try-it", "begin it with /, as in /help/page, /roles/role, /tracks/track/step; or with https://"),
        ("try-it.md", "begin it with /, as in /help/page, /roles/role, /tracks/track/step; or with https://"),
    ],
)
@pytest.mark.parametrize("file", ["pages/privacy.md", "pages/privacy.fr.md", "roles/mentor.md", READ])
def test_a_link_that_leads_nowhere_is_told(folder: Path, file: str, link: str, mend: str) -> None:
    assert put(folder, file, f"[there]({link})") == [f"dead link {link} → {mend}"]


@pytest.mark.parametrize("file", [READ, "tracks/first-steps/read-this-first.fr.md"])
def test_an_anchor_of_the_page_itself_is_the_english_one(folder: Path, file: str) -> None:
    assert put(folder, file, "[there](#what-you-need)") == []
    mend = "use an English anchor of read-this-first: what-you-need"
    assert put(folder, file, "[there](#ce-qu-il-vous-faut)") == [f"dead link #ce-qu-il-vous-faut → {mend}"]


def test_a_picture_says_what_it_shows(folder: Path) -> None:
    assert put(folder, READ, "![A map](https://example.org/a.png)") == []
    mend = "write ![what it shows](address)"
    assert put(folder, READ, "![ ](https://example.org/a.png)") == [f"a picture without a text → {mend}"]


def put(folder: Path, file: str, line: str) -> list[str]:
    """What is told of a file to whose end this line was added; it must be told of that line."""
    path = folder / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        found = told(folder)
    finally:
        path.write_text(before, encoding="utf-8")
    start = f"{path.name}:{before.count(chr(10)) + 2}: "
    assert all(one.startswith(start) for one in found)
    return [one.removeprefix(start) for one in found]


TEMPLATES = Path(portal.__file__).parent / "templates"
HELP = re.compile(r'"home\.help_page", slug="(?P<slug>[a-z0-9-]+)"')
ANCHOR = re.compile(r'help ~ "#(?P<anchor>[a-z0-9-]+)"')


def test_the_interface_links_to_no_anchor_that_a_help_page_has_not() -> None:
    linked = []
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for match in ANCHOR.finditer(text):
            slug = HELP.search(text)
            assert slug, template
            page = load_markdown(content_folder() / "pages" / f"{slug['slug']}.md", Problems())
            assert page
            assert match["anchor"] in {heading.id for heading in headings_of(page.body)}, (template, match[0])
            linked.append(match["anchor"])
    assert len(linked) >= 5
