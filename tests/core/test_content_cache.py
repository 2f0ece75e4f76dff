"""Content is read once for each version of its files: never taken from before when a file has changed since."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from structlog.testing import capture_logs

from portal.app import FEATURES, create_app, load_content
from portal.core import content_version
from portal.core.content import BrokenContentError, Library
from portal.core.content_cache import FOLDER, KEPT, ContentCache, open_library
from portal.core.markdown import render_markdown
from portal.home.content import HelpPages
from portal.people.content import Skills
from portal.roles.content import RoleDefinitions
from portal.tracks.content import Tracks
from tests.made_content import copied, with_track

LOADERS = [feature.load_content for feature in FEATURES if feature.load_content]
KINDS = (Skills, RoleDefinitions, Tracks, HelpPages)
PAGES = (
    "/",
    "/help/",
    "/help/privacy",
    "/roles/",
    "/roles/mentor",
    "/tracks/first-steps",
    "/tracks/first-steps/try-it",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content folder with one small track."""
    return with_track(copied(tmp_path))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data_dir of the site that reads it; nothing is there yet."""
    return tmp_path / "var"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that a test writes count as written long ago."""
    monkeypatch.setattr(content_version, "SETTLED", -(10**12))


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every Markdown text that is parsed from here on."""
    texts: list[str] = []
    parse = MarkdownIt.parse

    def noting(self: MarkdownIt, text: str, *rest: Any) -> Any:
        texts.append(text)
        return parse(self, text, *rest)

    monkeypatch.setattr(MarkdownIt, "parse", noting)
    render_markdown.cache_clear()
    return texts


def opened(folder: Path, data_dir: Path, secret: str = "secret", **options: Any) -> Library:
    return open_library(folder, partial(load_content, folder), LOADERS, ContentCache(data_dir, secret), **options)


def everything(library: Library) -> list[object]:
    return [library.get(kind) for kind in KINDS]


def kept_files(data_dir: Path) -> list[Path]:
    return sorted((data_dir / FOLDER).glob("*.kept"))


def test_a_second_start_parses_nothing_and_finds_the_same(folder: Path, data_dir: Path, rendered: list[str]) -> None:
    first = everything(opened(folder, data_dir))
    assert rendered
    rendered.clear()
    second = everything(opened(folder, data_dir))
    assert not rendered
    assert second == first == everything(load_content(folder))


def test_pages_look_the_same_from_what_was_kept(
    folder: Path, make_site: Any, monkeypatch: pytest.MonkeyPatch, rendered: list[str]
) -> None:
    monkeypatch.setattr("portal.app.open_library", open_library)
    first = make_site(content=folder).portal
    assert kept_files(first.config.site.data_dir)
    rendered.clear()
    second = create_app(first.config, content=folder, environ={"PORTAL_SECRET_KEY": "test"}, in_memory_queue=True)
    assert not rendered
    before, after = ([app.test_client().get(url) for url in PAGES] for app in (first.app, second))
    second.extensions["portal"].database.dispose()
    assert {answer.status_code for answer in before} == {200}
    assert [answer.data for answer in before] == [answer.data for answer in after]


def test_a_start_loads_no_part_that_nobody_asks_for(folder: Path, data_dir: Path) -> None:
    opened(folder, data_dir)
    library = opened(folder, data_dir)
    assert list(library) == []
    library.get(RoleDefinitions)
    assert [type(thing) for thing in library] == [RoleDefinitions]


def test_the_front_page_of_a_new_process_loads_no_track(
    folder: Path, make_site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.app.open_library", open_library)
    config = make_site(content=folder).portal.config
    again = create_app(config, content=folder, environ={"PORTAL_SECRET_KEY": "test"}, in_memory_queue=True)
    page = again.test_client().get("/").text
    portal = again.extensions["portal"]
    assert "1 track" in page
    assert Tracks not in list(map(type, portal.library))
    portal.database.dispose()


def test_without_a_need_for_content_none_is_read(tmp_path: Path, data_dir: Path) -> None:
    library = opened(tmp_path / "nowhere", data_dir, is_checked=False)
    assert not data_dir.exists()
    with pytest.raises(BrokenContentError):
        library.get(Skills)


def test_a_thing_that_no_loader_makes_is_a_key_error(folder: Path, data_dir: Path) -> None:
    opened(folder, data_dir)
    with pytest.raises(KeyError):
        opened(folder, data_dir).get(Path)


def _edit(folder: Path) -> None:
    path = folder / "pages" / "privacy.md"
    path.write_text(path.read_text().replace("title: ", "title: Edited ", 1))


def _edit_keeping_size_and_times(folder: Path) -> None:
    path = folder / "pages" / "privacy.md"
    before = path.stat()
    text = path.read_text()
    path.write_text(text.replace("title: ", "title:X", 1).replace("title:X", "title: Z", 1)[: len(text)])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _add(folder: Path) -> None:
    shutil.copy(folder / "pages" / "privacy.md", folder / "pages" / "another.md")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder / "tracks")


@pytest.mark.parametrize("change", [_edit, _edit_keeping_size_and_times, _add, _remove])
@pytest.mark.parametrize("is_settled", [True, False])
def test_a_change_of_a_file_is_never_missed(
    folder: Path, data_dir: Path, change: Callable[[Path], None], is_settled: bool, request: pytest.FixtureRequest
) -> None:
    if is_settled:
        request.getfixturevalue("settled")
    first = everything(opened(folder, data_dir))
    change(folder)
    second = everything(opened(folder, data_dir))
    assert second != first
    assert second == everything(load_content(folder))


def test_a_folder_that_breaks_refuses_the_start_with_every_problem_at_once(folder: Path, data_dir: Path) -> None:
    opened(folder, data_dir)
    (folder / "tracks" / "empty").mkdir()
    (folder / "roles" / "Bad Name.md").write_text("nothing")
    for _ in range(2):
        with pytest.raises(BrokenContentError) as broken:
            opened(folder, data_dir)
        assert len({problem.file for problem in broken.value.problems}) > 1
    assert len(kept_files(data_dir)) == 1


def test_files_that_only_moved_are_read_as_bytes_and_not_parsed(
    folder: Path, data_dir: Path, settled: None, rendered: list[str]
) -> None:
    opened(folder, data_dir)
    rendered.clear()
    for path in folder.rglob("*.md"):
        os.utime(path)
    opened(folder, data_dir)
    assert not rendered


def test_files_that_did_not_move_are_not_even_read(
    folder: Path, data_dir: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(folder, data_dir)
    monkeypatch.setattr(content_version, "_bytes_of", lambda path: pytest.fail(f"{path} was read"))
    opened(folder, data_dir).get(Tracks)


def test_other_code_other_libraries_and_other_loaders_are_another_version(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "loader.py").write_text("one")

    def version() -> str:
        return content_version.manifest(folder, code=code).version()

    seen = [version(), content_version.manifest(folder, LOADERS, code=code).version()]
    (code / "loader.py").write_text("two")
    seen.append(version())
    (tmp_path / "markdown-9.9.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    seen.append(version())
    assert len(set(seen)) == 4
    seen.append(content_version.manifest(folder, names=["gerrit"], code=code).version())
    assert len(set(seen)) == 5
    (code / "notes.txt").write_text("no code")
    assert version() == seen[-2]


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[-20] ^= 1
    path.write_bytes(bytes(body))


def _tamper(path: Path) -> None:
    index, parts = path.read_bytes().split(b"\n", 1)
    path.write_bytes(index.replace(b'"format": 1', b'"format": 2') + b"\n" + parts)


def _resign(path: Path) -> None:
    """As another site would write it, or somebody who knows no key."""
    ContentCache(path.parent.parent, "another").keep(path.stem.ljust(64, "0"), [])


@pytest.mark.parametrize("damage", [_truncate, _empty, _flip, _tamper, _resign])
def test_what_was_damaged_is_made_anew_with_a_line_in_the_log(
    folder: Path, data_dir: Path, damage: Callable[[Path], None]
) -> None:
    first = everything(opened(folder, data_dir))
    (path,) = kept_files(data_dir)
    damage(path)
    with capture_logs() as lines:
        assert everything(opened(folder, data_dir)) == first
    assert [line["event"] for line in lines] == ["kept content is damaged"]
    with capture_logs() as lines:
        assert everything(opened(folder, data_dir)) == first
    assert lines == []


def test_a_file_of_another_version_under_this_ones_name_is_not_taken(folder: Path, data_dir: Path) -> None:
    opened(folder, data_dir)
    (old,) = kept_files(data_dir)
    older = old.read_bytes()
    _edit(folder)
    second = everything(opened(folder, data_dir))
    (new,) = [path for path in kept_files(data_dir) if path != old]
    new.write_bytes(older)
    with capture_logs() as lines:
        assert everything(opened(folder, data_dir)) == second
    assert lines[0]["error"] == "it is another version"


def test_nothing_is_unpickled_that_this_site_did_not_write(
    folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(folder, data_dir, secret="of somebody else")
    monkeypatch.setattr(pickle, "loads", lambda _: pytest.fail("unpickled"))
    everything(opened(folder, data_dir))


def test_what_is_kept_is_readable_by_its_owner_alone(folder: Path, data_dir: Path) -> None:
    opened(folder, data_dir)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (data_dir / FOLDER).iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((data_dir / FOLDER).stat().st_mode) == 0o700


def test_a_data_dir_that_cannot_be_written_costs_the_time_and_a_line_in_the_log(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file stands where the folder should")
    with capture_logs() as lines:
        assert everything(opened(folder, tmp_path / "var")) == everything(load_content(folder))
    assert {line["event"] for line in lines} == {"content not kept"}


def test_a_running_process_keeps_its_version_when_newer_ones_push_it_out(folder: Path, data_dir: Path) -> None:
    first = opened(folder, data_dir).get(HelpPages)
    running = opened(folder, data_dir)
    for _ in range(KEPT + 1):
        _edit(folder)
        opened(folder, data_dir)
    assert len(kept_files(data_dir)) == KEPT
    assert running.get(HelpPages) == first


def test_drafts_of_killed_processes_do_not_pile_up(folder: Path, data_dir: Path) -> None:
    (data_dir / FOLDER).mkdir(parents=True)
    for number in range(20):
        draft = data_dir / FOLDER / f"draft-{number}"
        draft.touch()
        os.utime(draft, (number, number))
    opened(folder, data_dir)
    assert len(list((data_dir / FOLDER).glob("draft-*"))) < KEPT


def test_content_that_is_edited_while_it_is_read_is_not_kept(folder: Path, data_dir: Path) -> None:
    def read() -> Library:
        library = load_content(folder)
        _edit(folder)
        return library

    open_library(folder, read, LOADERS, ContentCache(data_dir, "secret"))
    assert kept_files(data_dir) == []


def _start(folder: Path, data_dir: Path, pipe: Any) -> None:
    pipe.send([len(str(thing)) for thing in everything(opened(folder, data_dir))])


def test_processes_that_start_at_once_do_not_harm_each_other(folder: Path, data_dir: Path) -> None:
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe() for _ in range(3)]
    starts = [context.Process(target=_start, args=(folder, data_dir, theirs)) for _, theirs in pipes]
    for start in starts:
        start.start()
    answers = [ours.recv() for ours, _ in pipes]
    for start in starts:
        start.join()
    assert answers[0] == answers[1] == answers[2]
    with capture_logs() as lines:
        everything(opened(folder, data_dir))
    assert lines == []
    assert len(kept_files(data_dir)) == 1


def test_links_are_followed_and_links_to_nowhere_do_no_harm(folder: Path, data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.move(folder / "tracks" / "first-steps", tmp_path / "elsewhere")
    (folder / "tracks" / "first-steps").symlink_to(tmp_path / "elsewhere" / "first-steps")
    (folder / "nowhere").symlink_to(tmp_path / "nowhere")
    first = opened(folder, data_dir).get(Tracks)
    step = tmp_path / "elsewhere" / "first-steps" / "try-it.md"
    step.write_text(step.read_text() + "\nOne more paragraph.\n")
    assert opened(folder, data_dir).get(Tracks) != first
