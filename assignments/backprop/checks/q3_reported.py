"""Question 3: which accuracy and loss a notebook reports, and which its model has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from q3_network import SERVED, SOME, VALIDATION, Work
from reading import NUMBER, as_number

from grader.checks import Measured, NotebookView
from grader.models import Run, count_right, fit_images, history_agrees, predict, prints_of
from grader.models.recompute import as_probabilities
from grader.models.structure import History

NAMES = {
    "accuracy": ("test_accuracy", "test_acc", "accuracy_test", "acc_test"),
    "loss": ("test_loss", "loss_test"),
}
ROUNDED = 0.0051  # a figure with two digits
STANDARDIZED = 0.02  # who standardizes by rows of their own gets other predictions than we do
TINY = 1e-7
LOG_LINE = re.compile(r"val_|^\s*Epoch\b", re.MULTILINE)
TEST, TRAINING, FITTED, HELD_BACK = "test", "training", "fitted", "held back"
WRONG_ROWS = {
    TRAINING: "of the training images",
    FITTED: "of the images the network was trained on",
    HELD_BACK: "of the validation images",
}


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A number a notebook reports, and where: a name in backticks, or words. `decimals` are known of printed ones."""

    where: str
    value: float
    decimals: int | None = None

    def near(self, truth: float, slack: float) -> bool:
        """Tell whether this is the true number, rounded; a fraction may be given in per cent."""
        if self.decimals is not None:
            slack = max(min(slack, 0.51 * 10.0**-self.decimals), 1e-4)
        return abs(self.value - truth) <= slack


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a model comes to on some rows: fraction right, and the losses it may be said to have."""

    accuracy: float
    losses: tuple[float, ...]


class Results:
    """The true figures of a model, by rows and scale, computed from its weights."""

    def __init__(self, work: Work, measured: Measured) -> None:
        self._work, self.measured = work, measured
        self.tests = [run for run in work.models.runs(work.network, "evaluate") if self._is_test(run)]

    def truth(self, rows: str = TEST, scale: str | None = None) -> Truth:
        """Return the figures of the model for some rows, fed on a scale (the one it is best on)."""
        x, y = self._rows(rows)
        probabilities = self.probabilities(x, scale)
        own = np.clip(probabilities[np.arange(len(y)), np.minimum(y, probabilities.shape[1] - 1)], TINY, 1.0)  # (n,)
        one_hot = np.eye(probabilities.shape[1])[np.minimum(y, probabilities.shape[1] - 1)]  # (n, classes)
        squared = np.mean((probabilities - one_hot) ** 2)
        losses = [float(-np.log(own).mean())]
        compiled = self._work.network.model.compiled
        if compiled is not None and any("squared" in name or name == "mse" for name in compiled.losses):
            losses.append(float(squared))
        return Truth(accuracy=float(count_right(probabilities, y).mean()), losses=tuple(losses))

    def probabilities(self, pixels: np.ndarray, scale: str | None = None) -> np.ndarray:
        """Return what the model says of images of bytes, (n, classes): from its weights, as it would be."""
        model, way = self._work.network.model, self.measured.scale.ways[scale or self.measured.scale.best]
        outputs = predict(model, fit_images(model, way(pixels)), dtype=np.float32).values[0]
        return as_probabilities(model, outputs)

    @property
    def slack(self) -> float:
        """How far a right figure may be off."""
        return STANDARDIZED if "standardized" in self.measured.scale.best else ROUNDED

    def from_tests(self, kind: str) -> list[Reported]:
        """Return what `evaluate` said of test images."""
        said = []
        for run in self.tests:
            where = "what `evaluate` returned"
            values = [(name == "loss", value) for name, value in run.values.items()]
            said += [Reported(where=where, value=value) for is_loss, value in values if is_loss == (kind == "loss")]
        return said

    def plausible(self, fraction: float, n: int) -> bool:
        """Tell whether an accuracy on n rows may be that of the model, which is known on the hidden rows."""
        if not 0 <= fraction <= 1:
            return False
        claim = History(path=(("item", "claim"),), series={"val_accuracy": (fraction,)})
        right = self.measured.right
        return history_agrees(claim, int(right.sum()), len(right), n_reported=n)

    def fed_as_trained(self, run: Run) -> bool:
        """Tell whether a run was given pixels of about the range that `fit` was given; unknown counts as yes."""
        ranges = [abs(fit.high) for fit in self._work.fits if fit.high is not None]
        return run.high is None or not ranges or ranges[-1] / 3 <= abs(run.high) <= 3 * ranges[-1]

    def _is_test(self, run: Run) -> bool:
        """Tell whether a run was given test images: the served ones, or others that `fit` never got."""
        if len(run.prints) == 0 or run.error:
            return False
        served = np.isin(run.prints, self._work.test_prints).mean() > 1 - SOME
        unseen = all(np.isin(run.prints, fit.prints).mean() < SOME for fit in self._work.fits)
        return bool(served or (unseen and len(run.prints) >= 50))

    def _rows(self, rows: str) -> tuple[np.ndarray, np.ndarray]:
        if rows == TEST:
            return self._test_rows()
        x, y = self._work.data.training(SERVED)
        first = round((1 - VALIDATION) * len(x))
        part = {TRAINING: slice(None), FITTED: slice(first), HELD_BACK: slice(first, None)}[rows]
        return x[part], y[part]

    def _test_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the served test images, or those the notebook itself split off and `fit` never got."""
        x, y = self._work.data.testing(SERVED)
        runs = [run for kind in ("evaluate", "predict") for run in self._work.models.runs(self._work.network, kind)]
        tested = [run for run in runs if self._is_test(run) and len(run.prints) >= 50]
        if not tested or any(np.isin(self._work.test_prints, run.prints).mean() > 1 - SOME for run in tested):
            return x, y
        more_x, more_y = self._work.data.training(SERVED)
        all_x, all_y = np.concatenate([more_x, x]), np.concatenate([more_y, y])
        there = np.isin(prints_of(all_x), tested[-1].prints)
        return (all_x[there], all_y[there]) if there.sum() >= len(tested[-1].prints) / 2 else (x, y)


def reported(work: Work, notebook: NotebookView, results: Results, kind: str) -> list[Reported]:
    """Return the figures a notebook gives as its test accuracy, or loss: a name that says so, else what it shows.

    The name decides alone. Without it, what `evaluate` returned for test images counts, and what the cells of this
    question printed apart from the log of the training.
    """
    named = _named(work, notebook, kind)
    if named is not None:
        return [named]
    return [*results.from_tests(kind), *_printed(notebook)]


def fractions(found: Reported) -> Iterator[Reported]:
    """Yield a number as a fraction of one: as it is, and as per cent."""
    yield found
    if found.value > 1:
        decimals = None if found.decimals is None else found.decimals + 2
        yield Reported(where=found.where, value=found.value / 100, decimals=decimals)


def _named(work: Work, notebook: NotebookView, kind: str) -> Reported | None:
    """Return the variable that says what it is, unless another question's cells set it."""
    there = {thing.name for thing in work.check.student.things()}
    for name in NAMES[kind]:
        if name in there and not _set_elsewhere(notebook, name):
            value = as_number(_read(work, name))
            if value is not None:
                return Reported(where=f"`{name}`", value=value)
    return None


def _read(work: Work, name: str) -> Any:
    return work.check.student.read((("item", name),))


def _set_elsewhere(notebook: NotebookView, name: str) -> bool:
    own = {cell.index for cell in notebook.cells("q3")}
    assigned = re.compile(rf"(?<![\w.]){name}\s*(,[^=\n]*)?=(?!=)")
    others = [cell for cell in notebook.execution.cells if cell.kind == "code" and cell.index not in own]
    return bool(own) and any(assigned.search(cell.source) for cell in others)


def _printed(notebook: NotebookView) -> list[Reported]:
    """Return the numbers the cells of this question showed; where it has no cells of its own, those of all."""
    cells = notebook.cells("q3") or list(notebook.execution.cells)
    texts = [output.data for cell in cells for output in cell.outputs if output.mime.startswith("text/")]
    lines = [line for text in texts for line in re.split(r"[\n\r\b]+", text) if not LOG_LINE.search(line)]
    return [
        Reported(where="what you printed", value=float(number), decimals=len(number.partition(".")[2]))
        for line in lines
        for number in NUMBER.findall(line)
        if "." in number and "e" not in number.lower()
    ]
