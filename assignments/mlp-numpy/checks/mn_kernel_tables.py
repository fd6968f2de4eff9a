"""Tables and single figures among the student's variables: every number with the words on the way to it."""

from __future__ import annotations

import numpy as np
from mn_kernel_things import own

MAX_CELLS = 5_000


def tables():
    """Return [name, cells] of what looks like a table among the globals; a cell is [words around it, number]."""
    found = []
    for name, value in own():
        try:
            cells = cells_of(value, ())
        except Exception:  # noqa: BLE001, S112 - a student's own class
            continue
        if 0 < len(cells) <= MAX_CELLS:
            found.append([name, cells])
    return found[:300]


def cells_of(value, path):
    """Return the cells of a DataFrame, or of dicts and lists in each other."""
    if type(value).__name__ in {"DataFrame", "Series"}:
        return [[[*map(str, path), *about], n] for about, n in frame(value)]
    if number(value) is not None:
        return [[[*map(str, path)], number(value)]]
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and 0 < value.size <= 200:
        value = value.tolist()
    if isinstance(value, dict) and 0 < len(value) <= 200:
        return columns(value, path) or [cell for key, one in value.items() for cell in cells_of(one, (*path, key))]
    if isinstance(value, list | tuple | set) and 0 < len(value) <= 200 and len(path) < 6:
        about = [one for one in value if isinstance(one, str) and number(one) is None]
        rest = [one for one in value if not isinstance(one, str) or number(one) is not None]
        return [cell for place, one in enumerate(rest) for cell in cells_of(one, (*path, *about, place))]
    return []


def frame(value):
    """Return (words, number) of the cells of a DataFrame: index, texts of the row, and the column's name."""
    value = value.to_frame() if type(value).__name__ == "Series" else value
    found = []
    for place in range(min(len(value), 200)):
        row = [(" ".join(map(str, c)) if isinstance(c, tuple) else str(c), v) for c, v in value.iloc[place].items()]
        about = [str(value.index[place]), *(str(v) for _, v in row if number(v) is None)]
        found += [([*about, c], number(v)) for c, v in row if number(v) is not None]
    return found


def columns(value, path):
    """Return the cells of a dict of columns: a column of texts names the rows."""
    held = [(key, list(one)) for key, one in value.items() if isinstance(one, list | tuple | np.ndarray)]
    names = [one for _, one in held if one and all(isinstance(v, str) for v in one)]
    if not names or len(held) != len(value) or len({len(one) for _, one in held}) != 1:
        return []
    return [
        [[*map(str, path), *(each[i] for each in names), str(key)], number(v)]
        for key, one in held
        for i, v in enumerate(one)
        if number(v) is not None
    ]


def number(value):
    """Return a number, a text that is one, or a percentage, as a float; else None."""
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf":
        return float(value)
    if not isinstance(value, str):
        return None
    text = value.strip().replace(",", "")
    try:
        return float(text.rstrip("% ")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None


def facts():
    """Return [words, value] of numbers, shapes and texts among the globals, with the names on the way to them."""
    found = []
    for name, value in own():
        try:
            found += facts_of(value, (name,))
        except Exception:  # noqa: BLE001, S112 - a student's own class
            continue
    return found[:MAX_CELLS]


def facts_of(value, path):
    """Return the facts in dicts, lists and DataFrames in each other; a row of whole numbers is one fact."""
    words = [*map(str, path)]
    if type(value).__name__ in {"DataFrame", "Series"}:
        value = value.to_dict("index") if type(value).__name__ == "DataFrame" else value.to_dict()
    if isinstance(value, str):
        return [[words, number(value) if number(value) is not None else value[:300]]]
    if number(value) is not None:
        return [[words, number(value)]]
    if hasattr(value, "shape") and np.size(value) <= 4:
        value = np.asarray(value).tolist()
    if isinstance(value, list | tuple) and 2 <= len(value) <= 4 and all(is_size(one) for one in value):
        return [[words, [None if one is None else float(one) for one in value]]]
    if isinstance(value, dict) and len(value) <= 100 and len(path) < 6:
        texts_in = [one for one in value.values() if isinstance(one, str) and number(one) is None]
        return [fact for key, one in value.items() for fact in facts_of(one, (*path, *texts_in, key))]
    if isinstance(value, list | tuple) and len(value) <= 100 and len(path) < 6:
        about = [one for one in value if isinstance(one, str) and number(one) is None]
        return [fact for i, one in enumerate(value) for fact in facts_of(one, (*path, *about, i))]
    return []


def is_size(value):
    """Tell whether a value is one entry of a shape; None is the batch."""
    return value is None or (number(value) is not None and not isinstance(value, str) and float(value).is_integer())
