"""The student's network class at work: made with given settings, filled with known weights, trained, asked and read.

How it is made is found out by `mn_making`, where it keeps its weights by `mn_holding`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from mn_functions import Functions
from mn_holding import Holder, Layers, biases_inside, find, moved, pick, read
from mn_inside import Inside
from mn_making import Bound, Form, Making, Settings, constructor, forms, makings, role_of, training
from mn_rows import labels_of, rows_of

from grader.checks import Check, NeedsReview
from grader.errors import CallTimedOut, StudentError
from grader.probe import Handle, Place, is_handle

NAMES = ("MyNeuralNetwork", "MyNN", "NeuralNetwork", "NeuralNet", "MLP", "Network", "NN")
LEARNS = ("fit", "train", "train_network", "fit_model", "train_model")
PROBABILITIES = ("predict_proba", "predict_probabilities", "predict_probs", "predict_prob", "probabilities", "proba")
PROBABILITIES += ("forward", "feed_forward", "feedforward", "forward_pass", "forward_propagation", "_forward")
GUESSES = ("predict", "predict_classes", "predict_labels", "predict_class")
TINY_RATE = 1e-9
HOME = "your_network"
INSIDE = (
    "Your biases are rows of the weight matrices. That is a good idea, but such matrices are not read here: a person "
    "looks at this part."
)
UNFILLED = (
    "Your network draws its weights when it is trained, so that no known ones can be put in beforehand: this is judged "
    "when the homework is graded."
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was found out about a class: how it is made and fed, and whether weights that are put in stay there."""

    making: Making
    form: Form
    fills: bool
    holder: Holder


class Network:
    """The student's class; `memory` outlives a check and keeps what was found out."""

    def __init__(self, check: Check, inside: Inside, memory: dict[str, Any], name: str) -> None:
        self.check, self.student, self.name, self._memory = check, check.student, name, memory
        self.inside = inside
        described = self.student.get(name)
        self.parameters = memory.setdefault("parameters", self.inside.parameters(described))
        self.words = memory.setdefault("words", self.inside.words(described))

    @property
    def known(self) -> Known:
        """What was found out; the class is tried out first where nothing is known yet."""
        if "review" in self._memory:
            raise NeedsReview(self._memory["review"])
        if "endless" in self._memory:
            raise CallTimedOut(self._memory["endless"])
        if "raised" in self._memory:
            raise StudentError(self._memory["raised"])
        if "known" not in self._memory:
            try:
                self._memory["known"] = self._settle()
            except CallTimedOut as endless:
                self._memory["endless"] = str(endless)
                raise
        found: Known = self._memory["known"]
        return found

    # --- made, trained, read ----------------------------------------------------------------------------------

    def make(self, wanted: Settings, making: Making | None = None, **instead: Any) -> Handle:
        """Return a new network in the kernel; `instead` are other values for arguments by role."""
        making = making or self.known.making
        bound = constructor(self.parameters, wanted, making, self.words, self._function)
        kwargs = bound.kwargs | {name: instead[r] for name in bound.kwargs if (r := role_of(name)) in instead}
        net = self.student.call(self.student.get(self.name), *bound.args, **kwargs).value
        if not is_handle(net):
            raise StudentError(f"`{self.name}(…)` does not give an object.")
        self.student.set(**{HOME: net})
        self._set_fields(bound, wanted)
        return self.student.get(HOME)

    def instance(self, wanted: Settings) -> Handle:
        """Return a new network, made in whichever way works, also where it cannot be trained."""
        ways = [self._memory["known"].making] if "known" in self._memory else list(makings(self.parameters))
        first: StudentError | None = None
        for making in ways:
            try:
                return self.make(wanted, making)
            except CallTimedOut:
                raise
            except StudentError as error:
                first = first or error
        raise first or StudentError(f"`{self.name}` could not be made.")

    def fit(self, net: Handle, x: np.ndarray, y: np.ndarray, wanted: Settings, form: Form | None = None) -> Any:
        """Train a network on rows x (n, features) with labels y (n,)."""
        method, parameters = self.method(net, LEARNS)
        bound = training(parameters, form or self.known.form, x, y, wanted)
        call = self.student.call(method, *bound.args, **bound.kwargs)
        return call.value

    def run(
        self, wanted: Settings, x: np.ndarray, y: np.ndarray, start: Layers | None = None, seed: int = 1
    ) -> tuple[Layers, Layers]:
        """Train a new network, from known weights where that is possible; return its weights before and after."""
        known = self.known
        if known.fills and start is not None:
            return self._filled_run(wanted, known.making, known.form, x, y, start, seed)[:2]
        return self._plain_runs(wanted, known.making, known.form, x, y, seed)

    def ready(self, wanted: Settings, layers: Layers) -> tuple[Handle, Layers]:
        """Return a network that has these weights, and the weights as it holds them.

        Where weights cannot be put in before training, they are put in after a step of almost no length.
        """
        self._begin(1)
        net = self.make(wanted)
        if not self.known.fills:
            rows = np.random.default_rng(0).normal(size=(8, wanted.sizes[0]))
            self.fit(net, rows, np.arange(8) % wanted.sizes[-1], replace(wanted, rate=TINY_RATE, epochs=1, batch=8))
        return net, self._fill(net, layers)

    def weights(self, net: Handle, sizes: Sequence[int]) -> Layers | None:
        """Return the weights a network has, None where there are none of these sizes."""
        found = self._leaves(net)
        holders = find(found, sizes)
        return read(found, pick(holders), sizes) if holders else None

    def foresee(self, name: str, layers: Layers, *more: Any) -> None:
        """Let a record know what the reference may be asked, with biases and without."""
        if self.check.reference.offline:
            for biases in (layers.biases, [b * 0 for b in layers.biases]):
                getattr(self.check.reference, name)(layers.weights, biases, *more)

    # --- asked ------------------------------------------------------------------------------------------------

    def proba(self, net: Handle, x: np.ndarray, classes: int) -> np.ndarray:
        """Return what a network says about rows x as an array (n, classes)."""
        last: StudentError | None = None
        for name in PROBABILITIES:
            if not (method := getattr(net, name)):
                continue
            try:
                value = self._ask(method, x)
            except StudentError as error:
                last = last or error
                continue
            array = rows_of(value, len(x), classes)
            if array is not None:
                if name != "predict_proba":
                    self.check.remark(f"your `{name}` was taken as `predict_proba`")
                return array
        self.check.fail(
            str(last)
            if last is not None
            else f"`predict_proba(X)` has to return the probabilities of {classes} classes for each of {len(x)} rows, "
            f"an array of shape ({len(x)}, {classes}). No method does."
        )

    def guesses(self, net: Handle, x: np.ndarray, classes: int) -> np.ndarray:
        """Return the labels a network predicts for rows x, shape (n,)."""
        method, _ = self.method(net, GUESSES)
        value = self._ask(method, x)
        labels = labels_of(value, len(x), classes)
        if labels is None:
            self.check.fail(f"`predict(X)` has to return one label for each of {len(x)} rows, shape ({len(x)},).")
        if np.size(value) > len(x):
            self.check.remark("your `predict` returns a row per sample, of which the largest entry was taken")
        return labels

    def _ask(self, method: Handle, x: np.ndarray) -> Any:
        """Ask about rows in the form in which the network was trained, or else the other way round."""
        rows = self.known.form.x(x)
        try:
            return self.student.call(method, rows).value
        except CallTimedOut:
            raise
        except StudentError:
            if self.known.form.packed != "pairs of columns":
                raise
            return [self.student.call(method, row.reshape(-1, 1)).value for row in x]

    def method(self, net: Handle, names: Sequence[str]) -> tuple[Handle, Any]:
        """Return the first method of these names and its arguments."""
        for name in names:
            if (found := getattr(net, name)) and is_handle(found):
                return found, self._memory.setdefault(f"parameters of {name}", self.inside.parameters(found))
        raise StudentError(f"Your class `{self.name}` has no method `{names[0]}`.")

    # --- trying out -------------------------------------------------------------------------------------------

    def _settle(self) -> Known:
        """Find out how the class is made and fed, by one step on a small batch.

        Preferred is the way under which the step is right; where none is, the first one that trains at all.
        """
        wanted, x, y, start = small_problem(self.check)
        self.foresee("step", start, x, y, wanted.activation, wanted.rate)
        first: Known | None = None
        unfilled = False
        error: StudentError | None = None
        for making, fitting in self._ways(wanted):
            if first is not None and (making.less, making.hidden) != (first.making.less, first.making.hidden):
                continue
            for form in fitting if first is None else [first.form]:
                try:
                    found, right = self._try(wanted, making, form, x, y, start)
                except CallTimedOut:
                    raise
                except StudentError as raised:
                    error = error or raised
                    continue
                if right:
                    return found
                first, unfilled = first or found, unfilled or not found.fills
        return self._second_best(first, error, unfilled=unfilled)

    def _second_best(self, first: Known | None, error: StudentError | None, *, unfilled: bool) -> Known:
        """Return the first way that trains; raise where there is none, or where another may be right."""
        if unfilled and self.check.reference.offline:
            self._memory["review"] = UNFILLED
            raise NeedsReview(UNFILLED)
        if first is not None:
            return first
        self._memory["raised"] = str(error) if error else f"`{self.name}` could not be made and trained."
        raise error or StudentError(self._memory["raised"])

    def _ways(self, wanted: Settings) -> Iterator[tuple[Making, Sequence[Form]]]:
        """Yield the ways under which a network can be made at all, and the forms of data to try, each way once."""
        first: StudentError | None = None
        seen: set[str] = set()
        made = False
        for making in makings(self.parameters):
            bound = constructor(self.parameters, wanted, making, self.words, str)
            if (key := f"{making.form == 'function'} {bound.args} {bound.kwargs}") in seen:
                continue
            seen.add(key)
            self._begin(1)
            try:
                net = self.make(wanted, making)
                _, parameters = self.method(net, LEARNS)
            except CallTimedOut:
                raise
            except StudentError as error:
                first = first or error
                continue
            if not find(self._leaves(net), wanted.sizes) and biases_inside(self._leaves(net), wanted.sizes):
                self._memory["review"] = INSIDE
                raise NeedsReview(INSIDE)
            if find(self._leaves(net), wanted.sizes) or not self._has_matrices(net):
                made = True
                yield making, forms(parameters)
        if not made:
            self._memory["raised"] = (
                f"`{self.name}` could not be made with the layer sizes {list(wanted.sizes)}: {first}"
                if first is not None
                else f"`{self.name}` with the layer sizes {list(wanted.sizes)} has no weights of these sizes."
            )
            raise StudentError(self._memory["raised"])

    def _has_matrices(self, net: Handle) -> bool:
        return any(array.ndim == 2 for _, array in self._leaves(net))

    def _try(
        self, wanted: Settings, making: Making, form: Form, x: np.ndarray, y: np.ndarray, start: Layers
    ) -> tuple[Known, bool]:
        """Train one step under one way; return what it showed, and whether the step was right."""
        self._begin(1)
        net = self.make(wanted, making)
        holders = find(self._leaves(net), wanted.sizes)
        fills = bool(holders)
        if fills:
            before, after, _ = self._filled_run(replace(wanted, rate=TINY_RATE), making, form, x, y, start, 1)
            fills = _still_there(before, after)
        if not fills:
            before, after = self._plain_runs(wanted, making, form, x, y, 1)
            holder = pick(find(self._leaves(self.student.get(HOME)), wanted.sizes))
            judged = not self.check.reference.offline  # no record knows weights that the network drew
            right = judged and self._is_right(wanted, before, after, x, y)
            return Known(making=making, form=form, fills=False, holder=holder), right
        before, after, holder = self._filled_run(wanted, making, form, x, y, start, 1)
        known = Known(making=making, form=form, fills=True, holder=holder)
        return known, self._is_right(wanted, before, after, x, y)

    def _is_right(self, wanted: Settings, before: Layers, after: Layers, x: np.ndarray, y: np.ndarray) -> bool:
        """Tell whether one step of the reference leads from the weights before to those afterwards."""
        want, _ = self.check.reference.step(before.weights, before.biases, x, y, wanted.activation, wanted.rate)
        return all(np.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in zip(after.weights, want, strict=True))

    def _filled_run(
        self,
        wanted: Settings,
        making: Making,
        form: Form,
        x: np.ndarray,
        y: np.ndarray,
        start: Layers,
        seed: int,
    ) -> tuple[Layers, Layers, Holder]:
        self._begin(seed)
        net = self.make(wanted, making)
        before = self._fill(net, start)
        earlier = self._leaves(net)
        self.fit(net, x, y, wanted, form)
        later = self._leaves(net)
        holder = moved(find(earlier, wanted.sizes), earlier, later)
        return before, read(later, holder, wanted.sizes), holder

    def _plain_runs(
        self, wanted: Settings, making: Making, form: Form, x: np.ndarray, y: np.ndarray, seed: int
    ) -> tuple[Layers, Layers]:
        """Train a new network from its own start with almost no rate, and again; return the weights after either."""
        layers = []
        for each in (replace(wanted, rate=TINY_RATE, epochs=1), wanted):
            self._begin(seed)
            net = self.make(each, making)
            self.fit(net, x, y, each, form)
            found = self._leaves(net)
            holders = find(found, wanted.sizes)
            if not holders:
                raise StudentError(
                    f"After training your network has no weight matrices of the layer sizes {list(wanted.sizes)}."
                )
            layers.append(read(found, pick(holders), wanted.sizes))
        return layers[0], layers[1]

    def _fill(self, net: Handle, layers: Layers) -> Layers:
        """Write known weights wherever the network keeps some; return them as it holds them."""
        found = self._leaves(net)
        sizes = layers.sizes
        holders = find(found, sizes)
        if not holders:
            raise StudentError(f"Your network has no weight matrices of the layer sizes {list(sizes)}.")
        self.inside.fill(net, [pair for holder in holders for pair in holder.pairs(layers)])
        return read(self._leaves(net), pick(holders), sizes)

    def _leaves(self, net: Handle) -> list[tuple[tuple[tuple[str, Any], ...], np.ndarray]]:
        told = self.inside.leaves(net)
        return [(tuple((str(k), key) for k, key in steps), np.asarray(array)) for steps, array in told]

    def _begin(self, seed: int) -> None:
        """Go back to the state the notebook left: another network is made from there."""
        self.student.begin(seed)

    def _function(self, name: str) -> Any:
        """Return the student's function of this name, for a constructor that takes functions."""
        return Functions(self.student, self.inside, None).given(name)

    def _set_fields(self, bound: Bound, wanted: Settings) -> None:
        """Set what the constructor did not take where the object has a field for it."""
        values = {"rate": wanted.rate, "batch": wanted.batch, "epochs": wanted.epochs, "activation": wanted.activation}
        open_roles = {role: values[role] for role in bound.left if role in values}
        if not open_roles:
            return
        net = self.student.get(HOME)
        for name, value in self.inside.fields(net):
            role = role_of(name)
            if role in open_roles and isinstance(value, str) == isinstance(open_roles[role], str):
                self.student.put([((("item", HOME), ("attr", name)), open_roles[role])])


def small_problem(check: Check) -> tuple[Settings, np.ndarray, np.ndarray, Layers]:
    """Return a small network, a batch of 8 for it, and weights to start from."""
    rng = np.random.default_rng(5)
    wanted = Settings(sizes=(6, 5, 4, 3), batch=8, epochs=1, rate=0.1)
    x, y = rng.normal(size=(8, 6)), np.array([0, 1, 2, 2, 1, 0, 1, 2])
    return wanted, x, y, random_layers(check, wanted.sizes, rng)


def random_layers(check: Check, sizes: Sequence[int], rng: np.random.Generator) -> Layers:
    """Return weights as at the start of training, but with biases that are not zero."""
    weights, biases = check.reference.initialise(sizes, "normal", rng)
    return Layers(weights=weights, biases=[rng.normal(0, 0.3, b.shape) for b in biases])


def place() -> Place:
    """Return where the network under examination is."""
    return Place((("item", HOME),))


def _still_there(before: Layers, after: Layers) -> bool:
    """Tell whether weights are those from before but for a step, not others that `fit` drew.

    The step is short, but a rate that is not used makes it longer.
    """
    pairs = list(zip(before.weights, after.weights, strict=True))
    return sum(float(np.sum((a - b) ** 2)) for a, b in pairs) < 0.25 * sum(float(np.sum(a**2)) for a, _ in pairs)
