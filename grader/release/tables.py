"""Writing TOML: what `assignment.toml` and the worlds of derivations have in a bundle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.authoring.toml import quoted

BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml(table: Mapping[str, Any]) -> str:
    """Return a table as TOML: lists of tables as [[sections]] at the end, other tables in one line."""
    sections = {key: value for key, value in table.items() if _is_section(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in sections]
    for name, parts in sections.items():
        for part in parts:
            lines += ["", f"[[{_key(name)}]]", *(f"{_key(key)} = {_value(value)}" for key, value in part.items())]
    return "\n".join(lines) + "\n"


def _is_section(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else quoted(key)


def _value(value: Any) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"{value!r} has no form in TOML here")
