"""Which rows are for what: fixed for ever by hashes, with every label's share in every part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def stratified(labels: NDArray[Any], sizes: Sequence[int], salt: str) -> list[NDArray[np.int64]]:
    """Return row numbers for parts of the given sizes, which add up to all rows, each part shuffled.

    Rows are shuffled by the SHA-256 of "<salt> <row>", then dealt so that any label's number of rows in a part
    differs from its share by at most one.
    """
    shuffled = sorted(range(len(labels)), key=lambda row: hashlib.sha256(f"{salt} {row}".encode()).digest())
    counts = np.bincount(labels)
    seen = np.zeros(len(counts), dtype=int)
    share = {}
    for row in shuffled:
        share[row] = (seen[labels[row]] + 0.5) / counts[labels[row]]
        seen[labels[row]] += 1
    by_share = sorted(shuffled, key=lambda row: share[row])
    rank = {row: place for place, row in enumerate(shuffled)}
    ends = np.cumsum(sizes)
    return [
        np.array(sorted(by_share[end - size : end], key=rank.__getitem__), dtype=np.int64)
        for end, size in zip(ends, sizes, strict=True)
    ]
