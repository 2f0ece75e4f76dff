"""The JSON API of tracks: /api/v1/tracks. What their pages say to everybody; how far somebody is, is theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field
from spectree import Tag

from portal.core.access import anyone, guard
from portal.core.api import CODES, ListQuery, SkillItem, example, make_blueprint, operation
from portal.core.errors import NotFound
from portal.core.i18n import _, current_language
from portal.core.paging import page_in
from portal.core.web import address, db, library
from portal.people.content import Skills
from portal.tracks import queries
from portal.tracks.content import Evidence, Module, Step, Track, Tracks

blueprint = make_blueprint("tracks")
TRACKS = Tag(name="Tracks", description="Learning tracks: step by step to work that the community needs.")
SKILL = {"slug": "git", "name": "Git", "level": 2}
TRACK = {
    "slug": "first-change-on-gerrit",
    "title": "Your first change on Gerrit",
    "summary": "Afterwards you have a change of your own merged.",
    "audience": "For people who have used a command line before.",
    "page": "https://portal.example.org/tracks/first-change-on-gerrit",
    "source": "gerrit",
    "minutes": 240,
    "steps": 16,
    "skills": [SKILL],
    "languages": CODES[:2],
    "finished": 12,
}
STEP = {
    "id": "5f1f8a52-43ad-4ca4-b2ef-5a1ef4d8f4a8",
    "slug": "make-an-account",
    "title": "Make an account",
    "summary": "One account opens every door.",
    "page": "https://portal.example.org/tracks/first-change-on-gerrit/make-an-account",
    "language": "en",
    "minutes": 10,
    "evidence": "self-declared",
    "teaches": [SKILL],
    "prerequisites": ["first-change-on-gerrit/what-happens-to-a-change"],
}
MODULE = {"id": "c1b8e7d2-5d3e-4e59-9f5e-0a4f2a3f7d11", "title": "Get ready", "steps": [STEP]}


class TrackItem(BaseModel):
    """A track as the list shows it."""

    model_config = example(TRACK)

    slug: str
    title: str
    summary: str
    audience: str = Field(description="For whom it is.")
    page: str = Field(description="Its page here.")
    source: str | None = Field(description="The kind of review server it is about, gerrit or gitlab; null: none.")
    minutes: int = Field(description="How long all of it takes.")
    steps: int = Field(description="How many steps it has.")
    skills: list[SkillItem] = Field(description="What it teaches, each with the highest level.")
    languages: list[str] = Field(description="The languages in which all of it can be read today.")
    finished: int = Field(description="How many people have finished it.")


class TrackList(BaseModel):
    """A page of tracks, and where the next one begins."""

    model_config = example({"items": [TRACK], "next": None})

    items: list[TrackItem]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class StepItem(BaseModel):
    """A step of a track."""

    model_config = example(STEP)

    id: str = Field(description="Stays when the step is renamed or moved.")
    slug: str
    title: str
    summary: str
    page: str = Field(description="Its page here.")
    language: str = Field(description="The language its text is in: English where no translation is up to date.")
    minutes: int
    evidence: Evidence = Field(description="What shows that it is done.")
    teaches: list[SkillItem]
    prerequisites: list[str] = Field(description="The steps that come before, each as track/step.")


class ModuleItem(BaseModel):
    """A part of a track."""

    model_config = example(MODULE)

    id: str = Field(description="Stays when the module is renamed or moved.")
    title: str
    steps: list[StepItem]


class TrackDetail(TrackItem):
    """A track with its modules and steps."""

    model_config = example({**TRACK, "modules": [MODULE]})

    modules: list[ModuleItem]


@blueprint.get("/tracks")
@guard(anyone)
@operation("listTracks", TrackList, TRACKS)
def tracks(query: ListQuery) -> Any:
    """List tracks

    In the order in which their page shows them.
    """
    shown, following = page_in(_tracks(), lambda track: (_sort_key(track), 0), query.cursor or "", query.limit)
    finished = queries.finished_counts(db())
    items = [TrackItem(**_as_json(track, finished)) for track in shown]
    return TrackList(items=items, next=following)


@blueprint.get("/tracks/<slug>")
@guard(anyone)
@operation("getTrack", TrackDetail, TRACKS, {"slug": ("The slug of the track.", "first-change-on-gerrit")})
def track(slug: str) -> Any:
    """Get one track

    With its modules and steps. A slug that it had formerly is understood, too.
    """
    definition = _tracks().find(slug)
    if definition is None:
        raise NotFound(_("There is no track of that name."))
    modules = [_module(module) for module in definition.modules]
    return TrackDetail(**_as_json(definition, queries.finished_counts(db())), modules=modules)


def _as_json(track: Track, finished: Mapping[str, int]) -> dict[str, Any]:
    text = track.text_in(_language())
    return {
        "slug": track.slug,
        "title": text.title,
        "summary": text.summary,
        "audience": text.audience,
        "page": address("tracks.show", slug=track.slug),
        "source": track.source or None,
        "minutes": track.minutes,
        "steps": len(track.steps),
        "skills": _skills(track.skills),
        "languages": list(track.languages),
        "finished": finished.get(track.id, 0),
    }


def _module(module: Module) -> ModuleItem:
    return ModuleItem(id=module.id, title=module.title_in(_language()), steps=[_step(step) for step in module.steps])


def _step(step: Step) -> StepItem:
    text = step.text_in(_language())
    before = (_tracks().step(step_id) for step_id in step.prerequisites)
    return StepItem(
        id=step.id,
        slug=step.slug,
        title=text.title,
        summary=text.summary,
        page=address("tracks.step", slug=step.track, step_slug=step.slug),
        language=text.language,
        minutes=step.minutes,
        evidence=step.evidence,
        teaches=_skills(step.teaches),
        prerequisites=[f"{earlier.track}/{earlier.slug}" for earlier in before if earlier],
    )


def _skills(levels: Mapping[str, int]) -> list[SkillItem]:
    names = library().get(Skills)
    return [SkillItem(slug=slug, name=names.name(slug, _language()), level=level) for slug, level in levels.items()]


def _sort_key(track: Track) -> str:
    return f"{track.order:010d}/{track.slug}"


def _language() -> str:
    return current_language().code


def _tracks() -> Tracks:
    return library().get(Tracks)
