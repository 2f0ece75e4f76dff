"""The shapes of what stands in the files of tracks, and the words for what does not fit them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from portal.core.content import Problems
from portal.core.line_numbers import KeyPath, Lines
from portal.tracks.content import Evidence, QuestionKind

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SLUG_LENGTH = 64
Slug = Annotated[str, Field(pattern=SLUG, max_length=SLUG_LENGTH)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
MENDS = {
    "extra_forbidden": "remove it, or mend the spelling of its key",
    "string_pattern_mismatch": "write small letters, digits and single hyphens",
    "string_type": "write it in quotes",
    "string_too_short": "write it, or remove the line",
    "model_type": "write keys with values",
    "dict_type": "write a table, such as { git = 1 }",
    "list_type": "write a list",
}
TableKind = TypeVar("TableKind", bound=BaseModel)


class StrictTable(BaseModel):
    """A table of a content file, whose every key is known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class StepTable(StrictTable):
    """[[modules.steps]] of track.toml."""

    id: str
    slug: Slug
    minutes: Annotated[int, Field(ge=1, le=600)]
    teaches: dict[str, int] = {}
    prerequisites: list[str] = []
    evidence: Annotated[Evidence, Field(strict=False)]
    formerly: list[Slug] = []


class ModuleTable(StrictTable):
    """[[modules]] of track.toml, without its steps."""

    id: str
    title: Title


class TrackTable(StrictTable):
    """The head of track.toml."""

    id: str
    order: int
    title: Title
    summary: ShortText
    audience: ShortText
    outcomes: list[ShortText] = []
    source: str = ""
    formerly: list[Slug] = []


class AnswerTable(StrictTable):
    """An answer to choose."""

    id: Slug
    text: ShortText
    right: bool = False
    because: ShortText


class QuestionTable(StrictTable):
    """A question of a quiz."""

    id: Slug
    ask: ShortText
    kind: Annotated[QuestionKind, Field(strict=False)]
    answers: list[AnswerTable] = []
    accept: list[ShortText] = []
    because: str = ""


class StepFrontMatter(StrictTable):
    """The front matter of a step in English."""

    title: Title
    summary: ShortText
    prove: str = ""
    quiz: list[QuestionTable] = []


class TranslatedAnswer(StrictTable):
    """An answer in another language: whether it is right, the English file says."""

    id: Slug
    text: ShortText
    because: ShortText


class TranslatedQuestion(StrictTable):
    """A question in another language: its kind stands in the English file."""

    id: Slug
    ask: ShortText
    answers: list[TranslatedAnswer] = []
    accept: list[ShortText] = []
    because: str = ""


class TranslatedFrontMatter(StrictTable):
    """The front matter of a step in another language."""

    translates: str = ""
    title: Title
    summary: ShortText
    prove: str = ""
    quiz: list[TranslatedQuestion] = []


class TableReader:
    """A file whose tables are read into shapes: what does not fit is told with its line."""

    def __init__(self, path: Path, lines: Lines, problems: Problems) -> None:
        self.path = path
        self._lines = lines
        self._problems = problems

    def read(self, shape: type[TableKind], raw: Any, key_path: KeyPath = ()) -> TableKind | None:
        """The table at this place of the file; None and the problems when it does not have the shape."""
        try:
            return shape.model_validate(raw)
        except ValidationError as error:
            for detail in error.errors():
                self._report(detail, key_path)
            return None

    def note(self, key_path: KeyPath, what: str, mend: str) -> None:
        """Note a problem with the value at this place."""
        self._problems.add(self.path, self._lines.of(key_path), what, mend)

    def line(self, key_path: KeyPath) -> int:
        """The line on which the value at this place stands."""
        return self._lines.of(key_path)

    def _report(self, error: Mapping[str, Any], key_path: KeyPath) -> None:
        inner: KeyPath = tuple(error["loc"])
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in inner)
        sentences = {"missing": f"no {key}", "extra_forbidden": f"unknown key {key}"}
        what = sentences.get(error["type"], f"{key}: {error['msg'].lower()}" if key else error["msg"].lower())
        mend = f"add {inner[-1]}" if error["type"] == "missing" else MENDS.get(error["type"], "mend the value")
        self.note((*key_path, *inner), what, mend)


def check_id(value: str, key_path: KeyPath, note: Callable[[KeyPath, str, str], None]) -> None:
    """An id is a random UUID as Python writes it: nobody has to think one up, and none is ever made twice."""
    try:
        made = UUID(value)
    except ValueError:
        made = None
    if made is None or made.version != 4 or str(made) != value:
        note(key_path, f"the id {value} is no uuid4", "make one with: python3 -c 'import uuid; print(uuid.uuid4())'")
