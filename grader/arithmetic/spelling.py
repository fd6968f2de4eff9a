r"""From Markdown and LaTeX to plain lines: `\times` becomes ×, emphasis and spacing go, rows become lines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

MAX_CHARACTERS = 100_000
MAX_LINE = 3_000

_COMMANDS = {
    "times": "×", "cdot": "·", "ast": "*", "div": "÷", "approx": "≈", "approxeq": "≈", "simeq": "≈", "sim": "≈",
    "cdots": "…", "ldots": "…", "dots": "…", "sqrt": "√", "frac": "⁄", "dfrac": "⁄", "tfrac": "⁄", "cfrac": "⁄",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "quad": " ; ", "qquad": " ; ", "Rightarrow": "⇒",
    "implies": "⇒", "to": "⇒", "rightarrow": "⇒", "Longrightarrow": "⇒", "le": "<", "leq": "<", "ge": ">", "geq": ">",
    "lt": "<", "gt": ">", "ne": "≠", "neq": "≠", "%": "%", "{": "(", "}": ")", "lbrace": "(", "rbrace": ")",
    "lbrack": "[", "rbrack": "]", "*": "*", "_": "_", "#": "#", "&": "and", "$": " ", "(": " ", ")": " ", "[": " ",
    "]": " ", "-": "-", "+": "+", "=": "=", ".": ".", "therefore": "⇒", "equiv": "=", "mid": "|", "bullet": "·",
}  # fmt: skip
_GONE = frozenset(
    """left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle underbrace overbrace boxed mathbf
    boldsymbol bf bm nonumber notag limits hline underline , ; : ! > enspace thinspace phantom mathstrut strut
    rm it""".split()  # noqa: SIM905
)
_TEXT = re.compile(
    r"\\(?:text|mathrm|mbox|textbf|textit|operatorname|mathit|texttt|textrm|mathsf|mathtt)\s{0,9}\{([^{}]{0,200})\}"
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s{0,9}\{[a-zA-Z]{1,20}\*?\}(?:\{[lcr|]{0,20}\})?")
_ROW = re.compile(r"\\\\(?:\[[^\[\]]{0,20}\])?")
_COMMAND = re.compile(r"\\([a-zA-Z]+|.)")
_BELOW = re.compile(r"_\s?(?:\{[^{}]{0,200}\}|(?<=[})]_)\w)")
_THOUSANDS = re.compile(r"(?<=\d)(?:\\[,;: ]|[\u202f\u2009\u00a0'’]|\{\\,\})(?=\d{3}(?!\d))")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,100}>")
_BREAK = re.compile(r"<br\s{0,5}/?>", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s)]{1,300}")
_EMPHASIS = re.compile(r"(?<![\w)\]*])\*(?=[^\s*])([^*\n]{1,80})(?<=[^\s*])\*(?![\w(\[*])")
_UNDERSCORE = re.compile(r"(?<![\w}])_{1,2}(?=[^\s_{])|(?<=[^\s_])_{1,2}(?![\w{])")
_BETWEEN_X = re.compile(r"(?<=[\d)\]}])(\s{0,3})[xX](\s{0,3})(?=[\d(\[{√])")
_POWER = re.compile(r"(?<=[\d)\]}])(?:\*\*|( )\*\*(?= ))(?=\s?[\d(\[{+−-])")
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SIGNS = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "⋅": "·", "∙": "·", "•": "·", "∗": "*", "✕": "×", "✖": "×",
        "⨯": "×", "╳": "×", "х": "×", "∕": "/", "：": ":", "＝": "=", "≅": "≈", "≃": "≈", "→": "⇒", "⟹": "⇒", "➔": "⇒",
        "≤": "<", "≥": ">", "≡": "=", "`": " ", "$": " ", "\t": " ", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
        "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "∴": "⇒", "（": "(", "）": ")", "\u200b": "", "\ufeff": "",
    }
)  # fmt: skip
_OPENED = re.compile(r"[(\[]\s?([=≈])")
_BULLET = re.compile(r"\s{0,12}(?:>\s?){0,5}\s{0,12}(?:#{1,6}\s+|([-*+•·])\s+|\(?\d{1,2}[.)]\s+|\(?[a-hA-H][.)]\s+)?")
_CONTINUES = re.compile(r"\s*(?:=|≈|[×·/÷+*-]\s?[\d(])")


def plain_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield line numbers, from 1, and plain lines; a line that begins with = or goes on belongs to the one before."""
    number, pending, marked = 0, "", ""
    for at, raw in enumerate(text[:MAX_CHARACTERS].split("\n"), 1):
        for line in _spelled(raw[: MAX_LINE + 1]).split("\n"):
            bullet = _BULLET.match(line)
            mark = bullet[1] or "" if bullet else ""
            if pending and _belongs(pending, line, mark, marked) and len(pending) < MAX_LINE:
                pending += " " + line.strip()
                continue
            if pending.strip():
                yield number, pending
            number, pending, marked = at, line[bullet.end() :] if bullet else line, mark
    if pending.strip():
        yield number, pending


def _belongs(before: str, line: str, mark: str, marked: str) -> bool:
    """Tell whether a line goes on with the one before."""
    last, first = before.rstrip()[-1:], line.lstrip()[:1]
    if not last or not first:
        return False
    if first in "=≈" or (last in "=≈+×·/÷*-" and not mark):
        return True
    if mark and mark == marked:
        return False
    return _CONTINUES.match(line) is not None and (last.isdigit() or last in ")]}")


def _spelled(raw: str) -> str:
    """Return one line of the source in plain signs; a row of a LaTeX table becomes a line."""
    if "&" in raw and ";" in raw:
        raw = html.unescape(raw)
    if "<" in raw:
        raw = _TAG.sub(" ", _BREAK.sub("\n", raw))
    if "://" in raw:
        raw = _LINK.sub("link", raw)
    raw = raw.replace("&=", "=")
    raw = _THOUSANDS.sub("_", raw).replace("{,}", ",")
    if "\\" in raw:
        raw = _from_latex(raw)
    elif "_{" in raw:
        raw = _BELOW.sub("", raw)
    raw = raw.translate(_SIGNS)
    raw = _RAISED.sub(lambda m: "^(" + m.group().translate(_DIGITS) + ")", raw)
    return _unmarked(_OPENED.sub(r" \1", raw))


def _from_latex(raw: str) -> str:
    raw = _ROW.sub("\n", _ENVIRONMENT.sub("\n", raw)).replace("&", " ")
    for _ in range(3):
        raw, count = _TEXT.subn(r" \1 ", raw)
        if not count:
            break
    raw = _COMMAND.sub(_command, raw)
    return _BELOW.sub("", raw)


def _command(match: re.Match[str]) -> str:
    name = match[1]
    if name in _GONE:
        return "" if name in ("left", "right") else " "
    return _COMMANDS.get(name, f" \\{name} " if name.isalpha() else " ")


def _unmarked(raw: str) -> str:
    """Take emphasis away, and tell the × that is typed as x or the power typed as ** from letters and bold print."""
    raw = _BETWEEN_X.sub(r"\1×\2", raw)
    if "*" in raw:
        raw = _POWER.sub("^", raw).replace("**", " ")
        raw = _EMPHASIS.sub(r" \1 ", raw)
    if "_" in raw:
        raw = _UNDERSCORE.sub(" ", raw)
    return raw
