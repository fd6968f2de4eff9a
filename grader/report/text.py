"""What students and authors wrote, as HTML that cannot do harm: Markdown, mathematics, code, HTML outputs.

Everything goes through nh3 last, whatever made it; the lists of what may stay are here and nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any
from xml.etree import ElementTree

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from grader.report import formulas
from grader.report.formulas import mathml
from grader.report.words import inline, shortened, visible

MAX_MARKDOWN = 30_000
MAX_HTML = 400_000
MAX_CODE = 60_000
MAX_PICTURE = 3_000_000  # characters of base64
MAX_DRAWN = 100_000  # elements of a drawing
MAX_DEPTH = 300  # the sanitiser's time grows with the square of it
TAGS = frozenset(
    "a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption "  # noqa: SIM905
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table "
    "tbody td tfoot th thead tr tt u ul var wbr".split()
)
DROPPED = frozenset(
    "script style template iframe object embed noscript noembed noframes xmp plaintext textarea title svg "  # noqa: SIM905
    "select".split()
)
HTML_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "span": {"class"},
    "mtd": {"class", "columnspan", "rowspan"},
    "mtable": {"class"},
}
OWN_CLASSES = {"mtd": {"left", "right"}, "mtable": {"aligned"}}
LINK = re.compile(r"https?://[^\s\"'<>`]+\Z", re.IGNORECASE)
DATA_URL = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,", re.IGNORECASE)
TOKEN_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}\Z")
MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
TAG = re.compile(r"<(/?)([a-zA-Z]+)")
VOID = frozenset(("br", "col", "hr", "img", "input", "wbr"))
BRACKETS = ((r"\(", r"\)"), (r"\[", r"\]"), (r"\\(", r"\\)"), (r"\\[", r"\\]"))
BEGIN = re.compile(rf"\\begin\{{((?:{'|'.join(formulas.ENVIRONMENTS)})\*?)\}}")


def markdown(text: str) -> Markup:
    """Render what a student wrote: Markdown with mathematics, code and harmless HTML."""
    return sanitised(_renderer("student").render(shortened(visible(text), MAX_MARKDOWN)))


def prose(text: str) -> Markup:
    """Render what an author wrote, or what may quote a student: Markdown with mathematics, all HTML as text."""
    return sanitised(_renderer("author").render(shortened(visible(text), MAX_MARKDOWN)))


def phrase(text: str) -> Markup:
    """Render `code` and $mathematics$ only, with line ends as they are: for titles and messages."""
    return sanitised(_renderer("phrase").renderInline(shortened(visible(text), MAX_MARKDOWN)))


def formula(latex: str) -> Markup:
    """Render one formula that stands without delimiters, as a student wrote it or as we read it."""
    return sanitised(mathml(visible(latex), display=False))


def sanitised(html: str) -> Markup:
    """Return HTML with only harmless tags and attributes left, and nothing that is fetched or run."""
    html = html[:MAX_HTML]
    if _depth(html) > MAX_DEPTH:
        return Markup("<pre>{}</pre>").format(html)
    cleaned = nh3.clean(
        html,
        tags=TAGS | formulas.TAGS,
        clean_content_tags=DROPPED,
        attributes=_attributes(),
        attribute_filter=_harmless,
        link_rel="noopener noreferrer",
        url_schemes={"http", "https", "data"},
    )
    return Markup(cleaned)  # noqa: S704 - this is what makes it safe


def code(source: str) -> Markup:
    """Return Python source with its tokens in `<span class>`; plain text when it is too long to colour."""
    text = shortened(visible(source), MAX_CODE)
    if len(source) > MAX_CODE:
        return escape(text)
    coloured = highlight(text, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    if not text.endswith("\n"):
        coloured = coloured.removesuffix("\n")
    return Markup(coloured)  # noqa: S704 - the formatter escapes every token


def picture_url(mime: str, data: str) -> str | None:
    """Return base64 picture data as a data URL, or None when it is not what it says it is, or too large."""
    compact = "".join(data.split())
    if mime not in MAGIC or not 0 < len(compact) <= MAX_PICTURE:
        return None
    try:
        raw = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    return f"data:{mime};base64,{compact}" if raw.startswith(MAGIC[mime]) else None


def svg_url(source: str) -> str | None:
    """Return SVG as a data URL for an `<img>`, where it can neither run nor fetch anything."""
    if not 0 < len(source) <= MAX_PICTURE or "<svg" not in source or not _is_drawable(source):
        return None
    encoded = base64.b64encode(source.encode("utf-8", "replace")).decode("ascii")
    return f"data:image/svg+xml;base64,{encoded}"


def _is_drawable(source: str) -> bool:
    """Tell whether SVG is well-formed and draws a bounded number of elements, counting each use of another one."""
    if "<!ENTITY" in source:
        return False
    try:
        root = ElementTree.fromstring(source)  # noqa: S314 - without entities
        return _n_drawn(root, {element.get("id"): element for element in root.iter()}, {}) <= MAX_DRAWN
    except (ElementTree.ParseError, RecursionError):
        return False


def _n_drawn(element: ElementTree.Element, named: dict[str | None, ElementTree.Element], known: dict[int, int]) -> int:
    """Return how many elements are drawn for one; those that use themselves draw endlessly many."""
    if id(element) not in known:
        known[id(element)] = MAX_DRAWN + 1  # until it is counted
        count = 1 + sum(_n_drawn(child, named, known) for child in element)
        for name, value in element.attrib.items():
            if name.endswith("href") and value[:1] == "#" and value[1:] in named:
                count += _n_drawn(named[value[1:]], named, known)
        known[id(element)] = min(count, MAX_DRAWN + 1)
    return known[id(element)]


def _depth(html: str) -> int:
    """Return how deep elements nest at most, counting those that are never closed; a stray end tag closes nothing."""
    inside: Counter[str] = Counter()
    deepest = 0
    for tag in TAG.finditer(html):
        name = tag[2].lower()
        if not tag[1] and name not in VOID:
            inside[name] += 1
            deepest = max(deepest, inside.total())
        elif tag[1] and inside[name]:
            inside[name] -= 1
        if deepest > MAX_DEPTH:
            break
    return deepest


@cache
def _attributes() -> dict[str, set[str]]:
    mathematics = {tag: set(formulas.ATTRIBUTES) for tag in formulas.TAGS}
    return {tag: HTML_ATTRIBUTES.get(tag, set()) | mathematics.get(tag, set()) for tag in TAGS | formulas.TAGS}


def _harmless(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if LINK.match(value) else None
    if attribute == "src":
        found = DATA_URL.match(value)
        return picture_url(found[1].lower(), value[found.end() :]) if found else None
    if attribute == "class":
        known = value in OWN_CLASSES.get(tag, ()) or (tag == "span" and TOKEN_CLASS.match(value))
        return value if known else None
    return value


@cache
def _renderer(kind: str) -> MarkdownIt:
    if kind == "phrase":
        parser = MarkdownIt("zero").enable("backticks")
    else:
        parser = MarkdownIt("commonmark", {"html": kind == "student", "maxNesting": 20}).enable("table")
        parser.block.ruler.before("fence", "brackets", _bracket_block, {"alt": ["paragraph"]})
        parser.add_render_rule("fence", _render_fence)
        parser.add_render_rule("image", _render_image)
        parser.add_render_rule("math_brackets_block", _render_math)
    dollarmath_plugin(
        parser,
        allow_labels=False,
        allow_space=kind == "student",
        allow_digits=kind == "student",
        double_inline=True,
        renderer=lambda content, options: mathml(content, display=bool(options["display_mode"])),
    )
    parser.inline.ruler.before("math_inline", "brackets", _bracket_inline)
    parser.add_render_rule("math_brackets", _render_math)
    return parser


def _opened(text: str, start: int) -> tuple[int, int, int, bool] | None:
    """Return content start, content end, end and displayed for the LaTeX bracket or environment that opens here."""
    for opening, closing in BRACKETS:
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening), start + formulas.MAX_LENGTH)
            found = end > 0 and text[start + len(opening) : end].strip()
            return (start + len(opening), end, end + len(closing), opening.endswith("[")) if found else None
    if begin := BEGIN.match(text, start):
        closing = rf"\end{{{begin[1]}}}"
        end = text.find(closing, begin.end(), start + formulas.MAX_LENGTH)
        return (start, end + len(closing), end + len(closing), True) if end > 0 else None
    return None


def _bracket_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    found = _opened(state.src, state.pos) if state.src[state.pos] == "\\" else None
    if found is None:
        return False
    if not silent:
        token = state.push("math_brackets", "math", 0)
        token.content, token.meta = state.src[found[0] : found[1]], {"display": found[3]}
    state.pos = found[2]
    return True


def _bracket_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
    first = state.bMarks[start] + state.tShift[start]
    if state.src[first : first + 1] != "\\" or state.is_code_block(start):
        return False
    found = _opened(state.src, first)
    if found is None or not found[3] or found[2] > state.eMarks[end - 1]:
        return False
    last = next(line for line in range(start, end) if state.eMarks[line] >= found[2])
    if state.src[found[2] : state.eMarks[last]].strip(" .,;\t"):
        return False  # text goes on behind it: it is part of a paragraph
    if not silent:
        token = state.push("math_brackets_block", "math", 0)
        token.content, token.meta = state.src[found[0] : found[1]], {"display": True}
        token.map = [start, last + 1]
    state.line = last + 1
    return True


def _render_math(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    return mathml(tokens[index].content, display=tokens[index].meta["display"])


def _render_fence(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    language = tokens[index].info.strip().lower()
    show: Callable[[str], str] = code if language in ("", "python", "py", "python3", "ipython") else escapeHtml
    return f"<pre><code>{show(tokens[index].content)}</code></pre>"


def _render_image(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """Show a picture that travels inside the text; of any other only what it is called."""
    token = tokens[index]
    source, name = str(token.attrs.get("src", "")), inline(token.content)
    if DATA_URL.match(source):
        return f'<img src="{escapeHtml(source)}" alt="{escapeHtml(name or "picture")}">'
    return f"<em>[picture not shown{': ' if name else ''}{escapeHtml(name)}]</em>"
