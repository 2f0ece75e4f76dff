"""What the files of the learning tracks say: content/tracks/<slug>/, read by `files`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

from markupsafe import Markup

from portal.core.headings import Heading
from portal.core.i18n import SOURCE_LANGUAGE, known_languages


class Evidence(StrEnum):
    """What shows that a step is done."""

    SELF_DECLARED = "self-declared"
    QUIZ = "quiz"


class QuestionKind(StrEnum):
    """How a question is answered: one answer of several, any number of them, or a line of text."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class QuizAnswer:
    """An answer to choose, and why it is right or not."""

    id: str
    text: str
    is_right: bool
    because: str


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question of a quiz. A short one has no `answers` but texts to `accept`, and one `because` for all of them."""

    id: str
    ask: str
    kind: QuestionKind
    answers: tuple[QuizAnswer, ...] = ()
    accept: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class StepText:
    """A step in one language. The anchors of its headings are the same in each. `word_count` is what there is to read.

    `is_stale`: a translation of an older English text. `prove` says what to write down when it is done.
    """

    language: str
    title: str
    summary: str
    prove: str
    html: Markup
    headings: tuple[Heading, ...]
    word_count: int
    quiz: tuple[QuizQuestion, ...]
    is_stale: bool


TranslationState = Literal["current", "stale", "missing", "source"]


@dataclass(frozen=True)
class Step:
    """One thing to do. `id` never changes; `track` is the track's slug, `prerequisites` are ids of steps anywhere.

    `teaches` leads from a skill to the level that one reaches; `minutes` is reading and doing.
    """

    id: str
    slug: str
    track: str
    module_id: str
    minutes: int
    teaches: Mapping[str, int]
    prerequisites: tuple[str, ...]
    evidence: Evidence
    texts: Mapping[str, StepText]
    formerly: tuple[str, ...] = ()

    def text_in(self, language: str) -> StepText:
        """The text in this language, or the nearest one that is not stale; at last English."""
        chain = (language, *known_languages()[language].fallbacks)
        return next((self.texts[code] for code in chain if self._is_current(code)), self.texts[SOURCE_LANGUAGE])

    def translation_state(self, language: str) -> TranslationState:
        """Whether this language has a text, and one of the present English text."""
        if known_languages()[language].is_source:
            return "source"
        if language not in self.texts:
            return "missing"
        return "stale" if self.texts[language].is_stale else "current"

    def _is_current(self, language: str) -> bool:
        return language in self.texts and not self.texts[language].is_stale


@dataclass(frozen=True)
class Module:
    """Steps that belong together, under a title."""

    id: str
    titles: Mapping[str, str]
    steps: tuple[Step, ...]

    def title_in(self, language: str) -> str:
        """The title in this language, else in the nearest one."""
        return self.titles[_nearest(language, self.titles)]


@dataclass(frozen=True, slots=True)
class TrackText:
    """What a track says of itself in one language. `outcomes` are sentences of what one can do after it."""

    title: str
    summary: str
    audience: str
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Track:
    """A way through steps. `source` is the kind of review server it is about: gerrit, gitlab or none ("")."""

    id: str
    slug: str
    order: int
    source: str
    modules: tuple[Module, ...]
    texts: Mapping[str, TrackText]
    formerly: tuple[str, ...] = ()

    def text_in(self, language: str) -> TrackText:
        """Title, summary and audience in this language, else in the nearest one."""
        return self.texts[self.language_in(language)]

    def language_in(self, language: str) -> str:
        """The language that `text_in` this one speaks, and with it the titles of modules."""
        return _nearest(language, self.texts)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return tuple(step for module in self.modules for step in module.steps)

    @property
    def minutes(self) -> int:
        """How long the whole track takes."""
        return sum(step.minutes for step in self.steps)

    @cached_property
    def skills(self) -> Mapping[str, int]:
        """The highest level of each skill that the track leads to, by the skill's slug."""
        highest: dict[str, int] = {}
        for step in self.steps:
            for skill, level in step.teaches.items():
                highest[skill] = max(level, highest.get(skill, 0))
        return highest

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages in which every step and the track itself can be read today."""
        written = ("current", "source")
        return tuple(
            code
            for code in known_languages()
            if code in self.texts and all(step.translation_state(code) in written for step in self.steps)
        )


@dataclass(frozen=True)
class Tracks:
    """All tracks by slug, in order."""

    by_slug: Mapping[str, Track]

    def __iter__(self) -> Iterator[Track]:
        return iter(self.by_slug.values())

    def find(self, slug: str) -> Track | None:
        """The track with this slug, or the one that had it formerly."""
        former = (track for track in self if slug in track.formerly)
        return self.by_slug.get(slug) or next(former, None)

    def find_step(self, track: Track, slug: str) -> Step | None:
        """The step of the track with this slug, or the one that had it formerly."""
        present = (step for step in track.steps if step.slug == slug)
        former = (step for step in track.steps if slug in step.formerly)
        return next(present, None) or next(former, None)

    def step(self, step_id: str) -> Step | None:
        """The step with this id; None when there is none any more."""
        return self._steps.get(step_id)

    @property
    def step_ids(self) -> Container[str]:
        """The ids of every step of every track."""
        return self._steps.keys()

    @cached_property
    def _steps(self) -> Mapping[str, Step]:
        return {step.id: step for track in self for step in track.steps}


@dataclass(frozen=True)
class TrackCount:
    """How many tracks there are: pages that say only this need not load them all."""

    number: int


def _nearest(language: str, versions: Mapping[str, object]) -> str:
    chain = (language, *known_languages()[language].fallbacks)
    return next((code for code in chain if code in versions), SOURCE_LANGUAGE)
