"""What a site hides of the shipped tracks: steps and skills that the others name all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from portal.core.content_files import ContentFiles
from portal.people.content import Skills
from portal.tracks.drafts import ModuleDraft, StepDraft, TrackDraft


def as_shown(drafts: Sequence[TrackDraft], content: ContentFiles, skills: Skills) -> list[TrackDraft]:
    """The tracks without hidden steps, and without what shipped ones name of hidden steps and skills.

    Who needed a hidden step needs what that one needed.
    """
    if content.own is None:
        return list(drafts)
    needs = {f"{draft.slug}/{step.slug}": step.prerequisites for draft in drafts for step in draft.steps}
    hidden = {full for full in needs if _is_hidden(content, full)}
    shown = [replace(draft, modules=tuple(_modules(draft, hidden))) for draft in drafts]
    there = needs.keys() - hidden
    return [_mended(draft, _Mender(content, skills, needs, there)) for draft in shown]


def _is_hidden(content: ContentFiles, full: str) -> bool:
    name = f"tracks/{full}.md"
    return name in content.hidden and name not in content.paths


def _modules(draft: TrackDraft, hidden: set[str]) -> Iterator[ModuleDraft]:
    """The modules that have a step left, or had none to begin with."""
    for module in draft.modules:
        steps = tuple(step for step in module.steps if f"{draft.slug}/{step.slug}" not in hidden)
        if steps or not module.steps:
            yield replace(module, steps=steps)


class _Mender:
    """Takes out of a step what is not there any more."""

    def __init__(
        self, content: ContentFiles, skills: Skills, needs: Mapping[str, Sequence[str]], there: set[str]
    ) -> None:
        self._content = content
        self._skills = skills
        self._needs = needs
        self._there = there

    def mended(self, draft: TrackDraft, step: StepDraft) -> StepDraft:
        """The step, with the nearest steps before it that are there, and the skills that the site has."""
        yields = self._content.yields(draft.reader.path)
        needed = (one for full in step.prerequisites for one in self._nearest(full, yields, set()))
        teaches = {skill: level for skill, level in step.teaches.items() if skill in self._skills or not yields}
        return replace(step, prerequisites=tuple(dict.fromkeys(needed)), teaches=teaches)

    def _nearest(self, full: str, yields: bool, seen: set[str]) -> Iterator[str]:
        is_hidden = _is_hidden(self._content, full)
        if full in self._there or not (is_hidden or yields):
            yield full
        elif full not in seen:
            for before in self._needs.get(full, ()):
                yield from self._nearest(before, yields, seen | {full})


def _mended(draft: TrackDraft, mender: _Mender) -> TrackDraft:
    modules = (
        replace(module, steps=tuple(mender.mended(draft, step) for step in module.steps)) for module in draft.modules
    )
    return replace(draft, modules=tuple(modules))
