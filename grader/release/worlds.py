"""The worlds of derivations in a bundle: what is needed to judge a line, without the steps and without the result.

Waypoints are steps of a solution, so they stay behind; so does the result to be reached, unless the notebook that is
handed out states it. Without them a self-check says of every line whether it holds, and no more.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from grader.release.tables import toml

STEPS_NOTE = (
    "Of derivations this looks at the lines you wrote, one by one. Whether the steps asked for are all there is looked "
    "at when your homework is graded."
)
RESULT_NOTE = (
    "Whether a derivation reaches a result that your notebook does not state is looked at when your homework is graded."
)
_RESULT = ("target", "target_also", "target_without")
_LAYOUT = re.compile(
    r"\\(?:(?:left|right|quad|qquad|text|mathrm|operatorname|displaystyle|cdot|bigl|bigr|big|Big)(?![a-zA-Z])|[,;!: ])"
    r"|[\s${}&]"
)


def bare_world(written: str, said: str) -> tuple[str, tuple[str, ...]]:
    """Return a world without what gives its solution away, and what readers of a self-check must know about that.

    `said` is all the text of the notebook as it is handed out.
    """
    world = tomllib.loads(written)
    notes = []
    if world.pop("waypoints", None):
        notes.append(STEPS_NOTE)
    if world.get("target") and not states(said, world["target"]):
        notes.append(RESULT_NOTE)
        for name in _RESULT:
            world.pop(name, None)
    elif "target_also" in world:
        world["target_also"] = [each for each in world["target_also"] if states(said, each)]
    return toml(world), tuple(notes)


def states(said: str, equation: str) -> bool:
    """Tell whether a text has an equals sign with the right side of an equation behind it, whatever its layout."""
    return "=" + _plain(equation.partition("=")[2]) in _plain(said)


def _plain(latex: str) -> str:
    return _LAYOUT.sub("", latex)


def shown(world: dict[str, Any]) -> list[str]:
    """Return the formulas of a world that are steps or results of its solution."""
    steps = [formula for waypoint in world.get("waypoints", ()) for formula in waypoint["any_of"]]
    return [*steps, *filter(None, [world.get("target", "")]), *world.get("target_also", ())]
