"""The little YAML that otter's notebooks hold: keys with values, lists and further keys below them, by indentation.

Values are numbers, truths, nothing, texts with or without quotes, and lists in brackets. Texts over several lines
(`key: |`) are taken as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

KEY = re.compile(r"""(?P<key>[\w.-]+|"[^"]*"|'[^']*')\s*:(?:\s+(?P<value>.*))?$""")
COMMENT = re.compile(r"""^((?:[^'"#]|"[^"]*"|'[^']*'|(?<=\S)#)*?)(?:(?:^|\s)#.*)?$""")
WORDS: dict[str, Any] = {"": None, "null": None, "~": None, "true": True, "false": False}
WORDS |= {"yes": True, "no": False, "on": True, "off": False}
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")


class NotUnderstood(Exception):
    """A line that is more than this reads."""


@dataclass(frozen=True, kw_only=True)
class _Line:
    indent: int
    text: str


def read_yaml(text: str) -> Any:
    """Return what a text says: a dictionary or a list; None where it says nothing. NotUnderstood names the line."""
    lines = [_line(each) for each in text.expandtabs().split("\n")]
    found, rest = _block([line for line in lines if line.text], 0)
    if rest:
        raise NotUnderstood(rest[0].text)
    return found


def _line(text: str) -> _Line:
    plain = COMMENT.match(text)
    kept = (plain[1] if plain is not None else text).rstrip()
    return _Line(indent=len(kept) - len(kept.lstrip()), text=kept.strip())


def _block(lines: list[_Line], indent: int) -> tuple[Any, list[_Line]]:
    """Return the value that begins with the first line, and the lines after it."""
    if not lines or lines[0].indent < indent:
        return None, lines
    return (_list if _is_item(lines[0]) else _keys)(lines, lines[0].indent)


def _is_item(line: _Line) -> bool:
    return line.text == "-" or line.text.startswith("- ")


def _list(lines: list[_Line], indent: int) -> tuple[list[Any], list[_Line]]:
    found: list[Any] = []
    while lines and lines[0].indent == indent and _is_item(lines[0]):
        text = lines[0].text[1:].strip()
        if not text or KEY.match(text):
            inner = _Line(indent=indent + 2, text=text)
            value, lines = _block([*([inner] if text else []), *lines[1:]], indent + 1)
        else:
            value, lines = _value(text), lines[1:]
        found.append(value)
    return found, lines


def _keys(lines: list[_Line], indent: int) -> tuple[dict[str, Any], list[_Line]]:
    found: dict[str, Any] = {}
    while lines and lines[0].indent == indent:
        match = KEY.match(lines[0].text)
        if match is None:
            raise NotUnderstood(lines[0].text)
        text, lines = (match["value"] or "").strip(), lines[1:]
        if text[:1] in ("|", ">"):
            value, lines = _folded(lines, indent)
        elif text:
            value = _value(text)
        else:
            deeper = indent if lines and _is_item(lines[0]) else indent + 1
            value, lines = _block(lines, deeper)
        found[match["key"].strip("'\"")] = value
    return found, lines


def _folded(lines: list[_Line], indent: int) -> tuple[str, list[_Line]]:
    count = next((number for number, line in enumerate(lines) if line.indent <= indent), len(lines))
    return "\n".join(line.text for line in lines[:count]), lines[count:]


def _value(text: str) -> Any:
    if text[0] in "[{" and text[-1] in "]}":
        inner = text[1:-1].strip()
        parts = [part.strip() for part in inner.split(",")] if inner else []
        return [_value(part) for part in parts] if text[0] == "[" else _flat(parts)
    if text[0] in "'\"" and len(text) > 1 and text[-1] == text[0]:
        return text[1:-1]
    if text[0] in "&*!{[%@`":
        raise NotUnderstood(text)
    if NUMBER.fullmatch(text):
        return float(text) if re.search(r"[.eE]", text) else int(text)
    return WORDS.get(text.lower(), text)


def _flat(parts: list[str]) -> dict[str, Any]:
    found = [KEY.match(part) for part in parts]
    if None in found:
        raise NotUnderstood(", ".join(parts))
    return {match["key"].strip("'\""): _value((match["value"] or "").strip() or "~") for match in found if match}
