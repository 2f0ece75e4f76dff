"""The description of the API made complete: what every operation shares is said once, and examples are put in place."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from portal.core.config import SiteConfig

BY_TOKEN = "personalToken"  # noqa: S105  # the word for it
"""The name of the one way to say who asks."""
SITE_ENUM = "x-site-enum"
"""In the schema of a field: under which name the site says what words the field can hold there."""

PathExamples = Mapping[tuple[str, str], str]
"""An example for each parameter in an address, by operation and parameter."""

ABOUT = """\
What the public pages of this site show, for programs: open changes and whose turn it is, mentors, learning tracks,
roles and tools. All of that can be read without an account. Under `/api/v1/me` programs do what a person lets them do:
with a token that this person has made for it, sent as `Authorization: Bearer`.

Lists come in pages: follow `next` as `cursor` until it is null. Keep the `ETag` of an answer and send it as
`If-None-Match`: what has not changed is answered with 304. Times are UTC. Each address, and each token, may ask so
often a minute; the `X-RateLimit` headers say how often still.
"""
HEADERS: dict[str, Any] = {
    "ETag": ("Changes whenever the answer does. Send it back as If-None-Match.", "string", '"33a64df5"'),
    "X-RateLimit-Limit": ("How many requests an address may send in a minute.", "integer", 600),
    "X-RateLimit-Remaining": ("How many of them are left.", "integer", 599),
    "X-RateLimit-Reset": ("When they are all there again, in seconds since 1970 (Unix time).", "integer", 1795737600),
    "Retry-After": ("How many seconds to wait before the next request.", "integer", 42),
    "Content-Language": ("The language of titles and messages.", "string", "en"),
    "WWW-Authenticate": ("What is wrong with the token.", "string", 'Bearer realm="api", error="invalid_token"'),
}
ALWAYS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
ALSO = {
    "200": ("Content-Language",),
    "304": ("ETag",),
    "401": ("WWW-Authenticate",),
    "403": ("WWW-Authenticate",),
    "429": ("Retry-After",),
}
SAID = {
    "200": "What was asked for.",
    "304": "Nothing has changed since the answer whose ETag was sent.",
    "401": "There is no token, or it is wrong, or it has ended.",
    "403": "The token is not for this.",
    "404": "There is nothing of that name.",
    "413": "What was sent is too large.",
    "415": "What was sent is no JSON.",
    "422": "A parameter, or a field of what was sent, is not right; `field` names it.",
    "429": "That was too often. Wait as long as Retry-After says.",
    "500": "Something went wrong on the server. Nothing is lost; try again later.",
}
PROBLEMS = {
    "401": ("invalid_token", "This token is wrong, or has ended.", None),
    "403": ("insufficient_scope", "This token is not for that. Make one on your page of tokens that may do it.", None),
    "404": ("not_found", "There is no tool of that name. The list of tools has them all.", None),
    "413": ("request_entity_too_large", "This is too large. Send less at once.", None),
    "415": (
        "unsupported_media_type",
        "This kind of content is not taken here. Use the form of the page, or application/json for the API.",
        None,
    ),
    "422": ("unknown_parameter", "There is no parameter “colour”.", "colour"),
    "429": ("too_many_requests", "You have tried too often in a short time. Wait a little and try again.", None),
    "500": (
        "internal_server_error",
        "Something went wrong here. Nothing was saved. Tell an admin: 3f9c2b7a1d04.",
        None,
    ),
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer you have.",
    "schema": {"type": "string", "examples": ['"33a64df5"']},
}


SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token that a person made for a program, on the page “Tokens for programs”. Of the scopes that an "
    "operation names the token must have each.",
}


def complete(
    generated: dict[str, Any], site: SiteConfig, examples: PathExamples, enums: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """The whole description of one site's API, from what operations say of themselves; `enums` are its own words."""
    document = copy.deepcopy(generated)
    document["info"] |= {"title": site.name, "description": ABOUT}
    document["servers"] = [{"url": site.url.rstrip("/") or "/", "description": site.name}]
    schemas = document["components"]["schemas"]
    # Queries are told as parameters, one by one.
    document["components"]["schemas"] = {name: schema for name, schema in schemas.items() if not name.endswith("Query")}
    for schema in schemas.values():
        _complete_enums(schema, enums)
    document["components"]["securitySchemes"] = {BY_TOKEN: SCHEME}
    document["components"]["headers"] = {name: _header(*about) for name, about in HEADERS.items()}
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                _complete_enum(parameter["schema"], enums)
            _complete_operation(operation, schemas, examples)
    return document


def _complete_enums(schema: dict[str, Any], enums: Mapping[str, Sequence[str]]) -> None:
    for described in schema.get("properties", {}).values():
        _complete_enum(described, enums)


def _complete_enum(described: dict[str, Any], enums: Mapping[str, Sequence[str]]) -> None:
    name = described.pop(SITE_ENUM, None)
    if name is None:
        return
    # What may be left out is told as one shape of several.
    text = next((shape for shape in described.get("anyOf", ()) if shape.get("type") == "string"), None)
    (text or described)["enum"] = list(enums[name])
    if text:
        described["examples"] = list(enums[name])


def problem(status: str) -> dict[str, Any]:
    """What a refusal with this status looks like."""
    reason, message, field = PROBLEMS[status]
    error = {"code": int(status), "reason": reason, "message": message}
    return {"error": {**error, **({"field": field} if field else {})}}


def _header(text: str, kind: str, example: Any) -> dict[str, Any]:
    return {"description": text, "schema": {"type": kind}, "example": example}


def _complete_operation(operation: dict[str, Any], schemas: dict[str, Any], examples: PathExamples) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["example"] = examples[operation["operationId"], parameter["name"]]
    is_kept = "304" in operation["responses"]
    if is_kept:
        operation["parameters"].append(IF_NONE_MATCH)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = _example("body", content["schema"]["$ref"], schemas)
    for status, response in operation["responses"].items():
        response["description"] = SAID[status]
        names = (*ALWAYS, *ALSO.get(status, ()), *(["ETag"] if is_kept and status == "200" else []))
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        for content in response.get("content", {}).values():
            content["example"] = _example(status, content["schema"]["$ref"], schemas)


def _example(status: str, reference: str, schemas: dict[str, Any]) -> Any:
    return problem(status) if status in PROBLEMS else schemas[reference.rpartition("/")[2]]["examples"][0]
