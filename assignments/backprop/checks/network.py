"""Putting a student's network, whatever form it has, through its paces: fill it, ask it, train it, read it.

Where it keeps its parameters is found by `finding`, how its functions are called by `calling`; here they become lists
of (in, out) matrices and flat biases.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from calling import LABEL_FORMS, SAMPLE_FORMS, Arguments, Way, bind
from finding import (
    BIAS_SHAPES,
    NAMES,
    PIXELS,
    SIZES,
    WEIGHT_SHAPES,
    Holder,
    Layers,
    bias_shapes,
    find_biases,
    find_weights,
    follow,
    of_shapes,
)
from reading import CLASSES, Forward, as_floats, read_forward

from grader.checks import Check
from grader.compare import show
from grader.errors import CallTimedOut, StudentError
from grader.probe import Call, Place, Thing, is_handle, parameters_of

DEFAULT_RATE = 0.003
SCALES = (1.0, 1 / 255)
LABEL_NAMES = ("y", "label", "target", "train")
BROADCAST = "The update adds arrays of different shapes, and NumPy stretches them to fit (broadcasting)."


class Network:
    """A student's network, found among the globals.

    `memory` outlives a check: it keeps the way of calling that was found, and which places the forward pass reads.
    """

    def __init__(self, check: Check, memory: dict[str, Any]) -> None:
        self._check, self._student, self._memory = check, check.student, memory
        self._things = self._student.things()
        self.weights, self.biases = (self._by_use(find(self._things)) for find in (find_weights, find_biases))
        self._names = {thing.name for holder in (*self.weights, *self.biases) for thing in holder.slots}
        self._way: Way = memory.get("way", Way())

    @property
    def eps(self) -> float:
        """How coarse the student's numbers are: float32 arrays round what they are given."""
        slots = [slot for holder in (*self.weights[:1], *self.biases[:1]) for slot in holder.slots]
        return max(np.finfo(_dtype(slot)).eps for slot in slots)

    @property
    def scale(self) -> float:
        """What the student's functions multiply pixels with."""
        return self._way.scale

    def seen(self, pixels: np.ndarray) -> np.ndarray:
        """Return pixels as the student's formulas see them."""
        return pixels * self.scale if self.scale != 1 else pixels

    # --- filling ----------------------------------------------------------------------------------------------

    def fill(self, layers: Layers) -> Layers:
        """Write known parameters everywhere the notebook keeps some; return what it now computes with."""
        self._student.put(
            [
                *(pair for holder in self.weights for pair in self._pairs(holder, layers.weights)),
                *(pair for holder in self.biases for pair in self._pairs(holder, layers.biases)),
            ]
        )
        biases = [b * 0 for b in layers.biases]
        if self.biases and self.biases[0].has_arrays:
            biases = [_rounded(t, b) for t, b in zip(self.biases[0].slots, layers.biases, strict=True)]
        weights = [_rounded(t, w) for t, w in zip(self.weights[0].slots, layers.weights, strict=True)]
        return Layers(weights=weights, biases=biases)

    def settle(self, layers: Layers, sample: np.ndarray, label: int) -> Forward:
        """Fill the network and find out how it wants to be called; return its forward pass of one sample.

        Preferred is the way under which the answer is right; where none is, the first one that gives an answer.
        """
        if "endless" in self._memory:
            raise CallTimedOut(self._memory["endless"])
        self.foresee("feed_forward_sample", layers, sample, label)
        first: tuple[Way, Forward] | None = None
        error: StudentError | None = None
        for way in self._ways():
            self._way = replace(way, flip=False)
            known = self.fill(layers)
            try:
                answer = self.forward(sample, label)
            except CallTimedOut as endless:
                self._memory["endless"] = str(endless)
                raise
            except StudentError as raised:
                error = error or raised
                continue
            right = self._reading(answer, known, sample, label)
            first = first or (way, answer)
            if right is not None or way is self._memory.get("way"):
                first = (right or way, answer)
                break
        if first is None:
            raise error or StudentError("`feed_forward_sample` gave no answer.")
        return self._keep(*first, layers, sample, label)

    # --- asking -----------------------------------------------------------------------------------------------

    def foresee(self, name: str, layers: Layers, samples: np.ndarray, *more: Any) -> None:
        """Let a record know what the reference may be asked, whatever conventions the network turns out to have."""
        reference = self._check.reference
        w1, w2, w3 = layers.weights
        for flip, scale, has_biases in itertools.product((False, True), SCALES, (True, False)):
            biases = layers.biases if has_biases else [b * 0 for b in layers.biases]
            if reference.offline:
                getattr(reference, name)([w1, w2.T if flip else w2, w3], biases, samples * scale, *more)

    def forward(self, sample: np.ndarray, label: int) -> Forward:
        """Call `feed_forward_sample` on one image of shape (784,) and read loss and guess out of the answer."""
        return read_forward(self._call("feed_forward_sample", sample, label), self._way.loss_at)

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the share of right guesses for images (n, 784), counted here: the true labels are not sent."""
        function = self._student.get("feed_forward_sample")
        label = self._way.answer(0)
        calls = [self._bind(function, {"sample": self._way.image(sample), "label": label}) for sample in x]
        if any(isinstance(value, np.ndarray) and np.size(value) == PIXELS for value in calls[0].kwargs.values()):
            values = [self._student.call(function, *call.args, **call.kwargs).value for call in calls]
        else:
            values = self._student.call_each(function, [call.args for call in calls], **calls[0].kwargs)
        guesses = [read_forward(value, self._way.loss_at).guess for value in values]
        if all(guess is None for guess in guesses):
            self._check.fail("No guess can be read from what `feed_forward_sample` returns, so nothing can be counted.")
        return float(np.mean([guess == int(label) for guess, label in zip(guesses, y, strict=True)]))

    def call_on_data(self, name: str, x: np.ndarray, y: np.ndarray, rate: float | None = None) -> Call:
        """Call a function of a data set, x of shape (n, 784) and y of shape (n,), in the form the network wants.

        A function that takes no data finds it in the notebook's own training set, which is replaced for the call.
        """
        function = self._student.get(name)
        samples = np.array([self._way.image(row) for row in x])
        labels = np.array([self._way.answer(label) for label in y])
        given = {"sample": samples, "label": labels} | ({} if rate is None else {"rate": rate})
        call = self._bind(function, given)
        if not {"sample", "label"} <= call.placed:
            self._replace_training_set(samples, labels)
        return self._student.call(function if is_handle(function) else name, *call.args, **call.kwargs)

    def takes_rate(self, name: str = "train_one_sample") -> bool:
        """Tell whether a function has a parameter for the learning rate."""
        given = {"sample": 0, "label": 0, "rate": DEFAULT_RATE}
        return "rate" in self._bind(self._student.get(name), given).placed

    # --- training ---------------------------------------------------------------------------------------------

    def step(self, layers: Layers, sample: np.ndarray, label: int, rate: float | None) -> Layers:
        """Fill the network, train it on one sample, and return the parameters afterwards."""
        return self.steps(layers, [(sample, label)], rate)

    def steps(self, layers: Layers, samples: Sequence[tuple[np.ndarray, int]], rate: float | None) -> Layers:
        """Fill the network, train it on one sample after the other, and return the parameters afterwards."""
        self.fill(layers)
        for sample, label in samples:
            before = self._snapshots()
            layers = self._trained("train_one_sample", before, self._call("train_one_sample", sample, label, rate))
        return layers

    def epoch(self, x: np.ndarray, y: np.ndarray, rate: float) -> Layers:
        """Train one epoch from where the network stands, and return the parameters afterwards."""
        before = self._snapshots()
        return self._trained("train_one_epoch", before, self.call_on_data("train_one_epoch", x, y, rate).value)

    def pick(self, values: dict[str, Any]) -> Layers:
        """Read parameters out of globals given by name, where this network keeps its own."""
        when = "When the statements that make your weights are run again,"
        try:
            weights, biases = (
                [(f"`{t.label}`", follow(values, t.path)) for h in holders[:1] for t in h.slots]
                for holders in (self.weights, self.biases)
            )
        except (LookupError, TypeError, AttributeError):
            self._check.fail(f"{when} they are not where the notebook has them: {self.weights[0].label}.")
        return self._layers(weights, biases, when)

    # --- inside: calling --------------------------------------------------------------------------------------

    def _ways(self) -> list[Way]:
        known = self._memory.get("way")
        every = [Way(sample=sample, label=label) for sample, label in itertools.product(SAMPLE_FORMS, LABEL_FORMS)]
        return every if known is None else [known, *every]

    def _reading(self, answer: Forward, known: Layers, sample: np.ndarray, label: int) -> Way | None:
        """Return the way to read an answer under which it holds the right loss, None when there is none."""
        w1, w2, w3 = known.weights
        for flip, scale in itertools.product((False, True), SCALES):
            weights = [w1, w2.T if flip else w2, w3]
            want, _ = self._check.reference.feed_forward_sample(weights, known.biases, sample * scale, label)
            for at, number in answer.numbers.items():
                if np.isclose(number, want, rtol=self.loss_rtol, atol=1e-9):
                    return replace(self._way, flip=flip, scale=scale, loss_at=at)
        return None

    @property
    def loss_rtol(self) -> float:
        """How far a loss may be off."""
        return max(1e-5, 1000 * self.eps)

    def _keep(self, way: Way, answer: Forward, layers: Layers, sample: np.ndarray, label: int) -> Forward:
        """Remember how the network is asked, leave it filled, and say what was understood."""
        self._way = self._memory["way"] = way
        if "read" not in self._memory:
            self._memory["read"] = self._read_places(layers, sample, label)
            self.weights, self.biases = self._by_use(self.weights), self._by_use(self.biases)
        self.fill(layers)
        layout = "(out, in)" if self.weights[0].is_out_in else "(in, out)"
        self._check.remark(f"your weights {self.weights[0].label} were read as {layout} matrices")
        if way.sample != "flat" or way.label != "number":
            self._check.remark(f"your functions take an image as {way.sample}, a label as {way.label}")
        if way.scale != 1:
            self._check.remark("your functions divide pixels by 255 themselves")
        return read_forward(answer.value, way.loss_at)

    def _call(self, name: str, sample: np.ndarray, label: int, rate: float | None = None) -> Any:
        function = self._student.get(name)
        given = {"sample": self._way.image(sample), "label": self._way.answer(label)}
        call = self._bind(function, given if rate is None else given | {"rate": rate})
        return self._student.call(function if is_handle(function) else name, *call.args, **call.kwargs).value

    def _bind(self, function: Any, given: dict[str, Any]) -> Arguments:
        return bind(parameters_of(function), given, self._own)

    def _own(self, name: str, role: str | None) -> Place | None:
        """Return the place of what a function wants for a parameter called `name`."""
        if name in self._names:
            return Place((("item", name),))
        if role not in ("weights", "biases"):
            return None
        holders = self.weights if role == "weights" or not self.biases else self.biases
        return Place(holders[0].slots[0].path[:1])

    def _replace_training_set(self, samples: np.ndarray, labels: np.ndarray) -> None:
        """Put other data where the notebook keeps its training images and labels."""
        arrays = [thing for thing in self._things if thing.kind == "array" and len(thing.shape) >= 1]
        images = [t for t in arrays if t.shape[0] > 100 and np.prod(t.shape[1:]) == PIXELS]
        images = [t for t in images if "train" in t.name.lower()] or images
        named = [t for t in arrays if np.prod(t.shape[1:]) in (1, CLASSES) and _is_label(t.name)]
        for thing in images:
            answers = [t for t in named if t.shape[0] == thing.shape[0]]
            self._student.set(**{thing.name: samples}, **{t.name: labels for t in answers})

    # --- inside: parameters -----------------------------------------------------------------------------------

    def _by_use(self, holders: list[Holder]) -> list[Holder]:
        """Put the places the forward pass reads first: others keep gradients or copies."""
        return sorted(holders, key=lambda holder: not self._is_read(holder))

    def _is_read(self, holder: Holder) -> bool:
        return holder.label in self._memory.get("read", ())

    def _read_places(self, layers: Layers, sample: np.ndarray, label: int) -> set[str]:
        """Return the labels of the places that change the forward pass when they alone are filled with other values."""
        other = Layers(weights=[w / 2 for w in layers.weights], biases=[b + 1 for b in layers.biases])
        read = set()
        for holders, values in ((self.weights, other.weights), (self.biases, other.biases)):
            for holder in holders if len(holders) > 1 else ():
                self.fill(layers)
                try:
                    before = self.forward(sample, label).numbers
                    self._student.put(self._pairs(holder, values))
                    changed = before != self.forward(sample, label).numbers
                except StudentError:
                    changed = False
                read |= {holder.label} if changed else set()
        return read

    def _pairs(self, holder: Holder, values: Sequence[np.ndarray]) -> list[tuple[Any, Any]]:
        """Return what to put where: values of the reference's form in the form of this place."""
        pairs: list[tuple[Any, Any]] = []
        for thing, value in zip(holder.slots, values, strict=True):
            if thing.kind == "number":
                pairs.append((thing.path, 0.0))
            elif value.ndim == 1:
                pairs.append((thing.path, _rounded(thing, value).reshape(thing.shape)))
            else:
                pairs.append((thing.path, _rounded(thing, self._turned(value, thing.shape, holder.is_out_in))))
        return pairs

    def _snapshots(self) -> tuple[list[list[Any]], list[list[Any]]]:
        """Return what stands in every place with weights, and in every place with biases."""
        places = (self.weights, self.biases)
        slots = [thing.path for holders in places for holder in holders for thing in holder.slots]
        values = iter(self._student.read_all(slots))
        weights, biases = ([[next(values) for _ in holder.slots] for holder in holders] for holders in places)
        return weights, biases

    def _trained(self, name: str, before: tuple[list[list[Any]], list[list[Any]]], returned: Any) -> Layers:
        """Return the parameters after training: those that were returned where nothing changed in place."""
        after = self._snapshots()
        moved = [[_moved(old, new) for old, new in zip(*pair, strict=True)] for pair in zip(before, after, strict=True)]
        weights, biases = of_shapes(returned, WEIGHT_SHAPES), of_shapes(returned, BIAS_SHAPES)
        stayed = not self._counted(self.weights, moved[0]) and not self._counted(self.biases, moved[1])
        if weights is not None and biases is not None and stayed:
            self._check.remark(f"your `{name}` returns the new parameters")
            labels = [f"the {parameter} it returned" for parameter in NAMES]
            values = list(zip(labels, [*weights, *biases], strict=True))
            layers = self._layers(values[:3], values[3:], f"After `{name}`,")
            self.fill(layers)
            return layers
        places = [
            self._most_moved(*part) for part in zip((self.weights, self.biases), moved, after, strict=True) if part[0]
        ]
        return self._layers(places[0], places[1] if len(places) > 1 else [], f"After `{name}`,")

    def _counted(self, holders: list[Holder], moved: list[int]) -> bool:
        """Tell whether training changed a place that the forward pass reads (any place, where that is not known)."""
        read = [changed for holder, changed in zip(holders, moved, strict=True) if self._is_read(holder)]
        return any(read or moved)

    def _most_moved(self, holders: list[Holder], moved: list[int], after: list[list[Any]]) -> list[tuple[str, Any]]:
        """Return label and value of what stands in the place that changed most, of those the forward pass reads."""
        read = [i for i, holder in enumerate(holders) if moved[i] and self._is_read(holder)]
        best = max(read or range(len(holders)), key=lambda i: moved[i])
        return [(f"`{thing.label}`", value) for thing, value in zip(holders[best].slots, after[best], strict=True)]

    def _layers(self, weights: Sequence[tuple[str, Any]], biases: Sequence[tuple[str, Any]], when: str) -> Layers:
        """Return values as layers in the reference's form; fail the check where one is no such parameter."""
        both_ways = [(shape, shape[::-1]) for shape in WEIGHT_SHAPES]
        flat = [(*bias_shapes(layer), (), (1,), (1, 1)) for layer in range(len(biases))]
        found = self._parameters(weights, both_ways, when)
        is_out_in = found[0].shape == WEIGHT_SHAPES[0][::-1]
        flat_biases = [np.ravel(b) for b in self._parameters(biases, flat, when)] or [np.zeros(1)] * len(BIAS_SHAPES)
        return Layers(
            weights=[self._turned(w, shape, is_out_in) for w, shape in zip(found, WEIGHT_SHAPES, strict=True)],
            biases=[np.broadcast_to(b, shape).copy() for b, shape in zip(flat_biases, BIAS_SHAPES, strict=True)],
        )

    def _turned(self, weights: np.ndarray, wanted: tuple[int, ...], is_out_in: bool) -> np.ndarray:  # noqa: FBT001
        """Return weights in the wanted shape; how the square ones lie follows from the first layer's."""
        if weights.shape == (32, 32):
            return weights.T if is_out_in != self._way.flip else weights
        return weights if weights.shape == wanted else weights.T

    def _parameters(
        self, values: Sequence[tuple[str, Any]], shapes: Sequence[Sequence[tuple[int, ...]]], when: str
    ) -> list[np.ndarray]:
        """Return values as arrays of floats, each of one of its shapes; fail the check where one is not."""
        arrays = []
        for (label, value), allowed in zip(values, shapes, strict=True):
            array = as_floats(value)
            if array is None:
                self._check.fail(
                    f"{when} {label} is no array of numbers of shape {allowed[0]}: it is {show(value, 60)}."
                )
            if array.shape not in allowed:
                why = f" {BROADCAST}" if array.size > np.prod(allowed[0]) else ""
                self._check.fail(f"{when} {label} has shape {array.shape} instead of {allowed[0]}.{why}")
            arrays.append(array)
        return arrays


def _dtype(thing: Thing) -> str:
    return next((name for name in ("float16", "float32") if name in thing.dtype), "float64")


def _rounded(thing: Thing, values: np.ndarray) -> np.ndarray:
    """Return values as an array of this thing's precision holds them."""
    return values.astype(_dtype(thing)).astype(float) if thing.kind == "array" else values


def _moved(before: Sequence[Any], after: Sequence[Any]) -> int:
    """Count the parameters that are no longer what they were."""
    pairs = [(as_floats(old), as_floats(new)) for old, new in zip(before, after, strict=True)]
    return sum(old is None or new is None or not np.array_equal(old, new) for old, new in pairs)


def _is_label(name: str) -> bool:
    plain = name.lower()
    return plain.startswith("y") or any(word in plain for word in LABEL_NAMES[1:])


def image(rng: np.random.Generator, *, raw: bool = False) -> tuple[np.ndarray, int]:
    """Return a random image of shape (784,), mostly dark, in 0..1 or as raw bytes 0..255, and a random label."""
    pixels = np.where(rng.random(PIXELS) < 0.8, 0, rng.integers(1, 256, PIXELS))
    return (pixels.astype(np.uint8) if raw else pixels / 255), int(rng.integers(CLASSES))


def random_layers(check: Check, rng: np.random.Generator) -> Layers:
    """Return parameters as at the start of training, but with biases that are not zero."""
    weights, biases = check.reference.initialise(SIZES, rng)
    return Layers(weights=weights, biases=[rng.normal(0, 0.3, b.shape) for b in biases])
