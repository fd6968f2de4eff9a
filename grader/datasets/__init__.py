"""Data sets without a network: embedded ones, made when they are first needed, and full ones that somebody added.

Kernels are answered from a store (`store`), a folder with what an assignment lets them see. The hidden rows
(`hidden`) never enter a kernel. docs/datasets.md says what there is and how hard it is.
"""

from grader.datasets.embedded import EMBEDDED, Embedded
from grader.datasets.originals import ORIGINALS, Added, Original, add, find
from grader.datasets.store import NAMES, VERSION, full, hidden, store, testing, training
from grader.datasets.tables import TABLES, table
from grader.datasets.weights import BLOCKS as WEIGHTS
from grader.datasets.weights import add_weights, kept_weights, weights

__all__ = [
    "EMBEDDED",
    "NAMES",
    "ORIGINALS",
    "TABLES",
    "VERSION",
    "WEIGHTS",
    "Added",
    "Embedded",
    "Original",
    "add",
    "add_weights",
    "find",
    "full",
    "hidden",
    "kept_weights",
    "store",
    "table",
    "testing",
    "training",
    "weights",
]
