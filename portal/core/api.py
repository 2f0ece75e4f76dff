"""The frame of the JSON API under /api/v1: one envelope, one way to refuse, one limit, one description for machines.

Each feature has an api.py with its own blueprint (`make_blueprint`) and operations; none knows of the others.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any

from flask import Blueprint, current_app, jsonify, make_response, request
from flask import Response as FlaskResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from spectree import Response, SpecTree, Tag

from portal.core import openapi
from portal.core.access import anyone, guard
from portal.core.api_access import ApiScope, token_may
from portal.core.errors import Invalid
from portal.core.http_caching import conditional_response
from portal.core.i18n import SHIPPED, _, current_language, menu_languages, speak
from portal.core.web import View, at_most, csrf_exempt, settings

CODES = [language.code for language in SHIPPED.menu]
"""Codes of languages, for examples."""
LANGUAGE_CODES = "languages"
"""Under this name the site says which languages its API speaks."""
# Without the one character that PostgreSQL refuses.
Text = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]


def example(value: Any) -> ConfigDict:
    """The configuration of a model that shows this example of itself.

    It is built when it is first used: building all of them was a tenth of every start.
    """
    return ConfigDict(json_schema_extra={"examples": [value]}, defer_build=True)


class ItemQuery(BaseModel):
    """What can be said when asking for one thing."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    language: str | None = Field(
        None,
        description="The language of titles and messages; without it Accept-Language decides.",
        json_schema_extra={openapi.SITE_ENUM: LANGUAGE_CODES},
    )

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, code: str | None) -> str | None:
        if code is not None and code not in _codes():
            raise PydanticCustomError("language", "it should be one of {codes}", {"codes": ", ".join(_codes())})
        return code


class ListQuery(ItemQuery):
    """What can be said when asking for a list."""

    limit: int = Field(50, ge=1, le=200, description="How many items at most.", examples=[50])
    cursor: str | None = Field(
        None, max_length=500, description="The `next` of the page before.", examples=["WyJNYXBwZXIiLDFd"]
    )


class SkillItem(BaseModel):
    """Something people know how to do."""

    model_config = example({"slug": "python", "name": "Python", "level": 3})

    slug: str
    name: str
    level: int = Field(ge=1, le=4, description="1 starting out, 2 at ease, 3 experienced, 4 can teach it.")


class ProblemDetail(BaseModel):
    """What is wrong with a request."""

    model_config = example(openapi.problem("422")["error"])

    code: int = Field(description="The HTTP status.")
    reason: str = Field(description="What is wrong, for programs: it stays when the sentence is reworded.")
    message: str = Field(description="A sentence for people: what is wrong and what to do.")
    field: str | None = Field(None, description="The parameter at fault.")


class Problem(BaseModel):
    """The body of every refusal."""

    model_config = example(openapi.problem("422"))

    error: ProblemDetail


def make_blueprint(name: str) -> Blueprint:
    """The blueprint of a feature's part of the API."""
    return Blueprint(f"{name}_api", __name__, url_prefix="/api/v1")


def operation(
    name: str, result: type[BaseModel], tag: Tag, path: Mapping[str, tuple[str, str]] | None = None
) -> Callable[[View], View]:
    """Make a view an operation of the API; put it directly under @guard(anyone).

    The view gives back a `result`; one that takes more than a language has an argument `query`, a model. `path`
    describes the parameters in its address, each with an example; an operation with such a parameter can answer 404.
    The language asked for is spoken inside it.
    """
    statuses = (422, 429, 500, *((404,) if path else ()))
    descriptions = {parameter: text for parameter, (text, _example) in (path or {}).items()}
    validate = spec.validate(
        query=ItemQuery,
        resp=Response("HTTP_304", HTTP_200=result, **_refusals(*statuses)),
        tags=[tag],
        operation_id=name,
        path_parameter_descriptions=descriptions,
    )

    def make(view: View) -> View:
        checked = validate(view)

        @wraps(checked)
        def answer(*args: Any, **kwargs: Any) -> Any:
            return conditional_response(_spoken(lambda: checked(*args, **kwargs)))

        answer.__path_examples__ = {  # type: ignore[attr-defined]  # read by _described
            (name, parameter): example for parameter, (_text, example) in (path or {}).items()
        }
        return at_most("api_per_minute")(answer)

    return make


def token_operation(
    name: str, result: type[BaseModel], tag: Tag, scope: ApiScope, body: type[BaseModel] | None = None
) -> Callable[[View], View]:
    """Make a view an operation for programs with a token for `scope`; put it directly under the route, for it is its
    guard, too.

    What it changes is told by JSON in the form of `body`, which the view takes as its argument `json`. Whoever sends
    it twice, as after an answer that was lost, must not have done it twice: such a view says how things stand then.
    """
    statuses = (401, 403, 422, 429, 500, *((413, 415) if body else ()))
    validate = spec.validate(
        query=ItemQuery,
        json=body,
        resp=Response(HTTP_200=result, **_refusals(*statuses)),
        tags=[tag],
        operation_id=name,
        security={openapi.BY_TOKEN: [scope.name]},
    )

    def make(view: View) -> View:
        checked = validate(view)

        @wraps(checked)
        def answer(*args: Any, **kwargs: Any) -> Any:
            speak(_asked_language())  # before what was sent is refused in it
            if body:
                _check_body(body)
            return _spoken(lambda: checked(*args, **kwargs))

        # No form can send the header with the token, and no cookie counts: there is nothing to forge.
        return csrf_exempt(at_most("api_per_minute")(guard(token_may(scope))(answer)))

    return make


def _refusals(*statuses: int) -> dict[str, type[BaseModel]]:
    return {f"HTTP_{status}": Problem for status in sorted(statuses)}


def _spoken(make: Callable[[], Any]) -> FlaskResponse:
    speak(_asked_language())
    response = make_response(make())
    response.content_language.add(current_language().code)
    return response


def _check_body(body: type[BaseModel]) -> None:
    # Pydantic's own reader stops at JSON that is nested too deeply: it comes before any other.
    try:
        body.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise Invalid(_("What was sent is not right: %(why)s.", why=first["msg"]), field, code="invalid_body") from None


def _codes() -> list[str]:
    return [language.code for language in menu_languages()]


def _asked_language() -> str:
    language = request.args.get("language", "")
    if language in _codes():
        return language
    return request.accept_languages.best_match(_codes()) or settings().site.default_language


def _refuse(_request: Any, _response: Any, error: Exception | None, _instance: Any, _adapter: Any) -> None:
    """Name the parameter at fault in the form that all our refusals have."""
    if not isinstance(error, ValidationError):
        return
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        raise Invalid(_("There is no parameter “%(name)s”.", name=name), name, code="unknown_parameter")
    message = _("The parameter “%(name)s” is not right: %(why)s.", name=name, why=first["msg"])
    raise Invalid(message, name, code="invalid_parameter")


spec = SpecTree(
    "flask",
    mode="strict",
    title="Contributor Portal",
    version="1",
    before=_refuse,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@guard(anyone)
@at_most("api_per_minute")
def description() -> Any:
    """The description of this API, for machines."""
    known = current_app.extensions
    if "portal.openapi" not in known:
        known["portal.openapi"] = _described()
    response = jsonify(known["portal.openapi"])
    response.headers["Content-Disposition"] = 'attachment; filename="openapi.json"'
    return conditional_response(response)


def _described() -> dict[str, Any]:
    views = current_app.view_functions.values()
    examples = {key: example for view in views for key, example in getattr(view, "__path_examples__", {}).items()}
    # A copy, for describing changes it for good: it would only ever know the operations of the site asked first.
    fresh = copy.copy(spec)
    fresh.models = copy.deepcopy(spec.models)
    enums = {**current_app.extensions["portal.site_enums"], LANGUAGE_CODES: _codes()}
    return openapi.complete(fresh.spec, settings().site, examples, enums)
