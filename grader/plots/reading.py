"""Getting at the figures a notebook showed: asked of the kernel, read with care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from pydantic import ValidationError

from grader.errors import StudentError
from grader.kernels.inside.wire import Decoder, WireError
from grader.plots.records import Figure

MAX_FIGURES = 200
MAX_BYTES = 64_000_000
MAX_PARTS = 3_000_000  # numbers, texts and records of all figures
ASK_S = 20.0


class Asks(Protocol):
    """What answers requests: a kernel, or the student."""

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer's content and buffers."""
        ...


def figures(source: Asks) -> tuple[Figure, ...]:
    """Return the figures a notebook showed, in the order they were shown.

    Raises StudentError where nothing readable comes back, and what asking raises.
    """
    reply, buffers = source.ask({"op": "figures", "max_bytes": MAX_BYTES}, timeout_s=ASK_S)
    try:
        return read_figures(Decoder(buffers).decode(reply.get("value")))
    except WireError as error:
        raise StudentError(f"The figures your notebook showed could not be read: {error}.") from error


def read_figures(value: object) -> tuple[Figure, ...]:
    """Read what a kernel tells about figures, {"figures": [...]}; a figure that is malformed is left out."""
    found = value.get("figures") if isinstance(value, dict) else None
    left, read = MAX_PARTS, []
    for told in found[:MAX_FIGURES] if isinstance(found, list) else ():
        left -= _n_parts(told)
        if left < 0:
            break
        figure = _read(told)
        read += [figure] if figure is not None else []
    return tuple(_numbered(read))


def _numbered(read: list[Figure]) -> Iterator[Figure]:
    """Yield the figures with their numbers: those of one cell and library are counted from 0."""
    seen: Counter[tuple[int | None, str]] = Counter()
    for figure in read:
        place = (figure.cell, figure.library)
        yield figure.model_copy(update={"number": seen[place]})
        seen[place] += 1


def _n_parts(value: object) -> int:
    """Return how many numbers, texts and records a decoded value has; its depth is bounded by the decoder."""
    if isinstance(value, np.ndarray):
        return int(value.size) + (sum(map(_n_parts, value.flat)) if value.dtype == object else 0)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set) else ()
    return 1 + sum(_n_parts(item) for item in items)


def _read(value: object) -> Figure | None:
    try:
        return Figure.model_validate(value)
    except (ValidationError, ValueError, TypeError, RecursionError, OverflowError):
        return None
