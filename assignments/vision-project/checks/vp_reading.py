"""Reading what a notebook keeps: numbers, triples, loss curves, layer tables. Whatever came, nothing here raises."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import Check
from grader.compare import show
from grader.errors import StudentError
from grader.probe import Missing, is_handle
from grader.results import Text

NUMBER = re.compile(r"(?<![\w.])-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
THOUSANDS = re.compile(r"(?<=\d)[,_' ](?=\d{3}\b)")
PARTS = (("w",), ("b",), ("a",))
MAX_CURVES, MAX_EPOCHS, MAX_LAYERS = 50, 100_000, 200


# --- numbers ------------------------------------------------------------------------------------------------------


def as_floats(value: Any) -> np.ndarray | None:
    """Return a value as an array of floats; None for text, ragged lists, complex numbers, objects and None."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def as_number(value: Any) -> float | None:
    """Return a number, an array of one number, or text that is one ("26,432"), as a float."""
    if isinstance(value, str):
        plain = THOUSANDS.sub("", value.strip()).removesuffix("%").strip()
        return float(plain) if NUMBER.fullmatch(plain) else None
    array = None if isinstance(value, bool) else as_floats(value)
    return float(array.reshape(())) if array is not None and array.size == 1 else None


def number_called(check: Check, name: str, others: Sequence[str] = ()) -> float:
    """Return the student's number of that name; fails the check where it is none."""
    value = check.student.get(name, *others)
    if isinstance(value, Missing):
        raise value.error()
    number = as_number(value)
    if number is None:
        check.fail(f"`{name}` has to be one number.", Text(title=f"What `{name}` is", text=show(value)))
    return number


def accuracy_called(check: Check, name: str, others: Sequence[str] = ()) -> float:
    """Return the student's accuracy as a fraction of one; per cent, and what `evaluate` returns, are understood."""
    value = check.student.get(name, *others)
    if isinstance(value, list | tuple) and len(value) == 2 and None not in map(as_number, value):
        check.remark(f"`{name}` holds two numbers, as `evaluate` returns them: the second was taken")
        number = as_number(value[1])
    else:
        number = number_called(check, name, others)
    if number is None or not 0 <= number <= 100:
        check.fail(f"`{name}` is {number}; an accuracy lies between 0 and 1.")
    if number > 1:
        check.remark(f"your `{name}` was taken as per cent")
    return number / 100 if number > 1 else number


def three_parts(value: Any) -> list[Any] | None:
    """Return the three members of a tuple, list, array or dict (by its keys, else in its order); None of others."""
    if isinstance(value, dict):
        value = _by_keys(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return None
    return list(value) if isinstance(value, list | tuple | np.ndarray) and len(value) == 3 else None


def _by_keys(parts: dict[Any, Any]) -> list[Any]:
    """Return the values for w, b and a_prev, told by the last part of each key ("dC/dw", "grad_b", "da_prev")."""
    found: dict[str, Any] = {}
    for key, value in parts.items():
        words = re.split(r"[/_ ]+", str(key).lower().replace("prev", "").replace("∂", "d").strip("_ /"))
        found[words[-1].lstrip("d")[:1]] = value
    return [found[letter] for letter in "wba"] if set(found) == set("wba") else list(parts.values())


# --- losses -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LossCurve:
    """The losses of one learning rate, shape (epochs,), and what the student calls it."""

    name: str
    rate: float | None
    losses: np.ndarray

    @property
    def last(self) -> float:
        """The loss at the end; infinite where it ran away."""
        return float(self.losses[-1]) if math.isfinite(self.losses[-1]) else math.inf

    @property
    def ends(self) -> str:
        """How the curve ends, in words."""
        return f"{self.last:.3g}" if math.isfinite(self.last) else "NaN or infinity"

    @property
    def jumps(self) -> bool:
        """Whether the loss rises by a fifth from one epoch to the next."""
        with np.errstate(all="ignore"):
            return bool(np.any(np.diff(self.losses) > 0.2 * np.abs(self.losses[:-1])))


LOSS_NAMES = ("loss_curves", "all_losses", "loss_history", "loss_histories", "histories", "losses_by_rate")
RATE_NAMES = ("learning_rates", "rates", "lrs", "lr_values", "lr_list", "learning_rate_list", "etas", "alphas")


def read_losses(check: Check) -> list[LossCurve]:
    """Return the curves in `losses`, from the smallest learning rate to the largest; fails the check without them."""
    value = check.student.get("losses", *LOSS_NAMES)
    if isinstance(value, Missing):
        raise value.error()
    pairs = list(_pairs(check, value))[:MAX_CURVES]
    curves = [(key, array) for key, item in pairs if (array := _losses(item)) is not None]
    if not pairs or len(curves) < len(pairs):
        check.fail(
            "`losses` has to be a dictionary with one list of losses for each learning rate, such as "
            "`{0.01: [2.3, 1.9, …], …}`.",
            Text(title="What `losses` is", text=show(value)),
        )
    rates = [_rate(key) for key, _ in curves]
    if any(rate is None for rate in rates):
        check.remark("the keys of your `losses` are no learning rates: they were taken in the order too small … large")
        rates = [None] * len(rates)
    found = [
        LossCurve(name=str(key), rate=rate, losses=array) for (key, array), rate in zip(curves, rates, strict=True)
    ]
    return found if None in rates else sorted(found, key=lambda curve: curve.rate or 0.0)


def _pairs(check: Check, value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (learning rate or name, losses) of a dict, a table, a list of pairs, or lists in the order of the rates."""
    if is_handle(value):
        value = _called(value, "to_dict", "list")
    if isinstance(value, dict):
        yield from value.items()
        return
    rows = list(value) if isinstance(value, list | tuple | np.ndarray) and np.ndim(as_floats(value)) != 1 else []
    if rows and all(isinstance(row, list | tuple) and len(row) == 2 and _is_key(row[0]) for row in rows):
        yield from ((row[0], row[1]) for row in rows)
        return
    rates = check.student.get(*RATE_NAMES) if rows else []
    known = list(rates) if isinstance(rates, list | tuple | np.ndarray) and len(rates) == len(rows) else []
    yield from zip(known or (f"number {i}" for i in range(1, len(rows) + 1)), rows, strict=False)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) or as_number(value) is not None


def _losses(item: Any) -> np.ndarray | None:
    """Return one curve, shape (epochs,), from a list, an array, a `History` or the dictionary in it."""
    if is_handle(item):
        try:
            item = item.history
        except StudentError:
            return None
    if isinstance(item, dict):
        item = item.get("loss", next(iter(item.values()), None))
    array = as_floats(item)
    return array.reshape(-1) if array is not None and 0 < array.size <= MAX_EPOCHS and array.ndim > 0 else None


def _rate(key: Any) -> float | None:
    if isinstance(key, str):
        found = NUMBER.findall(re.sub(r"[=_]", " ", key))
        return float(found[-1]) if found and not key.startswith("number ") else None
    return as_number(key)


def _called(handle: Any, method: str, *args: Any) -> Any:
    """Return what a method of an object in the kernel gives, None where it has none or it raises."""
    try:
        return getattr(handle, method)(*args)
    except (StudentError, TypeError):
        return None


# --- layer tables -------------------------------------------------------------------------------------------------

DASHES = ("-", "–", "—")  # for no parameters
SHAPE = re.compile(r"\(\s*(?:None|\d+)[^()]*\)|\b\d+(?:\s*[x×*]\s*\d+)+\b")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a layer table; `shape` without the batch, None where the row gives none."""

    name: str
    shape: tuple[int, ...] | None
    parameters: int | None

    def __str__(self) -> str:
        shape = "?" if self.shape is None else " × ".join(map(str, self.shape)) or "?"
        return f"{self.name or '?'}: {shape}, {'?' if self.parameters is None else f'{self.parameters:,}'} parameters"


def read_table(value: Any) -> list[Row] | None:
    """Return the rows of a table: a list of tuples or dicts, a dict by name, a DataFrame, or text as of `summary`."""
    if is_handle(value):
        value = _called(value, "to_dict", "records")
    if isinstance(value, str):
        return _rows_of_text(value)
    if isinstance(value, dict):
        value = _rows_of_dict(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple) or len(value) > MAX_LAYERS:
        return None
    rows = [_row(list(item.values()) if isinstance(item, dict) else item) for item in value]
    return None if None in rows else [row for row in rows if row is not None]


def _rows_of_dict(table: dict[Any, Any]) -> list[Any]:
    """Read {"conv2d": (shape, parameters)}, or columns {"name": [...], "shape": [...], "parameters": [...]}."""
    columns = list(table.values())
    lengths = {len(column) if isinstance(column, list | tuple) else -1 for column in columns}
    if len(columns) in (3, 4) and len(lengths) == 1 and all(isinstance(each, str) for each in columns[0]):
        return [list(row) for row in zip(*columns, strict=True)]
    return [
        [name, *(each.values() if isinstance(each, dict) else each if isinstance(each, list | tuple) else [each])]
        for name, each in table.items()
    ]


def _row(cells: Any) -> Row | None:
    """Read one row: text is the name, a sequence (or text such as "26x26x32") the shape, the last number the count.

    Of two plain numbers the first is a shape, as in ("dense", 10, 650).
    """
    if not isinstance(cells, list | tuple) or not 2 <= len(cells) <= 6:
        return None
    cells = [0 if isinstance(cell, str) and cell.strip() in DASHES else cell for cell in cells]
    shapes = [cell for cell in cells if isinstance(cell, list | tuple | np.ndarray) or _is_shape_text(cell)]
    others = [cell for cell in cells if not any(cell is shape for shape in shapes)]
    numbers = [cell for cell in others if (number := as_number(cell)) is not None and number.is_integer()]
    names = [cell for cell in others if isinstance(cell, str) and as_number(cell) is None]
    if not shapes and len(numbers) > 1:
        shapes = numbers[:1]
    return Row(
        name=names[0] if names else "",
        shape=_shape(shapes[0]) if shapes else None,
        parameters=int(as_number(numbers[-1]) or 0) if numbers else None,
    )


def _is_shape_text(cell: Any) -> bool:
    return isinstance(cell, str) and SHAPE.fullmatch(cell.strip()) is not None


def _shape(cell: Any) -> tuple[int, ...] | None:
    """Return a shape without the batch; a number alone counts as one where it stands in the place of a shape."""
    if isinstance(cell, str):
        numbers = re.findall(r"\d+", cell) if SHAPE.fullmatch(cell.strip()) or cell.strip().isdecimal() else []
        return tuple(int(number) for number in numbers) or None
    if isinstance(cell, bool) or cell is None:
        return None
    cells = cell.tolist() if isinstance(cell, np.ndarray) else cell
    cells = list(cells) if isinstance(cells, list | tuple) else [cells]
    if len(cells) == 1 and isinstance(cells[0], list | tuple):
        cells = list(cells[0])  # [(None, 28, 28, 1)], as an input layer gives it
    sizes = [size for size in map(as_number, (each for each in cells if each is not None)) if size is not None]
    return tuple(int(size) for size in sizes if size.is_integer() and size > 0) or None


def _rows_of_text(text: str) -> list[Row] | None:
    """Read the lines of what `summary` prints."""
    rows = []
    for line in text.splitlines():
        shapes = [found for found in SHAPE.findall(line) if re.search(r"\d", found)]
        numbers = re.findall(r"\d[\d,]*", line.rpartition(shapes[-1])[2]) if shapes else []
        if shapes and numbers:
            name = re.sub(r"[│|┃]", " ", line.partition(shapes[-1])[0]).strip()
            rows.append(Row(name=name, shape=_shape(shapes[-1]), parameters=int(numbers[0].replace(",", ""))))
    return rows or None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The rows of a table, each with whether it is a layer, and which layers without parameters it leaves out."""

    rows: tuple[tuple[Row, bool], ...]
    missing: int
    left_out: tuple[str, ...]

    @property
    def right(self) -> int:
        """How many rows are layers."""
        return sum(fits for _, fits in self.rows)

    @property
    def fraction(self) -> float:
        """The part of the table that is right; rows too many count like rows that are missing."""
        wrong = max(len(self.rows) - self.right, self.missing)
        return self.right / (self.right + wrong) if self.right else 0.0


def compare_tables(rows: Sequence[Row], layers: Sequence[Row]) -> Compared:
    """Compare a student's rows with the layers of a model, in order; rows for the input and the total do not count.

    Layers that have no parameters and keep all numbers (such as Flatten) may be left out.
    """
    own = [row for row in rows if not re.search(r"input|total|trainable|optimizer", row.name.lower())]
    own = own or list(rows)
    pairs = _in_order(own, layers)
    taken = {j for _, j in pairs}
    absent = [layer for j, layer in enumerate(layers) if j not in taken]
    minor = [layer for layer in absent if not layer.parameters and "pool" not in layer.name.lower()]
    hits = {i for i, _ in pairs}
    return Compared(
        rows=tuple((row, i in hits) for i, row in enumerate(own)),
        missing=len(absent) - len(minor),
        left_out=tuple(layer.name for layer in minor),
    )


def _in_order(rows: Sequence[Row], layers: Sequence[Row]) -> list[tuple[int, int]]:
    """Return the longest list of pairs (row, layer) that are the same and stand in the same order."""
    best: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for i in range(len(rows), -1, -1):
        for j in range(len(layers), -1, -1):
            if i == len(rows) or j == len(layers):
                best[i, j] = []
            elif _same_layer(rows[i], layers[j]):
                best[i, j] = [(i, j), *best[i + 1, j + 1]]
            else:
                best[i, j] = max(best[i + 1, j], best[i, j + 1], key=len)
    return best[0, 0]


def _same_layer(row: Row, layer: Row) -> bool:
    if (row.parameters or 0) != layer.parameters:
        return False
    if layer.shape is None or row.shape == layer.shape:
        return True
    without_batch = row.shape is not None and len(row.shape) == len(layer.shape) + 1 and row.shape[1:] == layer.shape
    one_channel = row.shape is not None and (*row.shape, 1) == layer.shape
    return without_batch or one_channel
