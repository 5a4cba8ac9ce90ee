"""Turn what the validation found into faults that an operator can mend: which key, from where, and what to write."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, cast, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.faults import Fault

#: What pydantic calls it, and how a sentence about the key ends.
_PROBLEMS = {
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "literal_error": "is not one of the choices",
    "too_long": "is too long",
    "string_too_long": "is too long",
    "string_too_short": "is empty",
}
#: Errors of our own validators carry their sentence, and the key where they concern a whole section.
_OURS = {"relay_name", "database_url", "half_a_pair", "same_port", "too_short"}
_PAIR_CURES = {
    "half_a_pair": "Set http.tls_cert_file and http.tls_key_file both, or neither.",
    "same_port": "Give http.metrics_port a port of its own, or 0 for none.",
    "too_short": "Make it as long, or 0 for ever: custody must stay provable while the letter is kept.",
}


def explain(error: ErrorDetails, settings: type[BaseModel], origins: Mapping[tuple[str, str], str]) -> Fault:
    """
    Say what is wrong with one key and what to do, without showing the value.

    Args:
        error: One finding of the validation.
        settings: The model of all settings, whose fields are the sections.
        origins: Where each given (section, key) came from; what is absent is a default.
    """
    kind = error["type"]
    section, key = _place(error)
    origin = _origin(section, key, origins)
    name = f"{section}.{key}" if key else section
    if kind == "extra_forbidden":
        return Fault(name, origin, "is not a setting of this relay", _nearest(section, key, settings))
    if kind in {"model_type", "model_attributes_type"}:
        return Fault(name, origin, "is not a section", f"Write [{section}] on a line of its own and the keys below it.")
    problem = error["msg"] if kind in _OURS else _PROBLEMS.get(kind, "is not of the right kind")
    return Fault(name, origin, problem, _PAIR_CURES.get(kind) or f"Write {_wanted(_field(settings, section, key))}.")


def _place(error: ErrorDetails) -> tuple[str, str]:
    """Find section and key; a finding about a whole section names its key in the context, or has none."""
    section, *keys = error["loc"]
    return str(section), str(keys[0] if keys else error.get("ctx", {}).get("key", ""))


def _origin(section: str, key: str, origins: Mapping[tuple[str, str], str]) -> str:
    """Say where a value came from; an unknown section comes from wherever its first key does."""
    if (section, key) in origins:
        return origins[section, key]
    if key:
        return "default"
    return next(origin for (given, _), origin in origins.items() if given == section)


def _nearest(section: str, key: str, settings: type[BaseModel]) -> str:
    """Suggest the nearest key that exists, or the nearest section where the section is what is unknown."""
    known = list(_section(settings, section).model_fields if key else settings.model_fields)
    near = get_close_matches(key or section, known, n=1)
    if not near:
        return f"Remove it; known here: {', '.join(known)}."
    return f"Did you mean {section}.{near[0]}?" if key else f"Did you mean {near[0]}?"


def _section(settings: type[BaseModel], section: str) -> type[BaseModel]:
    return cast("type[BaseModel]", settings.model_fields[section].annotation)


def _field(settings: type[BaseModel], section: str, key: str) -> FieldInfo:
    return _section(settings, section).model_fields[key]


def _wanted(field: FieldInfo) -> str:
    """Say what a key wants: from its description where it has one, otherwise from its type and bounds."""
    if field.description:
        return field.description
    if field.annotation is bool:
        return "true or false"
    if get_origin(field.annotation) is Literal:
        return f"one of: {', '.join(get_args(field.annotation))}"
    return f"a whole number from {_bound(field.metadata, Ge)} to {_bound(field.metadata, Le)}"


def _bound(metadata: list[Any], kind: type[Ge] | type[Le]) -> int:
    return next(int(getattr(one, kind.__name__.lower())) for one in metadata if isinstance(one, kind))
