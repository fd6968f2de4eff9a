"""Written numbers: `55,328`, `55.328`, `55 328`, `1_000`, `0,5`, `1.2e6`, `12.4 M`, `80 %`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

GROUPED = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",._"}
PLAIN = re.compile(r"(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?")
MAX_DIGITS = 60
SCALES = {
    "k": 3, "K": 3, "M": 6, "G": 9, "B": 9, "thousand": 3, "million": 6, "millions": 6, "billion": 9, "mio": 6,
    "Mio": 6, "Mrd": 9, "Million": 6, "Millionen": 6, "Milliarden": 9, "Tausend": 3,
    "tausend": 3, "Tsd": 3, "tsd": 3, "mill": 6,
    "mn": 6, "bn": 9, "Mill": 6,
}  # fmt: skip
MEMORY = {"KB": 1, "kB": 1, "MB": 2, "GB": 3, "KiB": 1, "MiB": 2, "GiB": 3}


@dataclass(frozen=True, slots=True)
class Style:
    """One way of reading the numbers of a line; `scale` is 0: units are words, 1: they count, 2: in powers of 1024."""

    german: bool = False
    joined: bool = True
    loose: bool = False
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Number:
    """A value, one unit of its last written digit, and whether it has decimals."""

    value: Fraction
    step: Fraction
    decimal: bool


def read_number(written: str, *, german: bool) -> Number | None:
    """Return what a written number means, None for what is none, such as `1.2.3`."""
    if len(written) > MAX_DIGITS:
        return None
    match = PLAIN.fullmatch(_with_point(written, german=german))
    if match is None or not (match[1] or match[2]):
        return None
    whole, decimals, exponent = match[1] or "0", match[2] or "", int(match[3] or 0)
    step = Fraction(10) ** (exponent - len(decimals))
    return Number(int(whole + decimals) * step, step, bool(decimals) or exponent < 0)


def _with_point(written: str, *, german: bool) -> str:
    """Return a number without marks between thousands, with a point before its decimals."""
    if GROUPED["_"].fullmatch(written):
        return written.replace("_", "")
    commas, points = written.count(","), written.count(".")
    if commas and points:
        last = max(",.", key=written.rfind)
        other = "." if last == "," else ","
        whole, _, decimals = written.rpartition(last)
        return whole.replace(other, "") + "." + decimals if GROUPED[other].fullmatch(whole) else written
    mark = "," if commas else "."
    is_grouped = GROUPED[mark].fullmatch(written) is not None
    if is_grouped and (commas + points > 1 or german == (mark == ".")):
        return written.replace(mark, "")
    return written.replace(",", ".") if commas == 1 else written


def scaled(number: Number, unit: str, style: Style) -> Number:
    """Return a number with a unit that scales it, such as M, million, MB or %."""
    factor = Fraction(1)
    if style.scale and unit == "%":
        factor = Fraction(1, 100)
    elif style.scale and unit in SCALES:
        factor = Fraction(1024 ** (SCALES[unit] // 3) if style.scale == 2 else 10 ** SCALES[unit])
    elif style.scale and unit in MEMORY:
        factor = Fraction(1024 if style.scale == 2 else 1000) ** MEMORY[unit]
    return Number(number.value * factor, number.step * factor, decimal=True)
