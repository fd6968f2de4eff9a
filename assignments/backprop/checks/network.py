"""Finding a student's network, whatever form it has, and putting it through one step.

Students keep weights in a list, a dict, separate names or an object, as (in, out) or (out, in), biases as (n,),
(1, n), (n, 1) or the number 0; they take samples flat, as a column or as an image, labels as a number or one-hot.
All of these are the same network: here they become lists of (in, out) matrices and flat biases.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import Check
from grader.compare import as_label, one_hot
from grader.errors import StudentError
from grader.probe import Call, Place, Thing, is_handle, parameters_of

SIZES = (784, 32, 32, 10)
PIXELS, CLASSES = SIZES[0], SIZES[-1]
WEIGHT_SHAPES = tuple(itertools.pairwise(SIZES))
NAMES = ("W1", "W2", "W3", "b1", "b2", "b3")
GRADIENT_NAME = re.compile(r"^(d|grad|delta|nabla|g_|old|prev|init|best)", re.IGNORECASE)
DEFAULT_RATE = 0.003

ROLES = {
    "sample": {"sample", "x", "image", "img", "inp", "input", "xi", "features", "a0", "pixels", "x_sample"}
    | {"x_train", "images", "data", "xs", "samples", "inputs", "x_data"},
    "label": {"y", "label", "target", "t", "y_true", "yi", "labels", "y_sample", "truth", "y_train"}
    | {"ys", "targets", "y_data"},
    "rate": {"learning_rate", "lr", "alpha", "eta", "rate", "step_size", "learningrate", "step"},
    "weights": {"weights", "w", "ws", "params", "parameters", "network", "net", "model", "theta"},
    "biases": {"biases", "b", "bias", "bs"},
}
SAMPLE_FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "flat": lambda x: x.reshape(PIXELS),
    "column": lambda x: x.reshape(PIXELS, 1),
    "row": lambda x: x.reshape(1, PIXELS),
    "image": lambda x: x.reshape(28, 28),
}
LABEL_FORMS: dict[str, Callable[[int], Any]] = {
    "number": int,
    "one-hot": lambda y: one_hot(y, CLASSES),
    "one-hot column": lambda y: one_hot(y, CLASSES).reshape(-1, 1),
}


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


@dataclass(frozen=True, kw_only=True)
class Forward:
    """What one forward pass came to."""

    loss: float | None
    guess: int | None
    value: Any


class Network:
    """A student's network: found among the globals, filled with known parameters, trained one step."""

    def __init__(self, check: Check) -> None:
        self._check, self._student = check, check.student
        leaves = _leaves(self._student.things())
        self.weights = _holders(leaves, _fits_weight)
        self.biases = _holders(leaves, _fits_bias)
        self._names = {thing.name for holder in (*self.weights, *self.biases) for thing in holder.slots}
        self._flip = False
        self._forms = ("flat", "number")

    # --- filling ----------------------------------------------------------------------------------------------

    def fill(self, layers: Layers) -> Layers:
        """Write known parameters everywhere the notebook keeps some; return what it now computes with."""
        biases = (
            layers.biases if self.biases and self.biases[0].slots[0].kind == "array" else [b * 0 for b in layers.biases]
        )
        values = []
        for holder in self.weights:
            values += [(t.path, self._outward(t, w)) for t, w in zip(holder.slots, layers.weights, strict=True)]
        for holder in self.biases:
            for thing, bias in zip(holder.slots, biases, strict=True):
                values.append((thing.path, bias.reshape(thing.shape) if thing.kind == "array" else 0.0))
        self._student.put(values)
        return Layers(weights=layers.weights, biases=biases)

    def settle(self, layers: Layers, sample: np.ndarray, label: int) -> Forward:
        """Fill the network and find out how it wants to be called; return its forward pass of one sample.

        Preferred is the way of calling (and of reading the square matrix) under which the answer is right; where none
        is, the first one that gives an answer.
        """
        known = self.fill(layers)
        want, _ = self._check.reference.feed_forward_sample(known.weights, known.biases, sample, label)
        first: tuple[tuple[str, str], Forward] | None = None
        error: StudentError | None = None
        for flip, forms in itertools.product((False, True), self._ways()):
            if flip != self._flip:
                self._flip = flip
                self.fill(layers)
            self._forms = forms
            try:
                answer = self.forward(sample, label)
            except StudentError as raised:
                error = error or raised
                continue
            if answer.loss is not None and np.isclose(answer.loss, want, rtol=1e-5, atol=1e-9):
                self._explain_forms()
                return answer
            first = first or (forms, answer)
        self._flip = False
        self.fill(layers)
        if first is None:
            raise error or StudentError("`feed_forward_sample` gave no answer.")
        self._forms = first[0]
        return first[1]

    # --- asking -----------------------------------------------------------------------------------------------

    def forward(self, sample: np.ndarray, label: int) -> Forward:
        """Call `feed_forward_sample` on one image of shape (784,) and read loss and guess out of the answer."""
        return _read_forward(self._call("feed_forward_sample", sample, label))

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the share of right guesses for images (n, 784), counted here: the true labels are not sent."""
        function = self._student.get("feed_forward_sample")
        label = LABEL_FORMS[self._forms[1]](0)
        rows = []
        for sample in x:
            args, kwargs = self.bind(function, {"sample": SAMPLE_FORMS[self._forms[0]](sample), "label": label})
            rows.append([*args, *kwargs.values()])
        guesses = [_read_forward(value).guess for value in self._student.call_each(function, rows)]
        return float(np.mean([guess == int(label) for guess, label in zip(guesses, y, strict=True)]))

    def step(self, layers: Layers, sample: np.ndarray, label: int, rate: float) -> Layers:
        """Fill the network, train it on one sample, and return the parameters afterwards.

        Shapes that changed on the way fail the check.
        """
        self.fill(layers)
        before_w, before_b = self._snapshots(self.weights), self._snapshots(self.biases)
        returned = self._call("train_one_sample", sample, label, rate)
        weights = self._after(self.weights, before_w, returned, WEIGHT_SHAPES)
        biases = self._after(self.biases, before_b, returned, [(n,) for n in SIZES[1:]])
        return Layers(
            weights=[self._inward(i, np.asarray(w, dtype=float)) for i, w in enumerate(weights)],
            biases=[np.asarray(b, dtype=float).reshape(-1) for b in biases] or [np.zeros(n) for n in SIZES[1:]],
        )

    def call_on_data(self, name: str, x: np.ndarray, y: np.ndarray, rate: float | None = None) -> Call:
        """Call a function of a data set, x of shape (n, 784) and y of shape (n,), in the form the network wants.

        A function that takes no data finds it in the notebook's own training set, which is replaced for the call.
        """
        function = self._student.get(name)
        samples = np.array([SAMPLE_FORMS[self._forms[0]](row) for row in x])
        labels = np.array([LABEL_FORMS[self._forms[1]](int(label)) for label in y])
        given: dict[str, Any] = {"sample": samples, "label": labels} | ({"rate": rate} if rate is not None else {})
        if len([p for p in parameters_of(function) or ((),) * 3 if p and _role(p[0]) != "rate"]) < 2:
            self._replace_training_set(samples, labels)
        args, kwargs = self.bind(function, given)
        return self._student.call(function if is_handle(function) else name, *args, **kwargs)

    def pick(self, values: dict[str, Any]) -> Layers:
        """Read parameters out of globals given by name, where this network keeps its own."""
        weights = [_follow(values, thing.path) for thing in self.weights[0].slots]
        biases = [_follow(values, thing.path) for thing in self.biases[0].slots] if self.biases else []
        return Layers(
            weights=[self._inward(i, np.asarray(w, dtype=float)) for i, w in enumerate(weights)],
            biases=[np.asarray(b, dtype=float).reshape(-1) for b in biases],
        )

    def takes_rate(self) -> bool:
        """Tell whether `train_one_sample` has a parameter for the learning rate."""
        parameters = parameters_of(self._student.train_one_sample) or ()
        return len(parameters) >= 3 or any(_role(name) == "rate" for name, _, _ in parameters)

    def layers(self) -> Layers:
        """Return the parameters the notebook holds now."""
        weights = self._snapshots(self.weights[:1])[0]
        biases = self._snapshots(self.biases[:1])[0] if self.biases else []
        return Layers(
            weights=[self._inward(i, np.asarray(w, dtype=float)) for i, w in enumerate(weights)],
            biases=[np.broadcast_to(np.ravel(b), n).astype(float) for b, n in zip(biases, SIZES[1:], strict=True)],
        )

    # --- inside -----------------------------------------------------------------------------------------------

    def _ways(self) -> Iterator[tuple[str, str]]:
        return itertools.product(SAMPLE_FORMS, LABEL_FORMS)

    def _explain_forms(self) -> None:
        sample, label = self._forms
        layout = "(out, in)" if self.weights[0].slots[0].shape == (32, PIXELS) else "(in, out)"
        self._check.remark(f"your weights {self.weights[0].label} were read as {layout} matrices")
        if sample != "flat" or label != "number":
            self._check.remark(f"your functions take an image as {sample}, a label as {label}")

    def _call(self, name: str, sample: np.ndarray, label: int, rate: float | None = None) -> Any:
        function = self._student.get(name)
        given = {"sample": SAMPLE_FORMS[self._forms[0]](sample), "label": LABEL_FORMS[self._forms[1]](label)}
        given |= {"rate": rate} if rate is not None else {}
        args, kwargs = self.bind(function, given)
        return self._student.call(function if is_handle(function) else name, *args, **kwargs).value

    def bind(self, function: Any, given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments of a student's function: by the names of its parameters, the rest in order."""
        parameters = [p for p in parameters_of(function) or () if p[1] in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")]
        if not parameters:
            return list(given.values()), {}
        left, args, kwargs = dict(given), [], {}
        for name, _, has_default in parameters:
            role = _role(name)
            if role in left:
                value = left.pop(role)
            elif role in ("weights", "biases") or name in self._names:
                value = Place(self._container(name, role))
            elif left and not has_default:
                value = left.pop(next(iter(left)))
            else:
                continue
            kwargs[name] = value
        return args, kwargs

    def _replace_training_set(self, samples: np.ndarray, labels: np.ndarray) -> None:
        """Put other data where the notebook keeps its training images and labels."""
        arrays = [thing for thing in self._student.things() if thing.kind == "array" and len(thing.shape) >= 1]
        images = [t for t in arrays if t.shape[0] > 100 and np.prod(t.shape[1:]) == PIXELS]
        images = [t for t in images if "train" in t.name.lower()] or images
        for thing in images:
            answers = [t for t in arrays if t.shape[0] == thing.shape[0] and np.prod(t.shape[1:]) in (1, CLASSES)]
            self._student.set(**{thing.name: samples}, **{t.name: labels for t in answers})

    def _container(self, name: str, role: str | None) -> tuple[tuple[str, str | int], ...]:
        """Return the path of what a function wants for a parameter called `name`."""
        if name in self._names:
            return (("item", name),)
        holders = self.weights if role == "weights" or not self.biases else self.biases
        return holders[0].slots[0].path[:1]

    def _outward(self, thing: Thing, weights: np.ndarray) -> np.ndarray:
        square = weights.shape == (32, 32)
        transposed = (self._is_out_in(thing) != self._flip) if square else thing.shape != weights.shape
        return weights.T if transposed else weights

    def _inward(self, index: int, weights: np.ndarray) -> np.ndarray:
        wanted = WEIGHT_SHAPES[index]
        if index == 1 and weights.shape == wanted:
            return weights.T if self._is_out_in(self.weights[0].slots[1]) != self._flip else weights
        return weights.T if weights.shape == wanted[::-1] else weights

    def _is_out_in(self, thing: Thing) -> bool:
        for holder in self.weights:
            if thing in holder.slots:
                return holder.slots[0].shape == WEIGHT_SHAPES[0][::-1]
        return False

    def _snapshots(self, holders: Sequence[Holder]) -> list[list[Any]]:
        return [[self._student.read(thing.path) for thing in holder.slots] for holder in holders]

    def _after(
        self, holders: Sequence[Holder], before: list[list[Any]], returned: Any, shapes: Sequence[tuple[int, ...]]
    ) -> list[Any]:
        """Return the parameters after training: from the place that changed most, else from what was returned."""
        after = self._snapshots(holders)
        changed = [
            sum(not np.array_equal(a, b) for a, b in zip(new, old, strict=True))
            for new, old in zip(after, before, strict=True)
        ]
        if not changed:
            return []
        if not any(changed):
            found = _of_shapes(returned, shapes)
            if found is not None:
                self._check.remark("your `train_one_sample` returns the new parameters")
                return found
        best = changed.index(max(changed))
        for thing, old, new in zip(holders[best].slots, before[best], after[best], strict=True):
            if np.size(old) > 1 and np.shape(new) != np.shape(old):
                self._check.fail(
                    f"Before the step `{thing.label}` had shape {np.shape(old)}, afterwards it has {np.shape(new)}. "
                    "The update adds arrays of different shapes, and NumPy stretches them to fit (broadcasting)."
                )
        return after[best]


def _read_forward(value: Any) -> Forward:
    parts = list(value) if isinstance(value, tuple | list) else [value]
    losses = [part for part in parts if np.size(part) == 1 and _is_number(part)]
    guesses = [part for part in parts if np.size(part) == CLASSES]
    return Forward(
        loss=float(np.reshape(losses[0], ())) if losses else None,
        guess=as_label(guesses[0], CLASSES) if guesses else None,
        value=value,
    )


def image(rng: np.random.Generator, *, raw: bool = False) -> tuple[np.ndarray, int]:
    """Return a random image of shape (784,), mostly dark, in 0..1 or as raw bytes 0..255, and a random label."""
    pixels = np.where(rng.random(PIXELS) < 0.8, 0, rng.integers(1, 256, PIXELS))
    return (pixels.astype(np.uint8) if raw else pixels / 255), int(rng.integers(CLASSES))


def random_layers(check: Check, rng: np.random.Generator) -> Layers:
    """Return parameters as at the start of training, but with biases that are not zero."""
    weights, biases = check.reference.initialise(SIZES, rng)
    return Layers(weights=weights, biases=[rng.normal(0, 0.3, b.shape) for b in biases])


def _follow(values: Any, path: Sequence[tuple[str, str | int]]) -> Any:
    for kind, key in path:
        values = getattr(values, str(key)) if kind == "attr" else values[key]
    return values


def _leaves(things: Sequence[Thing]) -> dict[tuple[str, ...], list[Thing]]:
    """Group arrays and numbers by where they lie, numbers in names and indices left out: `W1`, `W2` are one group."""
    groups: dict[tuple[str, ...], list[Thing]] = {}
    for thing in (leaf for top in things for leaf in top.walk()):
        if thing.kind in ("array", "number") and not GRADIENT_NAME.match(thing.name):
            key = tuple("*" if isinstance(step, int) else re.sub(r"\d+", "#", step) for _, step in thing.path)
            groups.setdefault(key, []).append(thing)
    everything = [thing for group in groups.values() for thing in group if thing.kind == "array"]
    return {**groups, ("anything",): everything}


def _holders(groups: dict[tuple[str, ...], list[Thing]], fits: Callable[[Thing, int], bool]) -> list[Holder]:
    found = []
    for key, group in groups.items():
        if key == ("anything",) and found:
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
    n = SIZES[layer + 1]
    if thing.kind == "number":
        return "b" in thing.name.lower() and len(thing.path) + any(map(str.isdigit, thing.name)) > 1
    return thing.shape in ((n,), (n, 1), (1, n))


def _of_shapes(value: Any, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray] | None:
    """Return the arrays of these sizes, in order, from whatever a function returned."""
    arrays = list(_arrays(value))
    found = []
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
    elif isinstance(value, list | tuple | np.ndarray):
        yield from itertools.chain.from_iterable(map(_arrays, value))


def _role(name: str) -> str | None:
    plain = name.lower().strip("_")
    return next((role for role, names in ROLES.items() if plain in names), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or (isinstance(value, np.ndarray) and value.dtype.kind in "iuf")
