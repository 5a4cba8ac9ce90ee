"""The interface, in words: an OpenAPI document of ours for a reader with a phone."""

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from relay.http.calls import Audience
from relay.http.openapi import AUDIENCES
from relay.http.startpage import RelayFacts, lay_out


def docs_page(described: dict[str, Any], facts: RelayFacts) -> str:
    """
    Render an OpenAPI document of ours for a reader with a phone.

    Args:
        described: What `openapi.spec` gave.
        facts: For the name and the banner.
    """
    sections = "".join(_section(audience, described) for audience in Audience)
    return lay_out(
        f"The interface of {facts.name}",
        facts,
        f"""<main class="wide">
<p><a href="/about">← {escape(facts.name)}</a></p>
<h1>The interface</h1>
<p class="lead">Every address, by who may use it. Whatever is not listed for you is refused.</p>
<p>Bodies are JSON in UTF-8 or bytes exactly as sealed; there is no address that takes a letter’s text. Errors are
<code>application/problem+json</code>, with a stable <code>code</code> and a <code>cure</code> that says what to do
next. Programs read <a href="/openapi.json">/openapi.json</a>.</p>
{sections}
<section><h2 id="shapes">Shapes</h2>{_shapes(described)}</section>
<section><h2 id="problems">Problems</h2>{_problems(described)}</section>
</main>""",
    )


def _section(audience: Audience, described: dict[str, Any]) -> str:
    operations = [
        _operation(method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if audience.value in operation["tags"]
    ]
    if not operations:
        return ""
    heading = f'<h2 id="{audience.value}">{escape(audience.value.capitalize())}</h2>'
    return f'<section>{heading}<p class="soft">{escape(AUDIENCES[audience])}</p>{"".join(operations)}</section>'


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    """Render one endpoint, folded: a phone shows the list first."""
    parts = [f"<p>{escape(operation['description'])}</p>" if "description" in operation else ""]
    if roles := operation.get("x-roles"):
        parts.append(f"<p>Roles: {escape(', '.join(roles))}</p>")
    if scope := operation.get("x-scope"):
        parts.append(f"<p>A program's token for it: scope {escape(scope)}</p>")
    if parameters := operation.get("parameters"):
        rows = (
            (
                f"<code>{escape(each['name'])}</code>",
                each["in"],
                "yes" if each["required"] else "no",
                _shape(each["schema"]),
            )
            for each in parameters
        )
        parts.append("<h3>Takes</h3>" + _table(("name", "where", "needed", "what"), rows))
    if body := operation.get("requestBody"):
        content = ", ".join(
            f"<code>{escape(media)}</code> {_shape(of['schema'])}" for media, of in body["content"].items()
        )
        parts.append(f"<h3>Body</h3><p>{content}, at most {body['x-limit-bytes']:,} bytes</p>")
    parts.append("<h3>Answers</h3>" + _table(("status", "what"), _answers(operation["responses"])))
    label = f'<span class="method mono {method}">{method.upper()}</span> <code>{escape(path)}</code>'
    summary = f'<summary>{label}<span class="what">{escape(operation["summary"])}</span></summary>'
    return f'<details id="{escape(operation["operationId"])}">{summary}<div>{"".join(parts)}</div></details>'


def _answers(responses: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        if int(status) >= 400:
            (content,) = response["content"].values()
            codes = (f'<a href="#problem-{code}"><code>{code}</code></a>' for code in content["examples"])
            yield status, " · ".join(codes)
        else:
            media = (
                f"<code>{escape(name)}</code> {_shape(of.get('schema', {}))}"
                for name, of in response.get("content", {}).items()
            )
            yield status, ", ".join(media) or escape(response["description"])


def _problems(described: dict[str, Any]) -> str:
    examples = described["components"]["examples"].values()
    rows = (
        (
            str(each["status"]),
            f'<code id="problem-{each["code"]}">{each["code"]}</code>',
            escape(each["title"]),
            escape(each["cure"]),
        )
        for each in sorted((example["value"] for example in examples), key=lambda each: (each["status"], each["code"]))
    )
    return _table(("status", "code", "what happened", "what to do next"), rows)


def _shapes(described: dict[str, Any]) -> str:
    """Render each JSON object that is taken or given."""
    return "".join(_shape_table(name, schema) for name, schema in described["components"]["schemas"].items())


def _shape_table(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", ())
    rows = (
        (f"<code>{escape(key)}</code>", "yes" if key in needed else "no", _shape(each))
        for key, each in schema.get("properties", {}).items()
    )
    about = escape(schema.get("description", ""))
    summary = f'<summary><strong>{escape(name)}</strong><span class="what">{about}</span></summary>'
    return f'<details id="shape-{escape(name)}">{summary}<div>{_table(("key", "needed", "what"), rows)}</div></details>'


def _shape(schema: dict[str, Any]) -> str:
    """Say in a few words what a schema asks for."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_shape(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {}))}"
    words = [str(schema.get("type", ""))]
    for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("pattern", ""), ("default", "otherwise")):
        if key in schema:
            words.append(f"{sign} <code>{escape(json.dumps(schema[key]).strip(chr(34)))}</code>".strip())
    if "enum" in schema:
        words.append(" | ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"]))
    return " ".join(word for word in words if word)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table; cells are HTML already."""
    header = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'
