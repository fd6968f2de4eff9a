"""Where an object keeps the weights of a network, whatever their form: found by shapes, read and written.

Weights may be (in, out) or (out, in), in a list, a dict, under names of their own or in objects of a layer class;
biases (n,), (1, n), (n, 1), or there may be none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import StudentError

Steps = tuple[tuple[str, str | int], ...]
Leaves = Sequence[tuple[Steps, np.ndarray]]

NOT_WEIGHTS = re.compile(
    r"^(d_?([a-z]s?_?\d*|\d+)$|d_?(weight|bias)|d[lw]_?d|g_|old|prev|best)|grad|delta|nabla|veloc|moment|cache|activ",
    re.IGNORECASE,
)
USUAL = re.compile(r"weight|coef|param|^w", re.IGNORECASE)


@dataclass(frozen=True)
class Layers:
    """Parameters in the reference's form: weights (n_in, n_out), biases (n_out,)."""

    weights: list[np.ndarray]
    biases: list[np.ndarray]
    eps: float = float(np.finfo(np.float64).eps)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of features, and that of units of every layer."""
        return (self.weights[0].shape[0], *(w.shape[1] for w in self.weights))

    def named(self, *, biases: bool = True) -> dict[str, np.ndarray]:
        """Return W1, W2, … and b1, b2, …."""
        named = {f"W{i}": w for i, w in enumerate(self.weights, 1)}
        return named | ({f"b{i}": b for i, b in enumerate(self.biases, 1)} if biases else {})


@dataclass(frozen=True, kw_only=True)
class Holder:
    """One place with a weight matrix per layer, and the place with the biases that belongs to it."""

    weights: tuple[Steps, ...]
    biases: tuple[Steps, ...]
    shapes: dict[Steps, tuple[int, ...]]

    @property
    def label(self) -> str:
        """How the student would write the first matrix."""
        return "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in self.weights[0])

    def pairs(self, layers: Layers) -> list[tuple[list[list[str | int]], np.ndarray]]:
        """Return where to put what so that the object has these weights."""
        values = [
            *zip(self.weights, layers.weights, strict=True),
            *zip(self.biases, layers.biases, strict=False),
        ]
        return [([list(step) for step in steps], _fitted(value, self.shapes[steps])) for steps, value in values]


def find(leaves: Leaves, sizes: Sequence[int]) -> list[Holder]:
    """Return the places that hold weights of a network of these layer sizes, the likely ones first."""
    pairs = list(itertools.pairwise(sizes))
    groups = _groups(leaves)
    weights = [slots for group in groups if (slots := _slots(group, [(p, p[::-1]) for p in pairs])) is not None]
    biases = [slots for group in groups if (slots := _slots(group, _flat_shapes(sizes))) is not None]
    shapes = {steps: array.shape for steps, array in leaves}
    found = [
        Holder(weights=slots, biases=max(biases, key=lambda b: _alike(slots, b), default=()), shapes=shapes)
        for slots in weights
    ]
    return sorted(found, key=lambda holder: not any(USUAL.search(name) for name in _names(holder.weights[0])))


def biases_inside(leaves: Leaves, sizes: Sequence[int]) -> bool:
    """Tell whether there are matrices with a row (or column) more: the biases are part of them."""
    pairs = [((n_in + 1, n_out), (n_out, n_in + 1)) for n_in, n_out in itertools.pairwise(sizes)]
    return any(_slots(group, pairs) is not None for group in _groups(leaves))


def pick(holders: Sequence[Holder]) -> Holder:
    """Return the likeliest place."""
    return holders[0]


def moved(holders: Sequence[Holder], earlier: Leaves, later: Leaves) -> Holder:
    """Return the place where most weights changed."""
    before, after = dict(earlier), dict(later)

    def changes(holder: Holder) -> int:
        return sum(steps not in after or not np.array_equal(before[steps], after[steps]) for steps in holder.weights)

    return max(holders, key=changes)


def read(leaves: Leaves, holder: Holder, sizes: Sequence[int]) -> Layers:
    """Return what stands in a place; biases are 0 where there are none."""
    there = dict(leaves)
    _require_shapes(there, holder, sizes)
    weights, biases = [], []
    turned = there[holder.weights[0]].shape == (sizes[1], sizes[0]) != (sizes[0], sizes[1])
    for steps, pair in zip(holder.weights, itertools.pairwise(sizes), strict=True):
        array = there[steps].astype(float)
        weights.append(array.T if (turned if pair[0] == pair[1] else array.shape != pair) else array)
    for i, n in enumerate(sizes[1:]):
        bias = there[holder.biases[i]].astype(float).ravel() if holder.biases else np.zeros(n)
        biases.append(bias)
    kinds = [there[steps].dtype for steps in holder.weights]
    eps = max((float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"), default=Layers([], []).eps)
    return Layers(weights=weights, biases=biases, eps=eps)


def _require_shapes(there: dict[Steps, np.ndarray], holder: Holder, sizes: Sequence[int]) -> None:
    """Raise StudentError where something else stands in a place after training than before."""
    shapes = [*((pair, pair[::-1]) for pair in itertools.pairwise(sizes)), *_flat_shapes(sizes)]
    for steps, allowed in zip([*holder.weights, *holder.biases], shapes, strict=False):
        label = "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in steps).lstrip(".")
        if steps not in there:
            raise StudentError(f"After training there is no array in `{label}` any more.")
        if there[steps].shape not in allowed:
            raise StudentError(
                f"After training `{label}` has the shape {there[steps].shape} instead of {allowed[0]}: arrays of "
                "different shapes were added, and NumPy stretched them to fit (broadcasting)."
            )


def _flat_shapes(sizes: Sequence[int]) -> list[tuple[tuple[int, ...], ...]]:
    return [((n,), (1, n), (n, 1)) for n in sizes[1:]]


def _fitted(value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a parameter in the shape of its place."""
    if value.ndim == 1:
        return value.reshape(shape)
    return value if value.shape == shape else value.T.copy()


def _groups(leaves: Leaves) -> list[list[tuple[Steps, np.ndarray]]]:
    """Group arrays by where they lie, numbers left out: `W1` and `W2` are one group; then all of them together."""
    groups: dict[tuple[str, ...], list[tuple[Steps, np.ndarray]]] = {}
    fitting = [(steps, array) for steps, array in leaves if not any(map(NOT_WEIGHTS.search, _names(steps)))]
    for steps, array in fitting:
        key = tuple("*" if isinstance(step, int) else re.sub(r"\d+", "#", step) for _, step in steps)
        groups.setdefault(key, []).append((steps, array))
    return [*groups.values(), fitting]


def _slots(
    group: Sequence[tuple[Steps, np.ndarray]], shapes: Sequence[Sequence[tuple[int, ...]]]
) -> tuple[Steps, ...] | None:
    """Return one array of a group for each layer, in order, each used once."""
    taken: list[Steps] = []
    for allowed in shapes:
        fits = [steps for steps, array in group if array.shape in allowed and steps not in taken]
        if not fits:
            return None
        taken.append(fits[0])
    return tuple(taken)


def _names(steps: Steps) -> list[str]:
    return [step for _, step in steps if isinstance(step, str)]


def _alike(weights: tuple[Steps, ...], biases: tuple[Steps, ...]) -> int:
    """Return how much of the way two places share."""
    common = sum(a == b for a, b in zip(weights[0], biases[0], strict=False))
    together = all(w[:-1] == b[:-1] for w, b in zip(weights, biases, strict=True))
    return 10 * together + common
