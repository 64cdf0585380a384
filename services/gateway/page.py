"""The frame of our few pages: no asset from elsewhere, nothing but this one style and this one script may run."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #dde4ea; --paper: #fff;
  --tint: #f4f7f9; --main: #0a6e8a;  --get: #1b6e3c; --post: #0a58a8; --patch: #8a5a00; --put: #6b3fa0; --delete: #a8271b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --soft: #9aabbb; --line: #2c3947; --paper: #141c24; --tint: #1b2631;
  --main: #5cc4e0; --get: #63c48a; --post: #77b4f5; --patch: #e0b35c; --put: #b998ea; --delete: #f0867b; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--main); }
code, pre { font: 13.5px/1.5 ui-monospace, Menlo, Consolas, monospace; }
code { background: var(--tint); padding: .1em .35em; border-radius: 4px; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem; overflow-x: auto; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: .3rem 0 .8rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 5rem; } main.narrow { max-width: 40rem; }
.lead { font-size: 1.1rem; } .muted { color: var(--soft); }
.status { display: inline-block; font-weight: 600; border: 1px solid var(--line); border-radius: 6px; padding: 0 .5em; }
.find { position: sticky; top: 0; background: var(--paper); padding: .8rem 0; z-index: 1; }
.find input { width: 100%; font: inherit; color: inherit; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 8px;
  background: var(--tint); }
.find input:focus { outline: 2px solid var(--main); }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; } details[open] { box-shadow: 0 1px 6px #0001; }
summary { cursor: pointer; padding: .55rem .9rem; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap;
  list-style: none; }
summary::-webkit-details-marker { display: none; } summary:hover { background: var(--tint); border-radius: 8px; }
summary code { background: none; padding: 0; } .inside { padding: .2rem 1rem 1rem; }
.method { font: 700 12px ui-monospace, monospace; min-width: 4.2em; text-transform: uppercase; }
.get { color: var(--get); } .post { color: var(--post); } .patch { color: var(--patch); } .put { color: var(--put); }
.delete { color: var(--delete); }
table { border-collapse: collapse; width: 100%; font-size: .93rem; } td, th { text-align: left; vertical-align: top;
  padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); } th { color: var(--soft); font-weight: 500; }
[hidden] { display: none !important; }
"""
SCRIPT = """
const box = document.querySelector('#find');
const operations = [...document.querySelectorAll('[data-words]')];
function show() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const one of operations) one.hidden = !words.every(word => one.dataset.words.includes(word));
  for (const group of document.querySelectorAll('section')) group.hidden = !group.querySelector('[data-words]:not([hidden])');
}
if (box) box.addEventListener('input', show);
function unfold() {
  const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (one && one.tagName === 'DETAILS') one.open = true;
}
addEventListener('hashchange', unfold); unfold();
"""


def allowed(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


SAFETY = {
    "Content-Security-Policy": f"default-src 'none'; style-src {allowed(STYLE)}; script-src {allowed(SCRIPT)}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def html_page(title: str, body: str, headers: dict[str, str] | None = None) -> HTMLResponse:
    """`body` is HTML, `title` plain text."""
    frame = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · SCORE</title><style>{STYLE}</style></head>
<body>{body}<script>{SCRIPT}</script></body></html>"""
    return HTMLResponse(frame, headers={**SAFETY, **(headers or {})})


def marked(text: str) -> str:
    """Plain text in which backticks mark code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
