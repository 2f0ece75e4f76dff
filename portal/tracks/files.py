"""Read content/tracks: every slip is told with file, line and mend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from portal.core.content import Library, Problems
from portal.core.content_files import ContentFiles
from portal.core.hidden_content import FILE as HIDDEN
from portal.core.i18n import target_languages
from portal.forges.forge import ForgeKinds
from portal.people.content import Skills
from portal.tracks.beginnings import read_beginnings
from portal.tracks.checks import check_across_tracks
from portal.tracks.content import Module, Step, StepText, Track, TrackCount, Tracks
from portal.tracks.drafts import FILE, ModuleDraft, StepDraft, TrackDraft, read_draft
from portal.tracks.hidden import as_shown
from portal.tracks.steps import read_texts

FOLDER = "tracks"


def load(content: ContentFiles, problems: Problems, library: Library) -> None:
    """Read every track and put Tracks, TrackCount and Beginnings into the library; Skills and ForgeKinds are there.

    A folder without tracks is a site without tracks. What is broken is left out of Tracks, and told.
    """
    drafts = as_shown(_drafts(content, problems), content, library.get(Skills))
    check_across_tracks(drafts, library.get(Skills), library.get(ForgeKinds))
    ids = {f"{draft.slug}/{step.slug}": step.id for draft in drafts for step in draft.steps}
    tracks = [
        _track(draft, ids, content, problems) for draft in sorted(drafts, key=lambda draft: (draft.order, draft.slug))
    ]
    by_slug = {track.slug: track for track in tracks}
    library.put(Tracks(by_slug))
    library.put(read_beginnings(content, by_slug, problems))
    library.put(TrackCount(len(tracks)))


def _drafts(content: ContentFiles, problems: Problems) -> list[TrackDraft]:
    for path in content.beside(FOLDER):
        problems.add(path, 1, "a Markdown file that belongs to no track", "move it into the folder of a track")
    found = content.within(FOLDER, "").items()
    slugs = {name.partition("/")[0] for name, path in found if "/" in name or path.is_dir()}
    read = (read_draft(slug, content.path(f"{FOLDER}/{slug}/{FILE}"), problems) for slug in sorted(slugs))
    return [draft for draft in read if draft]


def _track(draft: TrackDraft, ids: Mapping[str, str], content: ContentFiles, problems: Problems) -> Track:
    files = _Files(draft, content, problems)
    modules = tuple(_module(module, draft, ids, files) for module in draft.modules)
    files.check_orphans()
    return Track(draft.id, draft.slug, draft.order, draft.source, modules, draft.texts, draft.formerly)


def _module(module: ModuleDraft, track: TrackDraft, ids: Mapping[str, str], files: _Files) -> Module:
    read = [(step, files.texts(step)) for step in module.steps]
    steps = tuple(_step(step, texts, module, track, ids) for step, texts in read if texts)
    return Module(module.id, module.titles, steps)


def _step(
    step: StepDraft, texts: Mapping[str, StepText], module: ModuleDraft, track: TrackDraft, ids: Mapping[str, str]
) -> Step:
    needed = [full for full in step.prerequisites if full in ids]
    return Step(
        id=step.id,
        slug=step.slug,
        track=track.slug,
        module_id=module.id,
        minutes=step.minutes,
        teaches=step.teaches,
        prerequisites=tuple(dict.fromkeys(ids[full] for full in needed)),
        evidence=step.evidence,
        texts=texts,
        formerly=step.formerly,
    )


class _Files:
    """The Markdown files of a track: which belong to a step, and which to none."""

    def __init__(self, draft: TrackDraft, content: ContentFiles, problems: Problems) -> None:
        self._draft = draft
        self._content = content
        self._problems = problems
        self._paths = content.within(f"{FOLDER}/{draft.slug}")

    def texts(self, step: StepDraft) -> dict[str, StepText]:
        """The step in every language; empty and a problem when its English file is missing or broken."""
        source = self._paths.get(f"{step.slug}.md")
        if source is None:
            what = f"the step {step.slug} has no text"
            self._draft.reader.note((*step.key_path, "slug"), what, f"write {step.slug}.md beside track.toml")
            return {}
        texts = read_texts(source, self._translations(step.slug), step.evidence, self._content, self._problems)
        for language in texts.keys() - self._draft.texts.keys():
            what = f"{step.slug} is translated ({language}), the track is not"
            mend = (
                f"add title_{language}, summary_{language} and audience_{language}, and title_{language} to each module"
            )
            self._draft.reader.note(("title",), what, mend)
        return texts

    def check_orphans(self) -> None:
        """Each file is named after a step and, when it is a translation, a language of the portal."""
        known = self._draft.known_slugs
        for name, path in self._paths.items():
            slug, dot, language = path.name.removesuffix(".md").partition(".")
            if "/" in name or slug not in known:
                mend = "name it after a step, add the step to track.toml, or remove the file"
                if self._content.yields(path):
                    mend = f"add the step to track.toml, or hide {FOLDER}/{self._draft.slug}/{slug}.md in {HIDDEN}"
                self._problems.add(path, 1, "a Markdown file that belongs to no step", mend)
            elif dot and language not in target_languages():
                mend = "mend the code, or add the language first"
                self._problems.add(path, 1, f"the portal has no language {language}", mend)

    def _translations(self, slug: str) -> dict[str, Path]:
        named = {code: f"{slug}.{code}.md" for code in target_languages()}
        return {code: self._paths[name] for code, name in named.items() if name in self._paths}
