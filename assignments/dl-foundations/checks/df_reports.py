"""scikit-learn's classification report: found in what a notebook printed or kept, and recomputed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import Check, NotebookView

NUMBER = r"(\d*\.\d+|\d+)"
ROW = re.compile(rf"^\s*(\S.*?)\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}\s+(\d+)(?:\.0+)?\s*$", re.MULTILINE)
HEAD = re.compile(r"precision\s+recall\s+f1-score\s+support")
NAMES = (
    "report",
    "classification_report_",
    "cr",
    "rep",
    "class_report",
    "clf_report",
    "report_dict",
    "classificationreport",
)
COLUMNS = ("precision", "recall", "f1-score", "support")
ROUNDED = 0.0051  # two digits, as printed


@dataclass(frozen=True, kw_only=True)
class Report:
    """Precision, recall, F1 and support (columns) of class 0 and class 1 (rows): array of shape (2, 4)."""

    table: np.ndarray
    where: str

    @property
    def n(self) -> int:
        """How many rows were judged."""
        return int(self.table[:, 3].sum())


def reports(check: Check, notebook: NotebookView) -> Iterator[Report]:
    """Yield every report, the last printed first, then those kept in variables."""
    for cell in reversed(notebook.execution.cells):
        for output in reversed(cell.outputs):
            if output.mime.startswith("text/") and (table := read_text(output.data)) is not None:
                yield Report(table=table, where=f"the output of cell {cell.index + 1}")
    defined = {thing.name for thing in check.student.things()}
    for name in NAMES:
        table = read_value(check.student.get(name)) if name in defined else None
        if table is not None:
            yield Report(table=table, where=f"`{name}`")


def read_value(value: Any) -> np.ndarray | None:
    """Read a report that is text, or scikit-learn's dictionary."""
    if isinstance(value, str):
        return read_text(value)
    if not isinstance(value, dict):
        return None
    rows = [row for row in value.values() if isinstance(row, dict) and all(column in row for column in COLUMNS)]
    return np.array([[float(row[column]) for column in COLUMNS] for row in rows[:2]]) if len(rows) >= 2 else None


def read_text(text: str) -> np.ndarray | None:
    """Read the first two rows after the last heading, as (2, 4); None where there is no report."""
    heads = list(HEAD.finditer(text))
    if not heads:
        return _read_dict(text)
    rows = ROW.findall(text[heads[-1].end() :])[:2]
    return np.array([[float(number) for number in row[1:]] for row in rows]) if len(rows) == 2 else None


def _read_dict(text: str) -> np.ndarray | None:
    """Read a dictionary that was printed: the first four numbers behind each class."""
    number = r"(?:np\.float64\()?([\d.]+)\)?"
    pattern = r",\s*".join(rf"'{column}':\s*{number}" for column in COLUMNS)
    rows = re.findall(pattern, text)[:2]
    return np.array([[float(n) for n in row] for row in rows]) if len(rows) == 2 else None


def computed(labels: np.ndarray, guesses: np.ndarray) -> np.ndarray:
    """Return precision, recall, F1 and support of class 0 and class 1, shape (2, 4); 0 where nothing is divided by."""
    rows = []
    for k in (0, 1):
        hits = float(np.sum((guesses == k) & (labels == k)))
        said, there = float(np.sum(guesses == k)), float(np.sum(labels == k))
        precision, recall = hits / max(said, 1), hits / max(there, 1)
        rows.append([precision, recall, 2 * hits / max(said + there, 1), there])
    return np.array(rows)
