"""Where a notebook keeps the parameters of its network: three weight matrices and three biases, whatever their form.

Students keep them in a list, a dict, separate names or an object, weights as (in, out) or (out, in), biases as (n,),
(1, n), (n, 1) or the number 0.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.probe import Thing

SIZES = (784, 32, 32, 10)
PIXELS = SIZES[0]
WEIGHT_SHAPES = tuple(itertools.pairwise(SIZES))
BIAS_SHAPES = tuple((n,) for n in SIZES[1:])
NAMES = ("W1", "W2", "W3", "b1", "b2", "b3")
NOT_PARAMETERS = re.compile(
    r"^(d_?([a-z]s?_?\d*|\d+)$|d_?(weight|bias)|d[lw]_?d|g_|old|prev|best)|grad|delta|nabla|veloc|moment", re.IGNORECASE
)
BIAS_NAME = re.compile(r"(^|_)b(ias(es)?)?[_\d]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Layers:
    """Parameters in the reference's form: weights (n_in, n_out), biases (n_out,)."""

    weights: list[np.ndarray]
    biases: list[np.ndarray]

    def named(self) -> dict[str, np.ndarray]:
        """Return W1…W3 and b1…b3."""
        return dict(zip(NAMES, [*self.weights, *self.biases], strict=True))


@dataclass(frozen=True, kw_only=True)
class Holder:
    """One place where the notebook keeps three weight matrices, or three biases."""

    slots: tuple[Thing, ...]

    @property
    def label(self) -> str:
        """How the student would call it."""
        first, last = self.slots[0].label, self.slots[-1].label
        return f"`{first}` to `{last}`"

    @property
    def has_arrays(self) -> bool:
        """Whether there are arrays, not numbers that stand for them."""
        return all(slot.kind == "array" for slot in self.slots)

    @property
    def is_out_in(self) -> bool:
        """Whether these weights are (out, in): the first one, which is not square, shows it."""
        return self.slots[0].shape == WEIGHT_SHAPES[0][::-1]


def find_weights(things: Sequence[Thing]) -> list[Holder]:
    """Return every place with three weight matrices, the deepest first."""
    return _holders(_groups(things), _fits_weight)


def find_biases(things: Sequence[Thing]) -> list[Holder]:
    """Return every place with three biases, the deepest first; numbers count only where there are no arrays."""
    found = _holders(_groups(things), _fits_bias)
    return [holder for holder in found if holder.has_arrays] or found


def follow(values: Any, path: Sequence[tuple[str, str | int]]) -> Any:
    """Return what lies at a path; LookupError, TypeError or AttributeError where there is nothing."""
    for kind, key in path:
        values = getattr(values, str(key)) if kind == "attr" else values[key]
    return values


def of_shapes(value: Any, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray] | None:
    """Return the arrays of these sizes, in order, from whatever a function returned."""
    arrays = list(_arrays(value))
    found: list[np.ndarray] = []
    for shape in shapes:
        fitting = [a for a in arrays if a.size == np.prod(shape) and not any(a is b for b in found)]
        if not fitting:
            return None
        found.append(fitting[0])
    return found


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray) and value.dtype != object:
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(_arrays, value.values()))
    elif isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0):
        yield from itertools.chain.from_iterable(map(_arrays, value))


def _groups(things: Sequence[Thing]) -> dict[tuple[str, ...], list[Thing]]:
    """Group arrays and numbers by where they lie, numbers in names and indices left out: `W1`, `W2` are one group."""
    groups: dict[tuple[str, ...], list[Thing]] = {}
    for thing in (leaf for top in things for leaf in top.walk()):
        steps = [step for _, step in thing.path if isinstance(step, str)]
        if thing.kind in ("array", "number") and not any(map(NOT_PARAMETERS.search, steps)):
            key = tuple("*" if isinstance(step, int) else re.sub(r"\d+", "#", step) for _, step in thing.path)
            groups.setdefault(key, []).append(thing)
    everything = [thing for group in groups.values() for thing in group if thing.kind == "array"]
    return {**groups, ("anything",): everything}


def _holders(groups: dict[tuple[str, ...], list[Thing]], fits: Callable[[Thing, int], bool]) -> list[Holder]:
    found = []
    for key, group in groups.items():
        if key == ("anything",) and any(holder.has_arrays for holder in found):
            break  # only where no list, dict or row of names holds all three
        slots = _slots(_ordered(group), fits)
        if slots is not None:
            found.append(Holder(slots=slots))
    return sorted(found, key=lambda holder: len(holder.slots[0].path), reverse=True)


def _ordered(group: list[Thing]) -> list[Thing]:
    """Sort separate names by their number (`W2` before `W10`); what lies in a list or dict keeps its order."""
    if all(len(thing.path) == 1 for thing in group):
        return sorted(group, key=lambda thing: [int(n) for n in re.findall(r"\d+", thing.name)])
    return group


def _slots(group: list[Thing], fits: Callable[[Thing, int], bool]) -> tuple[Thing, ...] | None:
    """Return three things of a group that fit the three layers in order, each used once."""
    taken: list[Thing] = []
    for layer in range(3):
        fitting = [thing for thing in group if fits(thing, layer) and thing not in taken]
        if not fitting:
            return None
        taken.append(fitting[0])
    return tuple(taken)


def _fits_weight(thing: Thing, layer: int) -> bool:
    return thing.kind == "array" and thing.shape in (WEIGHT_SHAPES[layer], WEIGHT_SHAPES[layer][::-1])


def _fits_bias(thing: Thing, layer: int) -> bool:
    if thing.kind == "number":
        return bool(BIAS_NAME.search([step for _, step in thing.path if isinstance(step, str)][-1]))
    return thing.shape in bias_shapes(layer)


def bias_shapes(layer: int) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of an array that mean a bias of this layer."""
    n = SIZES[layer + 1]
    return ((n,), (n, 1), (1, n))
