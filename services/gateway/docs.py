"""`/docs`: the merged document as one page, for whoever writes against the API."""

import json
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.openapi import METHODS, Contract, Document
from services.gateway.page import html_page, marked
from services.gateway.samples import named, sample, schema_word


class Docs:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._page: tuple[str, str] = ("", "")  # ETag of the document, body of the page

    async def show(self, _: Request) -> Response:
        edition = await self._contract.edition()
        if self._page[0] != edition.etag:
            self._page = (edition.etag, body_of(edition.document))
        return html_page("The API", self._page[1], {"Cache-Control": "no-cache"})


def body_of(document: Document) -> str:
    groups = "".join(section(tag["name"], document) for tag in document["tags"])
    return f"""<main><h1>{escape(document["info"]["title"])}: the API</h1>
{"".join(f'<p class="lead">{marked(text)}</p>' for text in document["info"]["description"].split(chr(10) * 2))}
{first_steps(document["servers"][0]["url"])}
<div class="find"><input id="find" type="search" placeholder="Find an operation: enterprises import, results, post …"
 aria-label="Find an operation" autocomplete="off"></div>
{groups}{problems(document["x-problems"])}
<p class="muted">The same for machines: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1)</p></main>"""


def first_steps(url: str) -> str:
    lines = f"""token=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials {url}/oauth/token |
  jq -r .access_token)
curl -s -H "Authorization: Bearer $token" {url}/v1/enterprises"""
    return f"<h3>First steps</h3><pre>{escape(lines)}</pre>"


def section(tag: str, document: Document) -> str:
    found = [
        operation_block(path, method, operation, document)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS and tag in operation.get("tags", [])
    ]
    return f'<section><h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(found)}</section>'


def operation_block(path: str, method: str, operation: Document, document: Document) -> str:
    name = operation.get("operationId", f"{method} {path}")
    summary = operation.get("description") or operation.get("summary", "")
    words = f"{method} {path} {name} {summary}".lower().replace("_", " ")
    return f"""<details id="{escape(name)}" data-words="{escape(words)}"><summary><span class="method {method}">{method}</span>
<code>{escape(path)}</code> <span class="muted">{marked(summary)}</span></summary><div class="inside">
{permission(operation)}{parameters(operation, document)}{body(operation, document)}{call(path, method, operation, document)}
{answers(operation, document)}
</div></details>"""


def call(path: str, method: str, operation: Document, document: Document) -> str:
    """The operation as a line for a shell, complete with what it must have."""
    words = [f"curl -X {method.upper()}"] if method != "get" else ["curl"]
    if operation.get("security") != []:
        words.append('-H "Authorization: Bearer $token"')
    taken = [named(parameter, document) for parameter in operation.get("parameters", [])]
    if method in ("patch", "put", "delete") and any(one["name"] == "If-Match" for one in taken):
        words.append("-H 'If-Match: \"1\"'")
    words += body_words(operation)
    words.append(shell(document["servers"][0]["url"] + address(path, taken, document)))
    return f"<h3>Example</h3><pre>{escape((' ' + chr(92) + chr(10) + '  ').join(words))}</pre>"


def body_words(operation: Document) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return []
    kind, first = next(iter(content.items()))
    if "example" not in first:
        return [f"-H 'Content-Type: {kind}'", "--data-binary @file"]
    text = first["example"] if isinstance(first["example"], str) else json.dumps(first["example"], ensure_ascii=False)
    return [f"-H 'Content-Type: {kind}'", f"--data-binary {shell(text)}"]


def address(path: str, taken: list[Document], document: Document) -> str:
    """Ids filled in, and the query parameters that must be there."""
    values = {one["name"]: sample(one.get("schema", {}), document) for one in taken if one.get("required")}
    for one in taken:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(values.get(one["name"])))
    query = "&".join(
        f"{one['name']}={values[one['name']]}" for one in taken if one["in"] == "query" and one.get("required")
    )
    return f"{path}?{query}" if query else path


def shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def permission(operation: Document) -> str:
    scopes = [
        scope for requirement in operation.get("security", []) for names in requirement.values() for scope in names
    ]
    if scopes:
        return f'<p class="muted">Wants the scope {", ".join(f"<code>{escape(scope)}</code>" for scope in scopes)}.</p>'
    return '<p class="muted">Wants no token.</p>' if operation.get("security") == [] else ""


def parameters(operation: Document, document: Document) -> str:
    rows = [
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}{', required' * one.get('required', False)}</td>"
        f"<td>{escape(schema_word(one.get('schema', {}), document))}</td><td>{marked(one.get('description', ''))}</td></tr>"
        for one in (named(parameter, document) for parameter in operation.get("parameters", []))
    ]
    head = "<tr><th>Name</th><th>Where</th><th>What</th><th></th></tr>"
    return f"<h3>Parameters</h3><table>{head}{''.join(rows)}</table>" if rows else ""


def body(operation: Document, document: Document) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return ""
    kinds = ", ".join(f"<code>{escape(kind)}</code>" for kind in content)
    schema = next(iter(content.values())).get("schema", {})
    return f"<h3>Body</h3><p>{kinds}</p>{fields(schema, document)}"


def fields(schema: Document, document: Document) -> str:
    schema = named(schema, document)
    required = schema.get("required", [])
    rows = [
        f"<tr><td><code>{escape(name)}</code>{'' if name in required else ' <span class=muted>?</span>'}</td>"
        f"<td>{escape(schema_word(field, document))}</td><td>{marked(field.get('description', ''))}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    ]
    return f"<table>{''.join(rows)}</table>" if rows else f"<p>{marked(schema.get('description', ''))}</p>"


def example(made: Any) -> str:
    text = json.dumps(made, ensure_ascii=False, indent=2)
    return f"<pre>{escape(text)}</pre>" if isinstance(made, dict | list) else ""


def answers(operation: Document, document: Document) -> str:
    good, others = "", []
    for status, response in operation.get("responses", {}).items():
        content = response.get("content", {}).get("application/json", {})
        if status.startswith("2") and "schema" in content:
            good += f"<h3>Answer {status}</h3>{fields(content['schema'], document)}{example(content['example'])}"
        else:
            said = named(response, document).get("description", "")
            others.append(f'<span title="{escape(said)}">{status}</span>')
    return f'{good}<p class="muted">Also: {" · ".join(others)}</p>' if others else good


def problems(known: Document) -> str:
    rows = "".join(
        f'<tr><td>{one["status"]}</td><td><a href="/problems/{escape(code)}"><code>{escape(code)}</code></a></td>'
        f"<td>{escape(one['title'])}</td></tr>"
        for code, one in sorted(known.items(), key=lambda pair: (pair[1]["status"], pair[0]))
    )
    return f'<h2 id="problems">What can go wrong</h2><table>{rows}</table>'
