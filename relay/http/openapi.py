"""Write the route table down as OpenAPI 3.1: what pydantic knows of the models, what endpoints say of themselves."""

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from keys.errors import RelayError
from relay.http.calls import Audience
from relay.http.endpoints import (
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TYPE,
    Endpoint,
    Json,
    Media,
    Raw,
    status_of,
    title_of,
)

Schema = dict[str, Any]

#: How each audience is called in the specification, and what it sends to be known.
AUDIENCES: Final = {
    Audience.PUBLIC: "Anyone; no credentials.",
    Audience.FAMILY: "Whoever holds a receipt code: its locator as a bearer. The relay learns no more of them.",
    Audience.STAFF: "A signed-in member of staff, in one of the roles that are named.",
    Audience.MACHINE: "Another program, by the token it was given.",
    Audience.INVITED: "Whoever was invited to become staff: the invite's secret as a bearer.",
}
_SECURITY_SCHEMES: Final = {
    "family": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "32 hex digits",
        "description": "The locator derived from a receipt code. It never stands in a URL.",
    },
    "invited": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "lri_ and 64 hex digits",
        "description": "The secret of an invite, good for one enrolment.",
    },
    "machine": {"type": "http", "scheme": "bearer", "description": "The token of another program."},
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "lrs_ and 64 hex digits",
        "description": "A session token, given for a signed sign-in statement.",
    },
}
_PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "An error (RFC 9457). `code` is stable; `cure` says what to do next.",
    "required": ["type", "title", "status", "detail", "code", "cure"],
    "properties": {
        "type": {"type": "string", "pattern": f"^{PROBLEM_TYPE}[a-z0-9_]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "cure": {"type": "string"},
    },
}


def spec(endpoints: Sequence[Endpoint], *, title: str, version: str) -> Schema:
    """
    Describe a route table.

    The same table gives the same bytes: the order is the table's, and that of schemas and statuses is sorted.

    Args:
        endpoints: The whole table.
        title: The relay's name.
        version: The version of the software.

    Returns:
        An OpenAPI 3.1 document, ready to be encoded as JSON.
    """
    refs, components = _schemas(endpoints)
    paths: dict[str, dict[str, Schema]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, refs, components)
        paths.setdefault(endpoint.template, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "tags": [{"name": audience.value, "description": text} for audience, text in AUDIENCES.items()],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM} | _shown(endpoints, refs, components),
            "examples": _examples({kind for endpoint in endpoints for kind in endpoint.problems}),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


Refs = dict[tuple[type[BaseModel], JsonSchemaMode], Schema]


def _shown(endpoints: Sequence[Endpoint], refs: Refs, components: dict[str, Schema]) -> dict[str, Schema]:
    """Choose the schemas worth showing: those of parameters stand with their endpoints already."""
    bodies = {_name(refs[key]) for endpoint in endpoints for key in _documented_models(endpoint)}
    parameters = {_name(refs[model, "validation"]) for endpoint in endpoints for model in _parameter_models(endpoint)}
    return {name: components[name] for name in sorted(components) if name in bodies or name not in parameters}


def _schemas(endpoints: Sequence[Endpoint]) -> tuple[Refs, dict[str, Schema]]:
    """Make the schema of every model, once: how it is referred to, and the definitions."""
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for endpoint in endpoints:
        models |= dict.fromkeys(_documented_models(endpoint))
        models |= dict.fromkeys((model, "validation") for model in _parameter_models(endpoint))
    given = [(model, mode) for model, mode in models]
    refs, definitions = models_json_schema(given, ref_template="#/components/schemas/{model}")
    return {key: refs[key] for key in given}, definitions.get("$defs", {})


def _documented_models(endpoint: Endpoint) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    if isinstance(endpoint.body, Json):
        yield endpoint.body.model, "validation"
    if isinstance(endpoint.answer, type):
        yield endpoint.answer, "serialization"


def _parameter_models(endpoint: Endpoint) -> Iterator[type[BaseModel]]:
    yield from (each for each in (endpoint.path_model, endpoint.query_model, endpoint.headers_model) if each)


def _name(ref: Schema) -> str:
    return str(ref["$ref"]).rpartition("/")[2]


def _operation(endpoint: Endpoint, refs: Refs, components: dict[str, Schema]) -> Schema:
    """Describe one endpoint."""
    operation: Schema = {
        "operationId": endpoint.name,
        "tags": [endpoint.audience.value],
        "summary": endpoint.summary,
        "security": [] if endpoint.audience is Audience.PUBLIC else [{endpoint.audience.value: []}],
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.roles:
        operation["x-roles"] = sorted(endpoint.roles)
    if endpoint.scope is not None:
        operation["x-scope"] = endpoint.scope.value
    if parameters := list(_parameters(endpoint, refs, components)):
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(endpoint.body, refs)
    operation["responses"] = _successes(endpoint, refs) | _failures(endpoint.problems)
    return operation


def _parameters(endpoint: Endpoint, refs: Refs, components: dict[str, Schema]) -> Iterator[Schema]:
    parts = (("path", endpoint.path_model), ("query", endpoint.query_model), ("header", endpoint.headers_model))
    for where, model in parts:
        if model is None:
            continue
        schema = components[_name(refs[model, "validation"])]
        for name, each in schema.get("properties", {}).items():
            required = where == "path" or name in schema.get("required", ())
            yield {"name": name, "in": where, "required": required, "schema": _without_null(each)}


def _without_null(schema: Schema) -> Schema:
    """Drop null from a parameter's schema: in a URL or a header, what is absent is simply not there."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    kept: Schema = {key: value for key, value in schema.items() if key not in {"anyOf", "title"} and value is not None}
    if len(choices) == 1:
        return kept | dict(choices[0])
    return kept | ({"anyOf": choices} if choices else {})


def _request_body(body: Json | Raw, refs: Refs) -> Schema:
    if isinstance(body, Json):
        content = {"application/json": {"schema": refs[body.model, "validation"]}}
    else:
        content = {body.media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"required": True, "content": content, "x-limit-bytes": body.limit_bytes}


def _successes(endpoint: Endpoint, refs: Refs) -> Schema:
    described: Schema = {"description": HTTPStatus(endpoint.ok).phrase}
    match endpoint.answer:
        case Media(media_type):
            described["content"] = {media_type: {}}
        case None:
            pass
        case model:
            described["content"] = {"application/json": {"schema": refs[model, "serialization"]}}
    others = {str(status): {"description": HTTPStatus(status).phrase} for status in sorted(endpoint.also)}
    return {str(endpoint.ok): described} | others


def _failures(problems: Iterable[type[RelayError]]) -> Schema:
    """Describe an endpoint's problems by status, each code with its sentence and its cure."""
    by_status: dict[int, list[type[RelayError]]] = {}
    for kind in problems:
        by_status.setdefault(status_of(kind), []).append(kind)
    return {str(status): _failure(status, kinds) for status, kinds in sorted(by_status.items())}


def _failure(status: int, kinds: list[type[RelayError]]) -> Schema:
    examples = {kind.code: {"$ref": f"#/components/examples/{kind.code}"} for kind in kinds}
    content = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
    described: Schema = {"description": " · ".join(f"`{kind.code}`" for kind in kinds), "content": content}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        described["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    return described


def _examples(kinds: Iterable[type[RelayError]]) -> Schema:
    """Show every problem once; the responses refer to it."""
    ordered = sorted(kinds, key=lambda kind: kind.code)
    return {kind.code: {"summary": title_of(kind), "value": problem_example(kind)} for kind in ordered}


def problem_example(kind: type[RelayError]) -> Schema:
    """Show what an error of a class looks like, with its sentence in place of a more precise one."""
    return {
        "type": PROBLEM_TYPE + kind.code,
        "title": title_of(kind),
        "status": status_of(kind),
        "detail": title_of(kind),
        "code": kind.code,
        "cure": kind.cure,
    }


def problems_table(kinds: Iterable[type[RelayError]]) -> str:
    """Write a table of problems in Markdown, by status and code, as in docs/spec/problems.md."""
    rows = sorted(set(kinds), key=lambda kind: (status_of(kind), kind.code))
    lines = ["| status | code | what happened | what to do next |", "|---|---|---|---|"]
    lines += [f"| {status_of(kind)} | `{kind.code}` | {title_of(kind)} | {kind.cure} |" for kind in rows]
    return "\n".join(lines) + "\n"
