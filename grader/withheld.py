"""Which lines of hidden tests would tell a student something, and whether a text has one of them.

A line, or two in a row, tells when, blanks, quotes and backslashes aside, it has at least LONG characters with a letter
among them, is no import, and does not stand in what the student reads or wrote anyway. The lines of texts within a test
count as well: a test of otter's is such a text, and what an `assert` says is one.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

LONG = 12
_ASIDE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\s\"'\\]+")  # colours, and what `repr` and layout change
_TAG = re.compile(r"<[^<>]*>")
IMPORT = re.compile(r"(?:from\s+\S+\s+)?import\s")
_PROMPT = re.compile(r"\s*(?:>>>|\.\.\.) (.*)")


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """The lines that a student's report must not have, squeezed."""

    lines: frozenset[str] = frozenset()

    @classmethod
    def of(cls, sources: Iterable[str], known: Iterable[str]) -> Withheld:
        """Return the telling lines of hidden sources; `known` are the texts that the student has."""
        read = _squeezed("\n".join(known))
        found = {_squeezed(line) for source in sources for line in _lines(source) if _tells(line)}
        return cls(lines=frozenset(line for line in found if line not in read))

    def is_in(self, said: Any) -> bool:
        """Tell whether a text, or the texts in plain data together, have one of the lines, also as a page shows it."""
        if not self.lines:
            return False
        text = "".join(_texts(said))
        shapes = {_squeezed(text), _squeezed(html.unescape(_TAG.sub("", text)))}  # mostly one
        return any(line in shape for shape in shapes for line in self.lines)


def _texts(said: Any) -> Iterator[str]:
    """Yield every text in plain data."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict | list | tuple):
        for each in said.values() if isinstance(said, dict) else said:
            yield from _texts(each)


def _squeezed(text: str) -> str:
    return _ASIDE.sub("", text)


def _tells(line: str) -> bool:
    squeezed = _squeezed(line)
    return len(squeezed) >= LONG and any(map(str.isalpha, squeezed)) and not IMPORT.match(line.strip())


def _lines(source: str) -> Iterator[str]:
    yield from _by_ones_and_twos(source)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # with magics of IPython's it is no Python
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _spoken(node.value)


def _spoken(text: str) -> Iterator[str]:
    """Yield the lines of a text in a test that are code or sentences.

    A lone word is everywhere, and what a doctest expects is what a right notebook shows of itself.
    """
    code = [match[1] for line in text.splitlines() if (match := _PROMPT.match(line))]
    if code:
        yield from code
        yield from (lines for lines in _by_ones_and_twos(text) if "\n" in lines and _PROMPT.search(lines))
    elif "\n" in text.strip():
        yield from _by_ones_and_twos(text)
    elif " " in text.strip():
        yield text


def _by_ones_and_twos(text: str) -> Iterator[str]:
    """Yield the lines of a text, and each with the next one: two that are short may tell something together."""
    lines = [line for line in text.splitlines() if line.strip()]
    yield from lines
    yield from map("\n".join, pairwise(lines))
