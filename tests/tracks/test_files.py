"""What the files of a track become, and what the checks say of slips in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.content import Library, Problems, content_folder, fingerprint
from portal.core.content_files import ContentFiles
from portal.core.headings import Heading
from portal.forges.forge import ForgeKinds
from portal.forges.table import FORGES
from portal.people import content as people_content
from portal.tracks.content import Evidence, QuestionKind, Step, Tracks
from portal.tracks.files import load
from tests import made_content
from tests.made_content import ASK, ASK_FR, LATER_MODULE_ID, MODULE_ID, READ_ID, TOML, TRACK_ID, TRY_ID


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_content.with_track(tmp_path)


def read(folder: Path) -> tuple[Tracks, list[str]]:
    library, problems = Library(), Problems()
    people_content.load(ContentFiles(content_folder()), problems, library)
    library.put(ForgeKinds(tuple(FORGES)))
    load(ContentFiles(folder), problems, library)
    assert all(one.mend for one in problems.found)
    told = [f"{Path(one.file).name}:{one.line}: {one.what}" for one in sorted(problems.found)]
    return library.get(Tracks), told


def steps_of(tracks: Tracks) -> list[Step]:
    return [step for track in tracks for step in track.steps]


def test_a_folder_without_tracks_is_a_site_without_tracks(tmp_path: Path) -> None:
    tracks, told = read(tmp_path)
    assert (list(tracks), told) == ([], [])


def test_a_track_is_read_whole(folder: Path) -> None:
    tracks, told = read(folder)
    assert told == []
    track = tracks.find("first-steps")
    assert track is not None
    assert [step.slug for step in track.steps] == ["read-this-first", "try-it", "what-you-know"]
    assert (track.minutes, track.skills, track.languages) == (35, {"git": 2}, ("en", "fr"))
    assert track.text_in("fr").title == "Premiers pas"
    assert track.modules[1].title_in("fr") == "Revenir"
    assert track.steps[1].prerequisites == (made_content.READ_ID,)
    assert track.steps[2].evidence is Evidence.QUIZ


def test_a_quiz_is_read_in_both_languages(folder: Path) -> None:
    tracks, _ = read(folder)
    step = tracks.step(made_content.ASK_ID)
    assert step is not None
    english, french = step.text_in("en").quiz, step.text_in("fr").quiz
    assert [one.kind for one in french] == [QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.SHORT]
    assert [answer.is_right for answer in french[0].answers] == [True, False]
    assert french[0].answers[0].because.startswith("Gerrit la cherche")
    assert french[2].accept == english[2].accept == ("git commit --amend", "git commit --amend --no-edit")


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "tracks" / "first-steps" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_english(folder: Path, step: str, old: str, new: str) -> None:
    """Edit the English file, and stamp its translation as if somebody had brought that up to date."""
    source = folder / "tracks" / "first-steps" / f"{step}.md"
    before = fingerprint(source.read_text(encoding="utf-8"))
    edit(folder, source.name, old, new)
    edit(folder, f"{step}.fr.md", before, fingerprint(source.read_text(encoding="utf-8")))


FRESH = "9d0d7a5c-55d0-4a3f-9a45-6a3d2a2f0b11"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (TRACK_ID, "one", ["track.toml:1: the id one is no uuid4"]),
        (TRACK_ID, "5a0f35a8-3d6c-1d0e-8c5b-0f3b1c1f7a01", ["track.toml:1: the id 5a0f35a8-3d6c-1d0e"]),
        (TRACK_ID, TRACK_ID.upper(), [f"track.toml:1: the id {TRACK_ID.upper()} is no uuid4"]),
        (TRY_ID, READ_ID, [f"track.toml:27: the id {READ_ID} stands twice"]),
        (LATER_MODULE_ID, TRACK_ID, [f"track.toml:35: the id {TRACK_ID} stands twice"]),
        (
            'slug = "try-it"',
            'slug = "Try it"',
            [
                "track.toml:28: slug: string should match pattern",
                "track.toml:44: there is no step first-steps/try-it",
                "try-it.fr.md:1: a Markdown file that belongs to no step",
                "try-it.md:1: a Markdown file that belongs to no step",
            ],
        ),
        (
            'slug = "try-it"',
            'slug = "read-this-first"',
            [
                "track.toml:28: two steps answer at /tracks/first-steps/read-this-first",
                "track.toml:31: the prerequisites go round in a circle: first-steps/read-this-first needs",
                "track.toml:44: there is no step first-steps/try-it",
                "try-it.fr.md:1: a Markdown file that belongs to no step",
                "try-it.md:1: a Markdown file that belongs to no step",
            ],
        ),
        ('["read-me"]', '["try-it"]', ["track.toml:24: two steps answer at /tracks/first-steps/try-it"]),
        ('["old-steps"]', '["first-steps"]', ["track.toml:10: two tracks answer at /tracks/first-steps"]),
        (
            "minutes = 20\n",
            "",
            ["track.toml:26: no minutes"],
        ),
        ("minutes = 20", "minutes = 0", ["track.toml:29: minutes: input should be greater than or equal to 1"]),
        ("minutes = 20", 'minutes = "20"', ["track.toml:29: minutes: input should be a valid integer"]),
        ("minutes = 20", "minutes = 20\nlevel = 1", ["track.toml:30: unknown key level"]),
        ("git = 1", "gti = 1", ["track.toml:30: there is no skill gti"]),
        ("git = 1", "git = 5", ["track.toml:30: git = 5 is no level"]),
        ("git = 1", 'git = "1"', ["track.toml:30: teaches.git: input should be a valid integer"]),
        ('["read-this-first"]', '["read-that-first"]', ["track.toml:31: there is no step first-steps/read-that-first"]),
        ('["read-this-first"]', '["other/step"]', ["track.toml:31: there is no step other/step"]),
        (
            'prerequisites = []',
            'prerequisites = ["try-it"]',
            [
                "track.toml:22: the prerequisites go round in a circle: first-steps/read-this-first needs "
                "first-steps/try-it needs first-steps/read-this-first",
                "track.toml:44: first-steps/what-you-know can never be opened: it waits for a circle",
            ],
        ),
        (
            '["try-it"]',
            '["what-you-know"]',
            [
                "track.toml:44: the prerequisites go round in a circle: first-steps/what-you-know needs "
                "first-steps/what-you-know"
            ],
        ),
        ('evidence = "quiz"', 'evidence = "exam"', ["track.toml:45: evidence: input should be 'self-declared'"]),
        ('evidence = "quiz"', 'evidence = "self-declared"', ["what-you-know.md:4: there is a quiz, but the step"]),
        (
            'evidence = "self-declared"\nformerly',
            'evidence = "quiz"\nformerly',
            [
                "read-this-first.md:1: the step asks for a quiz and has none",
                "read-this-first.md:4: prove stands at a step with a quiz",
            ],
        ),
        ('source = "gerrit"', 'source = "phabricator"', ["track.toml:9: source: input should be 'gerrit',"]),
        ("order = 10", "order = 10\ncolour = 1", ["track.toml:3: unknown key colour"]),
        ('title_fr = "Premiers pas"\n', "", ["track.toml:3: no title_fr"]),
        ('title_fr = "Revenir"\n', "", ["track.toml:36: no title_fr"]),
        ('title_fr = "Revenir"', 'title_fr = " "', ["track.toml:37: no title_fr"]),
        ('title_fr = "Revenir"', 'title_fr = "Revenir"\nsummary_fr = "X"', ["track.toml:38: unknown key summary_fr"]),
        ('audience = "For', 'audience_xx = "X"\naudience = "For', ["track.toml:7: audience_xx: the portal has no"]),
        ('slug = "what-you-know"', 'slug = "leave"', [
            "track.toml:41: the portal answers at …/leave itself",
            "track.toml:41: the step leave has no text",
            "what-you-know.fr.md:1: a Markdown file that belongs to no step",
            "what-you-know.md:1: a Markdown file that belongs to no step",
        ]),
        ("order = 10", "order = ", ["track.toml:2: not valid TOML: Invalid value"]),
    ],
)  # fmt: skip
def test_a_slip_in_track_toml_is_told_with_its_line(folder: Path, old: str, new: str, told: list[str]) -> None:
    edit(folder, "track.toml", old, new)
    found = read(folder)[1]
    assert len(found) == len(told), found
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True)), found


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("        right: true\n", "", ["what-you-know.md:5: the question which-line is single and has 0 right"]),
        (
            "because: It is only the title.",
            "right: true\n        because: Both.",
            ["what-you-know.md:5: the question which-line is single and has 2 right answers"],
        ),
        ("        because: It is only the title.\n", "", ["what-you-know.md:13: no quiz.1.answers.2.because"]),
        ("id: which-commands", "id: which-line", ["what-you-know.md:16: the question id “which-line” stands twice"]),
        ("- id: log", "- id: status", ["what-you-know.md:24: the answer id “status” stands twice"]),
        ("text: git log", "text: No", ["what-you-know.md:25: quiz.2.answers.2.text: input should be a valid string"]),
        ("kind: multiple", "kind: many", ["what-you-know.md:18: quiz.2.kind: input should be 'single', 'multiple' or"]),
        ("kind: multiple", "kind: short", [
            "what-you-know.md:16: the question which-commands has no because",
            "what-you-know.md:16: the short question which-commands accepts nothing",
            "what-you-know.md:19: the short question which-commands has answers",
        ]),
        ('    accept: ["git commit --amend", "git commit --amend --no-edit"]\n', "", [
            "what-you-know.md:31: the short question amend accepts nothing"
        ]),
        ("    because: It rewrites the last commit instead of adding a second one.\n", "", [
            "what-you-know.md:31: the question amend has no because"
        ]),
        ("kind: single", "kind: single\n    accept: [a]", ["what-you-know.md:8: accept stands at which-line,"]),
        ("kind: single", "kind: single\n    points: 3", ["what-you-know.md:8: unknown key quiz.1.points"]),
        ("title: What you know", "title: What you know\nlevel: 3", ["what-you-know.md:3: unknown key level"]),
        ("summary: Three questions.\n", "", ["what-you-know.md:1: no summary"]),
        ("title: What you know", "title: What: you: know", ["what-you-know.md:2: the front matter is not valid YAML"]),
        ("title: What you know", "title: 2026-99-99", ["what-you-know.md:1: the front matter is not valid YAML"]),
        ("Answer from memory.", "# Answer from memory", ["what-you-know.md:38: a heading of level 1"]),
    ],
)  # fmt: skip
def test_a_slip_in_a_step_is_told_with_its_line(folder: Path, old: str, new: str, told: list[str]) -> None:
    edit(folder, "what-you-know.md", old, new)
    (folder / "tracks" / "first-steps" / "what-you-know.fr.md").unlink()
    found = read(folder)[1]
    assert len(found) == len(told), found
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True)), found


def test_a_choice_of_many_has_a_right_answer_at_least(folder: Path) -> None:
    head, several = ASK.split("  - id: which-commands")
    broken = f"{head}  - id: which-commands{several.replace('        right: true', '        right: false')}"
    (folder / "tracks" / "first-steps" / "what-you-know.md").write_text(broken, encoding="utf-8")
    assert read(folder)[1] == ["what-you-know.md:16: the question which-commands has no right answer"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("      - id: b\n        text: La première ligne\n        because: Ce n’est que le titre.\n", "", [
            "what-you-know.fr.md:8: the answer of which-line “b” is not translated"
        ]),
        ("  - id: amend\n", "  - id: amendement\n", [
            "what-you-know.fr.md:5: the question “amend” is not translated",
            "what-you-know.fr.md:27: the English file has no question “amendement”",
        ]),
        ("    because: Elle réécrit le dernier commit au lieu d’en ajouter un second.\n", "", [
            "what-you-know.fr.md:27: the question amend has no because"
        ]),
        ("      - id: status\n        text: git status\n        because: Elle ne fait que regarder.\n", "", [
            "what-you-know.fr.md:17: the answer of which-commands “status” is not translated"
        ]),
        ("- id: b\n", "- id: a\n", [
            "what-you-know.fr.md:8: the answer of which-line “b” is not translated",
        ]),
        ("- id: which-line\n", "- id: which-line\n    kind: single\n", ["what-you-know.fr.md:7: unknown key quiz.1"]),
        ("        text: git log\n", "        text: git log\n        right: true\n", [
            "what-you-know.fr.md:23: unknown key quiz.2.answers.2.right"
        ]),
        ("Répondez de mémoire.", "## Répondez de mémoire", ["what-you-know.fr.md:32: 1 headings that differ"]),
        ("title: Ce que", "prove: Rien\ntitle: Ce que", ["what-you-know.fr.md:2: prove stands in only one of"]),
    ],
)  # fmt: skip
def test_a_translation_has_every_unit_of_the_english_text(folder: Path, old: str, new: str, told: list[str]) -> None:
    edit(folder, "what-you-know.fr.md", old, new)
    found = read(folder)[1]
    assert len(found) == len(told), found
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True)), found


def test_the_order_of_questions_is_the_same_in_every_language(folder: Path) -> None:
    head, first, second = ASK_FR.split("  - id: which-")
    second, last = second.split("  - id: amend")
    swapped = f"{head}  - id: which-{second}  - id: which-{first}  - id: amend{last}"
    path = folder / "tracks" / "first-steps" / "what-you-know.fr.md"
    path.write_text(swapped.replace("TRANSLATES", f'"{fingerprint(ASK)}"'), encoding="utf-8")
    assert read(folder)[1] == [
        "what-you-know.fr.md:5: which-commands, which-line, amend stand in another order than in the English file"
    ]


def test_a_stale_translation_is_no_slip_and_english_is_shown(folder: Path) -> None:
    edit(folder, "what-you-know.md", "Answer from memory.", "Answer from memory.\n\n## And then")
    tracks, told = read(folder)
    assert told == []
    step = tracks.step(made_content.ASK_ID)
    assert step is not None
    assert (step.translation_state("fr"), step.text_in("fr").language) == ("stale", "en")
    assert step.texts["fr"].title == "Ce que vous savez"
    track = tracks.find("first-steps")
    assert track is not None
    assert track.languages == ("en",)


def test_a_translation_without_a_stamp_is_stale(folder: Path) -> None:
    edit(folder, "try-it.fr.md", "translates:", "translates: ''\n# ")
    tracks, told = read(folder)
    assert told == []
    assert [step.translation_state("fr") for step in steps_of(tracks)] == ["current", "stale", "current"]


def test_spaces_at_the_end_of_lines_make_no_translation_stale(folder: Path) -> None:
    path = folder / "tracks" / "first-steps" / "try-it.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"  \r\n") + b"\n\n")
    tracks, told = read(folder)
    assert told == []
    assert steps_of(tracks)[1].translation_state("fr") == "current"


@pytest.mark.parametrize("name", ["track.toml", "try-it.md", "try-it.fr.md"])
def test_a_file_may_begin_with_the_mark_of_some_editors(folder: Path, name: str) -> None:
    path = folder / "tracks" / "first-steps" / name
    path.write_bytes("\ufeff".encode() + path.read_bytes())
    tracks, told = read(folder)
    assert told == []
    assert steps_of(tracks)[1].translation_state("fr") == "current"


def test_a_step_that_is_not_translated_is_read_in_english(folder: Path) -> None:
    (folder / "tracks" / "first-steps" / "try-it.fr.md").unlink()
    step = steps_of(read(folder)[0])[1]
    assert (step.translation_state("fr"), step.text_in("fr").title) == ("missing", "Try it")
    assert (step.translation_state("en"), step.translation_state("x-rtl")) == ("source", "source")


def test_headings_have_the_english_anchors_and_their_own_words(folder: Path) -> None:
    french = steps_of(read(folder)[0])[1].text_in("fr")
    assert french.headings == (Heading("type-this", 2, "Tapez ceci"), Heading("then-look", 2, "Puis regardez"))
    assert '<h2 id="then-look">Puis regardez</h2>' in french.html
    assert '<code class="language-sh">' in french.html


def test_words_to_read_are_counted_with_the_commands(folder: Path) -> None:
    assert steps_of(read(folder)[0])[2].text_in("en").word_count == 3
    edit_english(folder, "what-you-know", "Answer from memory.", "Answer:\n\n```sh\ngit log --oneline\n```")
    assert steps_of(read(folder)[0])[2].text_in("en").word_count == 4


def test_html_in_a_step_is_shown_as_it_was_typed(folder: Path) -> None:
    edit_english(folder, "try-it", "Type this", "Type <script>alert(1)</script>")
    step = steps_of(read(folder)[0])[1]
    assert "<script" not in step.text_in("en").html
    assert "<script" not in step.text_in("fr").html


def test_a_track_needs_all_its_files(folder: Path) -> None:
    (folder / "tracks" / "first-steps" / "try-it.md").unlink()
    assert read(folder)[1] == ["track.toml:28: the step try-it has no text"]


@pytest.mark.parametrize(
    "name", ["notes.md", "notes.fr.md", "deeper/try-it.md", "try-it.xx.md", "try-it.en.md", "Try-It.md"]
)
def test_a_markdown_file_that_belongs_to_nothing_is_told(folder: Path, name: str) -> None:
    path = folder / "tracks" / "first-steps" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("Hello.")
    found = read(folder)[1]
    assert len(found) == 1
    assert found[0].startswith(f"{path.name}:1: ")


def test_a_track_without_steps_is_none(folder: Path) -> None:
    path = folder / "tracks" / "first-steps" / "track.toml"
    path.write_text(TOML.partition("[[modules]]")[0], encoding="utf-8")
    assert "track.toml:1: the track has no steps" in read(folder)[1]


def test_a_markdown_file_beside_the_tracks_is_told(folder: Path) -> None:
    (folder / "tracks" / "readme.md").write_text("Hello.")
    assert read(folder)[1] == ["readme.md:1: a Markdown file that belongs to no track"]


def test_a_step_in_a_language_needs_its_track_in_it(folder: Path) -> None:
    path = folder / "tracks" / "first-steps" / "track.toml"
    lines = [line for line in path.read_text("utf-8").splitlines() if "_fr" not in line]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read(folder)[1] == [
        "track.toml:3: read-this-first is translated (fr), the track is not",
        "track.toml:3: try-it is translated (fr), the track is not",
        "track.toml:3: what-you-know is translated (fr), the track is not",
    ]


def test_ids_are_unique_over_all_tracks(folder: Path) -> None:
    made_content.with_track(folder, "second-steps")
    _, told = read(folder)
    ids = [TRACK_ID, MODULE_ID, LATER_MODULE_ID, READ_ID, TRY_ID, made_content.ASK_ID]
    twice = [f"the id {one} stands twice" for one in ids]
    assert sorted(line.split(": ")[1] for line in told) == sorted([*twice, "two tracks answer at /tracks/old-steps"])


def test_a_step_may_need_one_of_another_track_and_a_circle_over_both_is_told(folder: Path) -> None:
    other = folder / "tracks" / "second-steps"
    other.mkdir()
    toml = TOML.partition('[[modules.steps]]\nid = "' + TRY_ID)[0].replace('"old-steps"', '"older-steps"')
    for one in (TRACK_ID, MODULE_ID, READ_ID):
        toml = toml.replace(one, one.replace("5a0f", "5a0e"))
    toml = toml.replace("prerequisites = []", 'prerequisites = ["first-steps/try-it"]')
    (other / "track.toml").write_text(toml, encoding="utf-8")
    (other / "read-this-first.md").write_text(made_content.READ, encoding="utf-8")
    tracks, told = read(folder)
    assert told == []
    assert tracks.by_slug["second-steps"].steps[0].prerequisites == (TRY_ID,)
    edit(folder, "track.toml", "prerequisites = []", 'prerequisites = ["second-steps/read-this-first"]')
    told = read(folder)[1]
    assert [line.partition(": ")[0] for line in told] == ["track.toml:22", "track.toml:44"]
    assert "first-steps/read-this-first needs second-steps/read-this-first needs first-steps/try-it needs" in told[0]


def test_renaming_and_moving_keep_the_id(folder: Path) -> None:
    edit(folder, "track.toml", 'slug = "try-it"', 'slug = "have-a-go"\nformerly = ["try-it"]')
    edit(folder, "track.toml", '["try-it"]\nevidence', '["have-a-go"]\nevidence')
    for suffix in (".md", ".fr.md"):
        path = folder / "tracks" / "first-steps" / f"try-it{suffix}"
        path.rename(path.with_name(f"have-a-go{suffix}"))
    (folder / "tracks" / "first-steps").rename(folder / "tracks" / "new-steps")
    text = (folder / "tracks" / "new-steps" / "track.toml").read_text("utf-8").replace("old-steps", "first-steps")
    (folder / "tracks" / "new-steps" / "track.toml").write_text(text, encoding="utf-8")
    tracks, told = read(folder)
    assert told == []
    track = tracks.find("first-steps")
    assert track is not None
    assert track.slug == "new-steps"
    step = tracks.find_step(track, "try-it")
    assert step is not None
    assert (step.id, step.slug, step.track) == (TRY_ID, "have-a-go", track.slug)
    assert tracks.find("none") is None
    assert tracks.find_step(track, "none") is None
    assert tracks.step(FRESH) is None


def test_tracks_stand_in_their_order(folder: Path) -> None:
    made_content.with_track(folder, "a-later-track")
    path = folder / "tracks" / "a-later-track" / "track.toml"
    path.write_text(path.read_text("utf-8").replace("order = 10", "order = 20"), encoding="utf-8")
    assert [track.slug for track in read(folder)[0]] == ["first-steps", "a-later-track"]


@pytest.mark.parametrize("text", ["", "modules = 3", "[[modules]]", "id = 3\nmodules = [1]", "[modules]\na = 1"])
def test_a_track_toml_of_another_shape_is_told_and_does_no_harm(folder: Path, text: str) -> None:
    (folder / "tracks" / "first-steps" / "track.toml").write_text(text)
    tracks, told = read(folder)
    assert list(tracks) == []
    assert "track.toml:1: no id" in told or "track.toml:1: id: input should be a valid string" in told


@pytest.mark.parametrize(
    "text",
    ["", "---\n---\n", "---\n- a\n---\n", "---\n1: 2\n---\n", "---\nquiz: 3\ntitle: [a]\n---\n", "Hello.", "---\n"],
)
def test_a_step_of_another_shape_is_told_and_does_no_harm(folder: Path, text: str) -> None:
    (folder / "tracks" / "first-steps" / "try-it.md").write_text(text)
    (folder / "tracks" / "first-steps" / "try-it.fr.md").unlink()
    tracks, told = read(folder)
    assert told
    assert all(line.startswith("try-it.md:") for line in told)
    assert [step.slug for step in steps_of(tracks)] == ["read-this-first", "what-you-know"]


@pytest.mark.parametrize("name", ["track.toml", "try-it.md", "try-it.fr.md"])
def test_a_file_that_is_not_utf_8_is_told(folder: Path, name: str) -> None:
    path = folder / "tracks" / "first-steps" / name
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    told = read(folder)[1]
    assert any((line.startswith(f"{name}:1: ") and "UTF-8" in line) or "decode" in line for line in told), told


def test_odd_names_and_links_in_the_folder_do_no_harm(folder: Path) -> None:
    root = folder / "tracks"
    (root / "first-steps" / "try-it.fr.md").unlink()
    (root / "first-steps" / "try-it.fr.md").symlink_to("nowhere.md")
    (root / "first-steps" / "round").symlink_to(root)
    (root / "empty").mkdir()
    (root / ".hidden").mkdir()
    (root / "My Track").mkdir()
    (root / "first-steps" / "a\udcff.md").write_text("Hello.")
    (root / "first-steps" / "folder.md").mkdir()
    tracks, told = read(folder)
    assert [track.slug for track in tracks] == ["first-steps"]
    text = "\n".join(told)
    text.encode()
    for part in ("the name My Track cannot", "a\ufffd.md:1", "folder.md:1", "No such file", "try-it.fr.md:1"):
        assert part in text
