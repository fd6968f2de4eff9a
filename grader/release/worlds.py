"""The worlds of derivations in a bundle: what is needed to judge a line, without the steps and without the result.

Waypoints are steps of a solution, so they stay behind; so does the result to be reached, unless the notebook that is
handed out states it. Without them a self-check says of every line whether it holds, and no more.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from grader.release.tables import toml

STEPS_NOTE = (
    "Of derivations this looks at the lines you wrote, one by one. Whether the steps asked for are all there is looked "
    "at when your homework is graded."
)
RESULT_NOTE = (
    "Whether a derivation reaches a result that your notebook does not state is looked at when your homework is graded."
)
NO_WORLD: Mapping[str, Any] = MappingProxyType({})
_RESULT = ("target", "target_also", "target_without")
_LAYOUT = re.compile(
    r"\\(?:left|right|text|mathrm|operatorname|displaystyle|cdot|bigl|bigr|big|Big)(?![a-zA-Z])"
    r"|(?<!\\)\\[,;!: ]|(?<==)\s*&|\s"
)
_NEEDLESS = re.compile(r"\{(\\[a-zA-Z]+|[^\\{}])\}")  # braces around a single sign
_END = r"(?=\Z|[$&;=]|[.,](?!\d)|\\\\|\\q?quad|\\end|\\[\])])"  # of a formula


def bare_world(written: str, said: str) -> tuple[str, tuple[str, ...]]:
    """Return a world without what gives its solution away, and what readers of a self-check must know about that.

    `said` is all the text of the notebook as it is handed out.
    """
    world = tomllib.loads(written)
    notes = []
    if world.pop("waypoints", None):
        notes.append(STEPS_NOTE)
    if world.get("target") and not states(said, world["target"], world):
        notes.append(RESULT_NOTE)
        _take_out_result(world)
    elif "target_also" in world:
        world["target_also"] = [each for each in world["target_also"] if states(said, each, world)]
    return toml(world), tuple(notes)


def _take_out_result(world: dict[str, Any]) -> None:
    """Take the result out of a world, also where an assumption has it."""
    results = {_right(each, world) for each in (world["target"], *world.get("target_also", ()))}
    for name in _RESULT:
        world.pop(name, None)
    for assumption in world.get("assumptions", ()):
        if "variance" in assumption and _right(assumption["variance"], world) in results:
            del assumption["variance"]


def states(said: str, formula: str, world: Mapping[str, Any] = NO_WORLD) -> bool:
    """Tell whether a text has an equals sign and behind it the right side of a formula, and nothing more.

    Neither layout matters nor which of its names a symbol of the world has.
    """
    return re.search(re.escape(f"={_right(formula, world)}") + _END, _plain(said, world)) is not None


def _right(formula: str, world: Mapping[str, Any]) -> str:
    """Return the right side of an equation, or a formula that is none, without its layout."""
    return _plain(formula.partition("=")[2] or formula, world)


def _plain(latex: str, world: Mapping[str, Any]) -> str:
    return _NEEDLESS.sub(r"\1", _LAYOUT.sub("", _by_name(latex, world)))


def _by_name(latex: str, world: Mapping[str, Any]) -> str:
    """Return LaTeX with the names of symbols in place of their other spellings."""
    symbols = world.get("symbols", {}).items()
    names = {alias: name for name, symbol in symbols for alias in symbol.get("aliases", ())}
    if not names:
        return latex
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"(?<![\\a-zA-Z])(?:{longest_first})(?![a-zA-Z])", lambda found: names[found[0]], latex)


def shown(world: dict[str, Any]) -> list[str]:
    """Return the formulas of a world that are steps or results of its solution."""
    steps = [formula for waypoint in world.get("waypoints", ()) for formula in waypoint["any_of"]]
    return [*steps, *filter(None, [world.get("target", "")]), *world.get("target_also", ())]
