"""What can only be said of all tracks together: ids and addresses that clash, skills, prerequisites, circles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.core.line_numbers import Place
from portal.people.content import Skills
from portal.people.rules import LEVELS
from portal.tracks.drafts import StepDraft, TrackDraft
from portal.tracks.rules import behind, cycles
from portal.tracks.tables import Sheet

# What the pages of a track have beside its steps, under the same address.
TAKEN = {"start", "pause", "resume", "leave"}
Found = tuple[Sheet, Place, str]


def check_together(drafts: Sequence[TrackDraft], skills: Skills) -> None:
    """Note what clashes between tracks and inside them."""
    _check_unique(_ids(drafts), "the id {} stands twice", "make a fresh one for the newer of them")
    _check_unique(_track_slugs(drafts), "two tracks answer at /tracks/{}", "leave the address to one of them")
    for draft in drafts:
        what = f"two steps answer at /tracks/{draft.slug}/{{}}"
        _check_unique(_step_slugs(draft), what, "leave the address to one of them")
        _check_empty(draft)
        for step in draft.steps:
            _check_address(draft, step)
            _check_skills(draft, step, skills)
    _check_prerequisites(drafts)
    _check_circles(drafts)


def _check_unique(found: Iterator[Found], what: str, mend: str) -> None:
    seen = set()
    for sheet, place, name in found:
        if name in seen:
            sheet.note(place, what.format(name), mend)
        seen.add(name)


def _ids(drafts: Sequence[TrackDraft]) -> Iterator[Found]:
    for draft in drafts:
        yield draft.sheet, ("id",), draft.id
        yield from ((draft.sheet, (*module.place, "id"), module.id) for module in draft.modules)
        yield from ((draft.sheet, (*step.place, "id"), step.id) for step in draft.steps)


def _track_slugs(drafts: Sequence[TrackDraft]) -> Iterator[Found]:
    yield from ((draft.sheet, (), draft.slug) for draft in drafts)
    yield from ((draft.sheet, ("formerly",), slug) for draft in drafts for slug in draft.formerly)


def _step_slugs(draft: TrackDraft) -> Iterator[Found]:
    yield from ((draft.sheet, (*step.place, "slug"), step.slug) for step in draft.steps)
    yield from ((draft.sheet, (*step.place, "formerly"), slug) for step in draft.steps for slug in step.formerly)


def _check_empty(draft: TrackDraft) -> None:
    if not draft.known_slugs:
        draft.sheet.note((), "the track has no steps", "add [[modules]] and under it [[modules.steps]]")
    for module in draft.modules:
        if module.is_empty:
            mend = f"run: portal content new step {draft.slug}/SLUG"
            draft.sheet.note(module.place, f"the module {module.titles['en']} has no steps", mend)


def _check_address(draft: TrackDraft, step: StepDraft) -> None:
    if step.slug in TAKEN:
        mend = f"choose another slug than {', '.join(sorted(TAKEN))}"
        draft.sheet.note((*step.place, "slug"), f"the portal answers at …/{step.slug} itself", mend)


def _check_skills(draft: TrackDraft, step: StepDraft, skills: Skills) -> None:
    place = (*step.place, "teaches")
    for skill, level in step.teaches.items():
        # Without any skill the file of skills is what must be mended, and it has been told.
        if skills.by_slug and skill not in skills:
            draft.sheet.note(place, f"there is no skill {skill}", "use a slug of content/skills.toml, or add it there")
        if level not in LEVELS:
            draft.sheet.note(place, f"{skill} = {level} is no level", "use 1 to 4")


def _check_prerequisites(drafts: Sequence[TrackDraft]) -> None:
    known = {f"{draft.slug}/{slug}" for draft in drafts for slug in draft.known_slugs}
    for draft, step in _all(drafts):
        for full in step.prerequisites:
            if full not in known:
                mend = "name a step of this track, or another-track/step, that is there"
                draft.sheet.note((*step.place, "prerequisites"), f"there is no step {full}", mend)


def _check_circles(drafts: Sequence[TrackDraft]) -> None:
    graph = {f"{draft.slug}/{step.slug}": step.prerequisites for draft, step in _all(drafts)}
    places = {
        f"{draft.slug}/{step.slug}": (draft.sheet, (*step.place, "prerequisites")) for draft, step in _all(drafts)
    }
    circles = cycles(graph)
    for circle in circles:
        sheet, place = places[circle[0]]
        way = " needs ".join((*circle, circle[0]))
        sheet.note(place, f"the prerequisites go round in a circle: {way}", "take one of these prerequisites away")
    for full in sorted(behind(graph, {one for circle in circles for one in circle})):
        sheet, place = places[full]
        sheet.note(place, f"{full} can never be opened: it waits for a circle", "mend the circle first")


def _all(drafts: Sequence[TrackDraft]) -> Iterator[tuple[TrackDraft, StepDraft]]:
    return ((draft, step) for draft in drafts for step in draft.steps)
