"""Fenced code blocks in Markdown, as CommonMark has them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([^\n]*)$")


@dataclass(frozen=True, kw_only=True)
class Fenced:
    """A Markdown text taken apart: lines outside fences (None inside), and blocks as (language, code)."""

    outside: tuple[str | None, ...]
    blocks: tuple[tuple[str, str], ...]


def take_apart(text: str) -> Fenced:
    """Return the lines outside fences and the fenced blocks; a fence never closed reaches to the end."""
    outside: list[str | None] = []
    blocks: list[tuple[str, list[str]]] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            outside.append(None)
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            else:
                blocks[-1][1].append(line)
        elif found and "`" not in found[2]:
            outside.append(None)
            fence = found[1]
            blocks.append((_language(found[2]), []))
        else:
            outside.append(line)
    joined = tuple((language, textwrap.dedent("\n".join(lines))) for language, lines in blocks)
    return Fenced(outside=tuple(outside), blocks=joined)


def _language(info: str) -> str:
    word = re.match(r"[{.\s]*([\w+#-]*)", info)
    return word[1].lower() if word else ""
