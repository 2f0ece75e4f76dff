"""What can only be said of all tracks together, and against what this site knows: clashes, circles, skills, forges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.core.line_numbers import KeyPath
from portal.forges.forge import ForgeKinds
from portal.people.content import Skills
from portal.people.rules import LEVELS
from portal.tracks.drafts import StepDraft, TrackDraft
from portal.tracks.rules import dependents_of, find_cycles
from portal.tracks.tables import TableReader

# What the pages of a track have beside its steps, under the same address.
RESERVED_SLUGS = {"start", "pause", "resume", "leave", "of"}
NamedKeyPath = tuple[TableReader, KeyPath, str]


def check_across_tracks(drafts: Sequence[TrackDraft], skills: Skills, forges: ForgeKinds) -> None:
    """Note what clashes between tracks and inside them, and what this site does not know."""
    _check_unique(_ids(drafts), "the id {} stands twice", "make a fresh one for the newer of them")
    _check_unique(_track_slugs(drafts), "two tracks answer at /tracks/{}", "leave the address to one of them")
    for draft in drafts:
        what = f"two steps answer at /tracks/{draft.slug}/{{}}"
        _check_unique(_step_slugs(draft), what, "leave the address to one of them")
        _check_empty(draft)
        _check_source(draft, forges)
        for step in draft.steps:
            _check_address(draft, step)
            _check_skills(draft, step, skills)
    _check_prerequisites(drafts)
    _check_cycles(drafts)


def _check_unique(names: Iterator[NamedKeyPath], what: str, mend: str) -> None:
    seen = set()
    for reader, key_path, name in names:
        if name in seen:
            reader.note(key_path, what.format(name), mend)
        seen.add(name)


def _ids(drafts: Sequence[TrackDraft]) -> Iterator[NamedKeyPath]:
    for draft in drafts:
        yield draft.reader, ("id",), draft.id
        yield from ((draft.reader, (*module.key_path, "id"), module.id) for module in draft.modules)
        yield from ((draft.reader, (*step.key_path, "id"), step.id) for step in draft.steps)


def _track_slugs(drafts: Sequence[TrackDraft]) -> Iterator[NamedKeyPath]:
    yield from ((draft.reader, (), draft.slug) for draft in drafts)
    yield from ((draft.reader, ("formerly",), slug) for draft in drafts for slug in draft.formerly)


def _step_slugs(draft: TrackDraft) -> Iterator[NamedKeyPath]:
    yield from ((draft.reader, (*step.key_path, "slug"), step.slug) for step in draft.steps)
    yield from ((draft.reader, (*step.key_path, "formerly"), slug) for step in draft.steps for slug in step.formerly)


def _check_empty(draft: TrackDraft) -> None:
    if not draft.known_slugs:
        draft.reader.note((), "the track has no steps", "add [[modules]] and under it [[modules.steps]]")
    for module in draft.modules:
        if module.is_empty:
            mend = f"run: portal content new step {draft.slug}/SLUG"
            draft.reader.note(module.key_path, f"the module {module.titles['en']} has no steps", mend)


def _check_source(draft: TrackDraft, forges: ForgeKinds) -> None:
    if draft.source and draft.source not in forges.kinds:
        known = ", ".join(map(repr, forges.kinds))
        draft.reader.note(("source",), f"source: input should be {known} or ''", "mend the value")


def _check_address(draft: TrackDraft, step: StepDraft) -> None:
    if step.slug in RESERVED_SLUGS:
        mend = f"choose another slug than {', '.join(sorted(RESERVED_SLUGS))}"
        draft.reader.note((*step.key_path, "slug"), f"the portal answers at …/{step.slug} itself", mend)


def _check_skills(draft: TrackDraft, step: StepDraft, skills: Skills) -> None:
    key_path = (*step.key_path, "teaches")
    for skill, level in step.teaches.items():
        # Without any skill the file of skills is what must be mended, and it has been told.
        if skills.by_slug and skill not in skills:
            draft.reader.note(
                key_path, f"there is no skill {skill}", "use a slug of content/skills.toml, or add it there"
            )
        if level not in LEVELS:
            draft.reader.note(key_path, f"{skill} = {level} is no level", "use 1 to 4")


def _check_prerequisites(drafts: Sequence[TrackDraft]) -> None:
    known = {f"{draft.slug}/{slug}" for draft in drafts for slug in draft.known_slugs}
    for draft, step in _all(drafts):
        for full in step.prerequisites:
            if full not in known:
                mend = "name a step of this track, or another-track/step, that is there"
                draft.reader.note((*step.key_path, "prerequisites"), f"there is no step {full}", mend)


def _check_cycles(drafts: Sequence[TrackDraft]) -> None:
    graph = {f"{draft.slug}/{step.slug}": step.prerequisites for draft, step in _all(drafts)}
    key_paths = {
        f"{draft.slug}/{step.slug}": (draft.reader, (*step.key_path, "prerequisites")) for draft, step in _all(drafts)
    }
    found_cycles = find_cycles(graph)
    for cycle in found_cycles:
        reader, key_path = key_paths[cycle[0]]
        way = " needs ".join((*cycle, cycle[0]))
        reader.note(key_path, f"the prerequisites go round in a circle: {way}", "take one of these prerequisites away")
    for full in sorted(dependents_of(graph, {step for cycle in found_cycles for step in cycle})):
        reader, key_path = key_paths[full]
        reader.note(key_path, f"{full} can never be opened: it waits for a circle", "mend the circle first")


def _all(drafts: Sequence[TrackDraft]) -> Iterator[tuple[TrackDraft, StepDraft]]:
    return ((draft, step) for draft in drafts for step in draft.steps)
