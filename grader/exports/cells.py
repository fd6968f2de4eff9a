"""The cells of a table as text: nothing in them steers a spreadsheet or a terminal."""

from __future__ import annotations

import math
import unicodedata

FORMULA_STARTS = frozenset("=+-@")
TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})  # of the writing direction


def text(value: str) -> str:
    """Return a text for a cell, with an apostrophe before it where a spreadsheet could take it for a formula.

    It has one line, and no character in it steers a terminal or turns the writing direction.
    """
    value = "".join(map(_harmless, value))
    return f"'{value}" if starts_formula(value) else value


def starts_formula(value: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    seen = unicodedata.normalize("NFKC", value).lstrip()
    first = next((char for char in seen if unicodedata.category(char) not in {"Cf", "Cc"} and not char.isspace()), "")
    return value[:1] in FORMULA_STARTS or first in FORMULA_STARTS


def number(value: float) -> str:
    """Return a number with at most two decimals, the empty text for what is no number."""
    if not math.isfinite(value):
        return ""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")  # adding 0.0 makes -0.0 plain


def _harmless(char: str) -> str:
    """Return a character, or what stands for it in a cell."""
    if char in "\t\r\n\x0b\x0c\x85\u2028\u2029":
        return " "
    steers = unicodedata.category(char) in {"Cc", "Cs"} or unicodedata.bidirectional(char) in TURNS
    return "\ufffd" if steers else char
