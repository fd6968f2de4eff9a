"""The cells of a table as text: nothing in them steers a spreadsheet or a terminal."""

from __future__ import annotations

import math
import re
import unicodedata

FORMULA_STARTS = frozenset("=+-@")
SEPARATORS = re.compile("([,;])")  # where spreadsheets of some country cut a line; a tab becomes a space before
TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})  # of the writing direction


def text(value: str) -> str:
    """Return a text for a cell, with an apostrophe wherever a spreadsheet could take what follows for a formula.

    That is before it, and behind a comma or semicolon in it: a spreadsheet that separates cells by the other one cuts
    there, also within quotes that do not begin its own cell. The text has one line, and no character in it steers a
    terminal or turns the writing direction.
    """
    parts = SEPARATORS.split("".join(map(_harmless, value)))
    return "".join(f"'{part}" if starts_formula(part.replace('"', "")) else part for part in parts)


def starts_formula(value: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    return any(_first_seen(form) in FORMULA_STARTS for form in (value, unicodedata.normalize("NFKC", value)))


def number(value: float) -> str:
    """Return a number with at most two decimals, the empty text for what is no number."""
    if not math.isfinite(value):
        return ""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")  # adding 0.0 makes -0.0 plain


def _first_seen(value: str) -> str:
    """Return the first character that is no space and not invisible; the empty text when there is none."""
    return next((char for char in value if unicodedata.category(char) not in {"Cf", "Cc"} and not char.isspace()), "")


def _harmless(char: str) -> str:
    """Return a character, or what stands for it in a cell."""
    if char in "\t\r\n\x0b\x0c\x85\u2028\u2029":
        return " "
    steers = unicodedata.category(char) in {"Cc", "Cs"} or unicodedata.bidirectional(char) in TURNS
    return "\ufffd" if steers else char
