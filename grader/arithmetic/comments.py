"""The working that stands in a code cell: comments, and the text of strings; nothing is run."""

from __future__ import annotations

import io
import re
import tokenize

MAX_SOURCE = 200_000
_PLACEHOLDER = re.compile(r"\{[^{}]{0,200}\}")
_STRING = re.compile(r"(?s)([a-zA-Z]{0,3})(\"\"\"|'''|\"|')(.*)\2")


def working_in_code(source: str) -> str:
    """Return comments and strings of a code cell as lines, each where it stands; what is filled in becomes a gap.

    A comment that begins with = goes on with the code before it: `n = 3 * 3  # = 9` reads `n = 3 * 3 = 9`.
    """
    lines: dict[int, list[str]] = {}
    parts: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source[:MAX_SOURCE]).readline):
            _collect(token, lines, parts)
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        pass  # what was read until then counts
    last = max(lines, default=0)
    return "\n".join(" ; ".join(lines.get(number, ())) for number in range(1, last + 1))


def _collect(token: tokenize.TokenInfo, lines: dict[int, list[str]], parts: list[str]) -> None:
    name, row = tokenize.tok_name[token.type], token.start[0]
    if name == "COMMENT":
        text = token.string.lstrip("#").strip()
        lines.setdefault(row, []).append(_with_code(token) + text if text[:1] in ("=", "≈") else text)
    elif name == "STRING":
        _add_string(token.string, row, lines)
    elif name == "FSTRING_START":
        parts.clear()
    elif name == "FSTRING_MIDDLE":
        parts.append(token.string)
    elif name == "FSTRING_END":
        _add_text(" … ".join(["", *parts, ""]), row, lines)


def _with_code(token: tokenize.TokenInfo) -> str:
    code = token.line[: token.start[1]].strip()
    return code + " " if len(code) < 300 else ""


def _add_string(string: str, row: int, lines: dict[int, list[str]]) -> None:
    match = _STRING.fullmatch(string)
    if match is not None:
        text = _PLACEHOLDER.sub(" … ", match[3]) if "f" in match[1].lower() else match[3]
        _add_text(text if "r" in match[1].lower() else text.replace("\\n", "\n").replace("\\t", " "), row, lines)


def _add_text(text: str, row: int, lines: dict[int, list[str]]) -> None:
    for at, line in enumerate(text.split("\n")):
        lines.setdefault(row + at, []).append(line)
