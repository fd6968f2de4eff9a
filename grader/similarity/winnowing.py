"""Fingerprints of the code of a notebook, by winnowing.

S. Schleimer, D. S. Wilkerson, A. Aiken: Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003. Every
`GRAM` tokens in a row are hashed, and of every `WINDOW` hashes in a row the smallest is kept. So notebooks that share
`GRAM + WINDOW - 1` tokens in a row share a fingerprint, and those that never share `GRAM` share none.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from nbformat import NotebookNode
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from grader.similarity.tokens import Token, tokens

GRAM = 20
WINDOW = 4
MAX_CELL = 60_000  # characters; the rest of a longer cell is not looked at
MAX_NOTEBOOK = 400_000
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so multiplying by it loses nothing
LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
CELL, ORDER, START, END = range(4)
Hashes = NDArray[np.uint64]
Places = NDArray[np.int32]
NOTHING: Hashes = np.zeros(0, np.uint64)
NOWHERE: Places = np.zeros((0, 4), np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prints:
    """The fingerprints of a notebook, in the order of its code.

    A row of `places` says where one stands: cell, number of its first token in the notebook, and start and end in the
    source of the cell.
    """

    hashes: Hashes  # (n,)
    places: Places  # (n, 4)

    def __len__(self) -> int:
        return len(self.hashes)


def fingerprints(node: NotebookNode, handed_out: Hashes = NOTHING) -> Prints:
    """Return the fingerprints of the code a student wrote: what is in the handed-out code has none."""
    grams = _grams(node)
    hashes = np.concatenate([NOTHING, *(hashes for hashes, _ in grams)])
    places = np.concatenate([NOWHERE, *(places for _, places in grams)])
    own = ~np.isin(hashes, handed_out)
    ends = np.cumsum([len(hashes) for hashes, _ in grams], dtype=np.int64)
    masked = np.split(np.where(own, hashes, LAST), ends)  # by cells, and an empty rest
    chosen = np.concatenate([start + _winnowed(part) for start, part in zip((0, *ends), masked, strict=True)])
    chosen = chosen[own[chosen]]
    return Prints(hashes=hashes[chosen], places=places[chosen])


def handed_out(master: NotebookNode) -> Hashes:
    """Return the hashes of all the code that everybody was given."""
    return np.unique(np.concatenate([NOTHING, *(hashes for hashes, _ in _grams(master))]))


def code_tokens(node: NotebookNode) -> dict[int, list[Token]]:
    """Return the tokens of each code cell by its index, of as much as is looked at."""
    sources, left = {}, MAX_NOTEBOOK
    for index, cell in enumerate(node.cells):
        if cell.cell_type == "code":
            sources[index] = cell.source[: min(MAX_CELL, left)]
            left -= len(sources[index])
    return dict(zip(sources, tokens(list(sources.values())), strict=True))


def _grams(node: NotebookNode) -> list[tuple[Hashes, Places]]:
    """Return for each code cell the hashes of every `GRAM` tokens in a row, and their places."""
    found, counted = [], 0
    for index, cell in code_tokens(node).items():
        pairs = zip(cell, cell[GRAM - 1 :], strict=False)
        rows = [(index, number, first.start, last.end) for number, (first, last) in enumerate(pairs, counted)]
        found.append((_hashed(cell), np.array(rows, np.int32).reshape(-1, 4)))
        counted += len(cell)
    return found


def _hashed(cell: Sequence[Token]) -> Hashes:
    """Return a polynomial in the tokens, modulo 2**64, for every `GRAM` of them; the same in every process."""
    numbers = np.array([_number(token.kind) for token in cell], np.uint64)
    n = max(0, len(cell) - GRAM + 1)
    hashes = np.zeros(n, np.uint64)
    for i in range(GRAM):
        hashes = hashes * FACTOR + numbers[i : i + n]
    hashes ^= hashes >> np.uint64(32)  # the lower half alone would depend on few bits of the numbers
    return hashes * FACTOR


@lru_cache(maxsize=100_000)
def _number(kind: str) -> int:
    return zlib.crc32(kind.encode("utf-8", "surrogatepass"))


def _winnowed(hashes: Hashes) -> NDArray[np.int64]:
    """Return the indices of the smallest hash of each window, the rightmost where several are; each index once."""
    if not len(hashes):
        return np.zeros(0, np.int64)
    windows = sliding_window_view(hashes, min(WINDOW, len(hashes)))
    width = windows.shape[1]
    smallest = width - 1 - np.argmin(windows[:, ::-1], axis=1)
    return np.unique(np.arange(len(windows)) + smallest)
