"""Python of a cell as far as it can be parsed: whole, or else statement by statement."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from grader.notebook.magics import without_comments, without_magics

_MAX_SOURCE = 250_000  # characters; a longer cell is data, and its syntax tree large and slow
_MAX_JOINED = 50  # statements tried together where a bracket or a string stays open
_MAX_JOINS = 10  # such trials that may fail in one cell; each costs as many parses
_CONTINUES = re.compile(r"[ \t)\]}#]|$|(?:else|elif|except|finally|case)\b")
_BLOCK = re.compile(r"\s*(?:(?:async|def|class|if|for|while|elif|with|except)\b.|(?:else|try|finally|except)\s*:)")
_STAYS_OPEN = ("unterminated triple-quoted", "was never closed", "unexpected EOF", "expected 'except'")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of top-level statements; `tree` is None where it does not parse."""

    text: str
    tree: ast.Module | None


def parse(source: str) -> ast.Module | str:
    """Return the syntax tree, or the reason there is none, without a warning and whatever the text."""
    if len(source) > _MAX_SOURCE:
        return "The cell is longer than 250,000 characters."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as exc:
        lines = source.split("\n")
        number = min(max(exc.lineno or 1, 1), len(lines))
        shown = lines[number - 1].strip()[:60]
        return f"Line {number} is not Python: {exc.msg}" + (f" (`{shown}`)." if shown else ".")
    except (RecursionError, MemoryError):
        return "The cell is nested too deeply to be read."
    except (ValueError, OverflowError) as exc:
        return f"The cell cannot be read: {exc}."


def pieces(source: str) -> tuple[Piece, ...]:
    """Return a cell's source without its magics: in one piece if it parses, else statement by statement."""
    plain = without_magics(source)
    tree = parse(plain)
    if isinstance(tree, ast.Module):
        return (Piece(text=plain, tree=tree),)
    if len(plain) > _MAX_SOURCE:
        return ()
    return tuple(_parsed_apart(_statements(plain)))


def _statements(source: str) -> list[str]:
    """Split where a line begins at the margin with something that can begin a statement."""
    found: list[str] = []
    decorated = False
    for line in re.findall(r"[^\n]*\n|[^\n]+", source):
        if found and (decorated or _CONTINUES.match(line)):
            found[-1] += line
        else:
            found.append(line)
        decorated = line.startswith("@") or (decorated and not line.strip())
    return found


def _parsed_apart(statements: list[str]) -> Iterator[Piece]:
    position = failed = 0
    while position < len(statements):
        text, tree, used = statements[position], parse(statements[position]), 1
        if isinstance(tree, str) and failed < _MAX_JOINS and any(sign in tree for sign in _STAYS_OPEN):
            text, tree, used = _joined(statements, position)
            failed += isinstance(tree, str)
        if isinstance(tree, str):
            tree = parse(completed(text))
        yield Piece(text=text, tree=tree if isinstance(tree, ast.Module) else None)
        position += used


def _joined(statements: list[str], position: int) -> tuple[str, ast.Module | str, int]:
    """Try the statement with those after it, for one that a string or bracket carries over the margin."""
    text = statements[position]
    for used in range(2, _MAX_JOINED + 1):
        if position + used > len(statements):
            break
        text += statements[position + used - 1]
        tree = parse(text)
        if isinstance(tree, ast.Module):
            return text, tree, used
    return statements[position], "", 1


def completed(text: str) -> str:
    """Return the text with a stub's blanks filled: `x =` gets None, a block without a body gets `pass`."""
    lines = [line for line in without_comments(text).split("\n") if line.strip()]
    filled = []
    for number, line in enumerate(lines):
        line = re.sub(r"^([^=!<>]*[^=!<>])=\s*$", r"\1= None", line)
        filled.append(line.rstrip())
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _BLOCK.match(line) and _indent(following) <= _indent(line):
            filled[-1] += " pass" if filled[-1].endswith(":") else ": pass"
    return "\n".join(filled)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
