"""Authors rename, move, add and remove; what people did hangs on the permanent ids and stays theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from portal.tracks.models import EnrolmentState
from tests.made_content import ASK_ID, READ_ID, TRY_ID
from tests.tracks.conftest import KNOW, MAP, READ, TRY

NEW_STEP = """
[[modules.steps]]
id = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a77"
slug = "one-more"
minutes = 5
teaches = {}
prerequisites = []
evidence = "self-declared"
"""
NEW_TEXT = "---\ntitle: One more\nsummary: It came later.\nprove: What you saw\n---\n\nLook.\n"
OTHER = """id = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7b01"
order = 20
title = "Other steps"
summary = "Afterwards you know more."
audience = "For everybody."

[[modules]]
id = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7b02"
title = "All of it"
"""
STEP = '[[modules.steps]]\nid = "'


def toml(folder: Path) -> Path:
    return folder / "tracks" / "first-steps" / "track.toml"


def change(folder: Path, *swaps: tuple[str, str]) -> None:
    text = toml(folder).read_text()
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    toml(folder).write_text(text)


def rename(folder: Path, old: str, new: str) -> None:
    """Another slug for a step, with the old one as its former address."""
    place = folder / "tracks" / "first-steps"
    for ending in (".md", ".fr.md"):
        (place / f"{old}{ending}").rename(place / f"{new}{ending}")
    for file in place.glob("*.md"):
        file.write_text(file.read_text().replace(f"/first-steps/{old}", f"/first-steps/{new}"))
    change(
        folder,
        (f'prerequisites = ["{old}"]', f'prerequisites = ["{new}"]'),
        (f'slug = "{old}"', f'slug = "{new}"\nformerly = ["{old}"]'),
    )


def cut(folder: Path, step_id: str) -> str:
    """Take a step out of track.toml; its lines."""
    before, _, rest = toml(folder).read_text().partition(f"{STEP}{step_id}")
    own, separator, after = rest.partition("\n\n")
    toml(folder).write_text(f"{before}{after}")
    return f"{STEP}{step_id}{own}{separator}"


def test_a_renamed_step_is_still_done_and_its_old_address_leads_on(school: Any, folder: Path) -> None:
    _ana, browser = school.learner(steps=2)
    rename(folder, "try-it", "have-a-go")
    school.reread(folder)
    assert "2 of 3 steps" in browser.get(MAP).text
    answer = browser.get(TRY)
    assert (answer.status_code, answer.location) == (301, f"{MAP}/have-a-go")
    assert "I tried." in browser.get(f"{MAP}/have-a-go").text
    assert "Continue: What you know" in browser.get(MAP).text


def test_a_renamed_track_keeps_everybody_where_they_are(school: Any, folder: Path) -> None:
    _ana, browser = school.learner(steps=1)
    place = folder / "tracks" / "first-steps"
    for file in place.glob("*.md"):
        file.write_text(file.read_text().replace("/first-steps/", "/very-first-steps/"))
    change(folder, ('formerly = ["old-steps"]', 'formerly = ["old-steps", "first-steps"]'))
    place.rename(place.with_name("very-first-steps"))
    school.reread(folder)
    assert browser.get(MAP).location == "/tracks/very-first-steps"
    assert browser.get(READ).location == "/tracks/very-first-steps/read-this-first"
    assert "1 of 3 steps" in browser.get("/tracks/very-first-steps").text


def test_reordered_steps_keep_what_was_done(school: Any, folder: Path) -> None:
    _ana, browser = school.learner(steps=2)
    own = cut(folder, READ_ID)
    change(
        folder,
        (
            'title = "Look back"\ntitle_fr = "Revenir"\n',
            f'title = "Look back"\ntitle_fr = "Revenir"\n\n{own.rstrip()}\n',
        ),
    )
    school.reread(folder)
    assert [step.slug for step in school.track.steps] == ["try-it", "read-this-first", "what-you-know"]
    page = browser.get(MAP).text
    assert "2 of 3 steps" in page
    assert page.rindex("Look back") < page.rindex("Read this first")


def test_a_removed_step_locks_nothing_and_its_note_is_kept(school: Any, folder: Path) -> None:
    _ana, browser = school.learner(steps=1)
    cut(folder, TRY_ID)
    change(folder, ('prerequisites = ["try-it"]', "prerequisites = []"))
    for name in ("try-it.md", "try-it.fr.md"):
        (folder / "tracks" / "first-steps" / name).unlink()
    for file in (folder / "tracks" / "first-steps").glob("*.md"):
        file.write_text(
            file.read_text()
            .replace("[try it](/tracks/first-steps/try-it)", "go on")
            .replace("[essayez](/tracks/first-steps/try-it)", "allez")
        )
    school.reread(folder)
    page = browser.get(MAP).text
    assert "1 of 2 steps" in page
    assert "stop-locked" not in page
    assert browser.get(TRY).status_code == 404

    first = toml(folder).read_text()
    toml(folder).write_text(first[: first.index("[[modules]]")] + first[first.rindex("[[modules]]") :])
    for name in ("read-this-first.md", "read-this-first.fr.md"):
        (folder / "tracks" / "first-steps" / name).unlink()
    school.reread(folder)
    assert "0 of 1 step" in browser.get(MAP).text
    held = json.loads(browser.get("/people/me/export").text)["tracks"]["steps"]
    assert (READ_ID, "I read.") in [(one["step_id"], one["note"]) for one in held]


def test_when_only_what_was_done_is_left_the_track_can_be_finished(school: Any, folder: Path) -> None:
    ana, browser = school.learner(steps=2)
    toml(folder).write_text(
        toml(folder).read_text().partition('[[modules]]\nid = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a03')[0]
    )
    for name in ("what-you-know.md", "what-you-know.fr.md"):
        (folder / "tracks" / "first-steps" / name).unlink()
    school.reread(folder)
    assert "Finish this track" in browser.get(MAP).text
    assert school.state(ana) is EnrolmentState.ACTIVE
    assert browser.post(f"{MAP}/start").location == MAP
    assert "You finished “First steps”!" in browser.get(MAP).text
    assert school.state(ana) is EnrolmentState.FINISHED


def test_a_step_that_came_later_is_told_to_who_had_finished(school: Any, folder: Path) -> None:
    ana, browser = school.learner(steps=3)
    toml(folder).write_text(toml(folder).read_text() + NEW_STEP)
    (folder / "tracks" / "first-steps" / "one-more.md").write_text(NEW_TEXT)
    school.reread(folder)
    page = browser.get(MAP).text
    assert "1 new step since you finished" in page
    assert "Do the new step: One more" in page
    assert "1 new step since you finished" in browser.get("/tracks/").text
    assert "1 person has finished it" in browser.get("/tracks/").text
    answer = browser.post(f"{MAP}/one-more/done", data={"note": "Did it."})
    assert answer.location == f"{MAP}/one-more#proof"
    assert school.state(ana) is EnrolmentState.FINISHED
    assert "new step" not in browser.get(MAP).text


def test_a_step_that_moves_to_another_track_takes_its_credit_along(school: Any, folder: Path) -> None:
    _ana, browser = school.learner(steps=3)
    own = cut(folder, ASK_ID)
    change(
        folder,
        ('\n[[modules]]\nid = "5a0f35a8-3d6c-4d0e-8c5b-0f3b1c1f7a03"\ntitle = "Look back"\ntitle_fr = "Revenir"\n', ""),
    )
    other = folder / "tracks" / "other-steps"
    other.mkdir()
    moved = own.replace('["try-it"]', '["first-steps/try-it"]')
    (other / "track.toml").write_text(f"{OTHER}\n{moved}\n")
    (folder / "tracks" / "first-steps" / "what-you-know.md").rename(other / "what-you-know.md")
    (folder / "tracks" / "first-steps" / "what-you-know.fr.md").unlink()
    school.reread(folder)
    assert "2 of 2 steps" in browser.get(MAP).text
    assert "stop-done" in browser.get("/tracks/other-steps").text
    assert browser.get(KNOW).status_code == 404
    assert browser.post("/tracks/other-steps/start").location == "/tracks/other-steps"
    assert "Finished on" in browser.get("/tracks/other-steps").text


def test_a_step_of_another_track_that_comes_first_is_named_with_its_track(school: Any, folder: Path) -> None:
    other = folder / "tracks" / "other-steps"
    other.mkdir()
    (other / "track.toml").write_text(
        OTHER + NEW_STEP.replace("prerequisites = []", 'prerequisites = ["first-steps/read-this-first"]')
    )
    (other / "one-more.md").write_text(NEW_TEXT)
    school.reread(folder)
    browser = school.browser(school.person())
    page = browser.get("/tracks/other-steps").text
    assert "in another track" in page
    assert browser.post("/tracks/other-steps/one-more/done", data={"note": "x"}).status_code == 409
    browser.post(f"{READ}/done", data={"note": "I read."})
    assert browser.post("/tracks/other-steps/one-more/done", data={"note": "x"}).status_code == 303
