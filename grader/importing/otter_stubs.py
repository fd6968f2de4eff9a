"""The code of an author's source as students get it: `...` in the place of solutions.

total = sum(values)  # SOLUTION             ->  total = ...
return total  # SOLUTION                    ->  ...
import secret  # SOLUTION NO PROMPT         ->  (nothing)
# BEGIN SOLUTION … # END SOLUTION           ->  ...  (nothing after BEGIN SOLUTION NO PROMPT)
\"\"\" # BEGIN PROMPT … \"\"\" # END PROMPT   ->  what stands between them
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import AssignmentError

PROMPT = "..."
ASSIGNED = re.compile(r"(?P<left>\s*[\w.\[\]'\", ]+?(?<![=!<>+\-*/%&|^@ ])\s*=)(?!=).*#\s*SOLUTION\s*$")
LINE = re.compile(r"(?P<indent>\s*).*#\s*SOLUTION\s*$")
BEGIN = re.compile(r"(?P<indent>\s*)#\s*BEGIN SOLUTION(?P<bare>\s+NO PROMPT)?\s*$")
END = re.compile(r".*#\s*END SOLUTION\s*$")
GONE = re.compile(r".*#\s*(?:SOLUTION NO PROMPT|BEGIN PROMPT|END PROMPT|SEED)\s*$")
IGNORE = re.compile(r"(?!.*#\s*(?:BEGIN|END)\s+IGNORE).*#\s*IGNORE\s*$")
IGNORED = (re.compile(r"\s*#\s*BEGIN\s*IGNORE\s*$", re.IGNORECASE), re.compile(r".*#\s*END IGNORE\s*$"))
LEFT = re.compile(r"#\s*(?:BEGIN |END )?SOLUTION\b")


def without_ignored(source: str, place: str) -> str:
    """Return a cell's source without the lines that are nobody's but the author's."""
    lines = [line for line in source.split("\n") if not IGNORE.match(line)]
    return "\n".join(_outside(lines, IGNORED, place))


def without_solution(source: str, place: str) -> str:
    """Return a cell's source with stubs in the place of solutions; AssignmentError where something of one is left."""
    lines: list[str] = []
    for line in _outside(source.split("\n"), (BEGIN, END), place, stub=True):
        if GONE.match(line):
            continue
        lines.append(_stub(line))
    left = next((line for line in lines if LEFT.search(line)), None)
    if left is not None:
        raise AssignmentError(f"{place}: `{left.strip()}` is a mark of a solution that is not known.")
    return "\n".join(lines)


def _stub(line: str) -> str:
    if match := ASSIGNED.match(line):
        return f"{match['left']} {PROMPT}"
    match = LINE.match(line)
    return line if match is None else f"{match['indent']}{PROMPT}"


def _outside(
    lines: Sequence[str], marks: tuple[re.Pattern[str], re.Pattern[str]], place: str, *, stub: bool = False
) -> list[str]:
    """Return the lines outside of regions, with a stub for each where it is wanted."""
    found: list[str] = []
    inside = False
    for line in lines:
        begin, end = marks[0].match(line), marks[1].match(line)
        if (begin and inside) or (end and not inside):
            raise AssignmentError(f"{place}: `{line.strip()}` does not fit to the marks before it.")
        if begin and stub and not begin["bare"]:
            found.append(f"{begin['indent']}{PROMPT}")
        if not (begin or end or inside):
            found.append(line)
        inside = bool(begin) or (inside and not end)
    if inside:
        raise AssignmentError(f"{place}: a region has no end.")
    return found
