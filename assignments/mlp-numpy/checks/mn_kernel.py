"""What runs inside the student's kernel: functions that look around and say in plain data what they saw.

`mn_inside` sends the text of this file there. Like everything in a kernel it is not trusted: what it says is a claim,
which the checks compare with what they compute. Saved files are opened here and nowhere else: pickles run code.
"""

from __future__ import annotations

import inspect
import json
import os
import pickle
import random
import sys
from pathlib import Path

import numpy as np

SPACE = sys.modules["__main__"].__dict__
SHELL = {"In", "Out", "exit", "quit", "get_ipython", "open"}
LEARNS = ("fit", "train", "train_network", "fit_model", "train_model")
ASKED = ("predict", "predict_proba", "predict_probabilities", "forward", "feed_forward", "feedforward")
MAX_ARRAYS, MAX_CELLS, MAX_BYTES = 400, 5_000, 200_000_000
SAVED = {".npz", ".npy", ".pkl", ".pickle", ".joblib", ".json", ".sav", ".dat", ".bin", ".model", ".wts", ".weights"}
SAVED |= {".h5", ".hdf5", ".txt", ".csv", ".p", ".pk", ".data", ".params", ""}


# --- what there is ---------------------------------------------------------------------------------------


def own():
    """Return name and value of the globals, private ones left out."""
    return [(name, value) for name, value in list(SPACE.items()) if not name.startswith("_") and name not in SHELL]


def written_here(kind):
    """Tell whether the notebook itself defined a class."""
    return isinstance(kind, type) and getattr(kind, "__module__", "") == "__main__"


def is_network(kind):
    """Tell whether a class can learn and be asked."""
    can_learn, can_be_asked = (any(callable(getattr(kind, n, None)) for n in names) for names in (LEARNS, ASKED))
    return written_here(kind) and can_learn and can_be_asked


def classes():
    """Return the names of the classes that look like networks, in the order of their definition."""
    return [name for name, value in own() if is_network(value)]


def helpers():
    """Return the names of other classes, and of objects of such, which may hold the activations."""
    return [name for name, value in own() if written_here(value) or written_here(type(value))]


def networks():
    """Return the paths of the networks that are still there: [name, key, ...]."""
    return [list(path) for name, one in own() for path, each in spread((name,), one) if is_network(type(each))][:60]


def estimators():
    """Return the path of every trained MLPClassifier, and its activation."""
    found = [pair for name, one in own() for pair in spread((name,), one)]
    return [
        [list(path), str(each.activation)]
        for path, each in found
        if type(each).__name__ == "MLPClassifier" and hasattr(each, "coefs_")
    ][:60]


def spread(path, one):
    """Return (path, object) for a value, or for what dicts and lists hold."""
    if isinstance(one, dict):
        items = [(key, each) for key, each in list(one.items())[:50] if isinstance(key, str | int)]
    elif isinstance(one, list | tuple):
        items = list(enumerate(one[:50]))
    else:
        return [(path, one)]
    return [pair for key, each in items for pair in spread((*path, key), each)] if len(path) < 4 else []


def at(path):
    """Return what lies at a path."""
    one = SPACE[path[0]]
    for key in path[1:]:
        one = one[key]
    return one


def members(thing):
    """Return name and parameters of each method."""
    found = []
    for name in dir(thing):
        try:
            value = getattr(thing, name)
            if not name.startswith("__") and callable(value) and not isinstance(value, type):
                found.append([name, parameters(value)])
        except Exception:  # noqa: BLE001, S112 - a property may raise anything
            continue
    return found[:200]


def functions():
    """Return name and parameters of each global function."""
    return [
        [name, parameters(value)]
        for name, value in own()
        if inspect.isfunction(value) or type(value).__name__ == "vectorize"
    ][:500]


def parameters(function):
    """Return name, kind, and whether there is a default, of each parameter."""
    try:
        listed = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    return [[p.name, p.kind.name, p.default is not p.empty] for p in listed]


def words(kind):
    """Return the words a class compares with, and the keys of tables of functions: which options it knows.

    Its own come first, then those of all other classes and functions.
    """
    found = []
    for each in [kind, *(value for _, value in own() if written_here(value))]:
        methods = [inspect.getattr_static(each, name, None) for name in dir(each)]
        found += [word for value in methods for word in constants(getattr(value, "__func__", value))]
    found += [word for _, value in own() if inspect.isfunction(value) for word in constants(value)]
    tables = [value for _, value in [*own(), *list(vars(kind).items())] if isinstance(value, dict)]
    found += [key for table in tables for key, one in table.items() if isinstance(key, str) and callables(one)]
    return found[:1000]


def callables(value):
    """Tell whether a value is a function or holds some."""
    return callable(value) or (isinstance(value, list | tuple | dict) and any(map(callable, list(value))))


def constants(function):
    """Return the short texts in a function's code."""
    defaults = [
        *(getattr(function, "__defaults__", None) or ()),
        *(getattr(function, "__kwdefaults__", None) or {}).values(),
    ]
    found, waiting = [one for one in defaults if isinstance(one, str)], [getattr(function, "__code__", None)]
    while waiting:
        for constant in getattr(waiting.pop(), "co_consts", ()):
            parts = constant if isinstance(constant, tuple | frozenset) else (constant,)
            found += [part for part in parts if isinstance(part, str) and len(part) < 40]
            waiting += [part for part in parts if hasattr(part, "co_consts")]
    return found


def fields(thing):
    """Return names and values of an object's numbers and texts."""
    held = getattr(thing, "__dict__", {})
    plain = [(name, value) for name, value in held.items() if isinstance(value, int | float | str)]
    return [[name, value] for name, value in plain if not isinstance(value, bool)][:200]


def seed(number):
    """Start the global generators."""
    np.random.seed(number)
    random.seed(number)


# --- arrays in objects -----------------------------------------------------------------------------------


def leaves(value, steps=(), depth=0):
    """Return [steps, array] of every array below a value; a step is ["attr" or "item", key]."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return [[list(steps), value]] if value.dtype.kind in "biuf" and value.nbytes < 40_000_000 else []
    found = []
    for step, one in children(value) if depth < 5 else []:
        found += leaves(one, (*steps, step), depth + 1)
        if len(found) > MAX_ARRAYS:
            break
    return found[:MAX_ARRAYS]


def children(value):
    """Return (step, value) of what a container or an object of the notebook's own classes holds."""
    if isinstance(value, np.ndarray):
        return [(["item", i], one) for i, one in enumerate(value)][:200] if value.ndim == 1 else []
    if isinstance(value, dict):
        return [(["item", key], one) for key, one in list(value.items())[:200] if isinstance(key, str | int)]
    if isinstance(value, list | tuple):
        return [(["item", i], one) for i, one in enumerate(value[:200])]
    held = vars(value) if written_here(type(value)) and hasattr(value, "__dict__") else {}
    return [(["attr", name], one) for name, one in list(held.items())[:200]]


def fill(thing, pairs):
    """Write arrays at steps below a thing, into the present arrays where they fit."""
    for steps, new in pairs:
        parent = thing
        for kind, key in steps[:-1]:
            parent = getattr(parent, key) if kind == "attr" else parent[key]
        kind, key = steps[-1]
        present = getattr(parent, key) if kind == "attr" else parent[key]
        if isinstance(present, np.ndarray) and present.dtype.kind == "f" and present.flags.writeable:
            np.copyto(present, new)
        elif kind == "attr":
            setattr(parent, key, new)
        else:
            parent[key] = new


# --- saved files -----------------------------------------------------------------------------------------


def files():
    """Return the paths of files that may hold weights, below the working folder."""
    found = []
    for folder, below, names in os.walk("."):
        below[:] = [name for name in below if not name.startswith((".", "__"))][:20]
        paths = [Path(folder, name) for name in sorted(names)[:200]]
        fitting = [path for path in paths if path.suffix.lower() in SAVED and path.is_file()]
        found += [str(path) for path in fitting if path.stat().st_size < MAX_BYTES]
    return found[:100]


def saved():
    """Return [path, arrays with the names on the way] of every file, opened here."""
    return [[path, held(opened(path))] for path in files()]


def opened(path):
    """Return what a file holds, read in whichever of the usual ways works."""
    for way in (from_numpy, from_pickle, from_joblib, from_h5, from_json, from_text):
        try:
            value = way(path)
        except Exception:  # noqa: BLE001, S112 - it is of another kind
            continue
        if value is not None:
            return value
    return None


def from_numpy(path):
    """Read .npy and .npz."""
    value = np.load(path, allow_pickle=True)
    if isinstance(value, np.ndarray):
        return unwrapped(value)
    return {name: unwrapped(value[name]) for name in value.files} if hasattr(value, "files") else value


def unwrapped(value):
    """Return what an object array of no dimension holds."""
    return value.item() if value.dtype == object and value.ndim == 0 else value


def from_pickle(path):
    """Read one or more pickles in a row."""
    values = []
    with Path(path).open("rb") as file:
        while len(values) < 20:
            try:
                values.append(pickle.load(file))  # noqa: S301 - the student's own file in the student's own kernel
            except EOFError:
                break
    return values[0] if len(values) == 1 else values or None


def from_joblib(path):
    """Read what joblib wrote."""
    import joblib

    return joblib.load(path)


def from_h5(path):
    """Read the data sets of an HDF5 file."""
    import h5py

    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.update({name: np.array(item)}) if hasattr(item, "shape") else None)
    return found or None


def from_json(path):
    """Read JSON."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def from_text(path):
    """Read numbers in columns."""
    for separator in (None, ","):
        try:
            return np.loadtxt(path, delimiter=separator)
        except ValueError:
            continue
    return None


def held(value, names=(), depth=0):
    """Return [names, array] of every array, lists of numbers as arrays too, in what a file held."""
    array = as_array(value)
    if array is not None:
        return [[list(names), array]] if array.nbytes < 40_000_000 else []
    found = []
    items = [(step[1], one) for step, one in children(value)] if depth < 5 else []
    for key, one in items:
        found += held(one, (*names, str(key)), depth + 1)
    return found[:MAX_ARRAYS]


def as_array(value):
    """Return numbers as an array, None for anything else."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return value
    numeric = isinstance(value, list | tuple) and len(value) > 0 and isinstance(value[0], list | int | float)
    if not numeric:
        return None
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.ndim in {1, 2} else None


# --- tables and data -------------------------------------------------------------------------------------


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


def texts():
    """Return names and values of short texts among the globals; of a tuple or list, its texts."""
    joined = [
        (name, " ".join(str(one) for one in value) if isinstance(value, tuple | list) and len(value) < 6 else value)
        for name, value in own()
    ]
    return [[name, value] for name, value in joined if isinstance(value, str) and len(value) < 2000][:300]


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


def shapes():
    """Return [path, shape] of the arrays, tensors and tables among the globals, or one level below."""
    found = [pair for name, one in own() for pair in spread((name,), one)]
    return [[list(path), size] for path, one in found if not isinstance(one, type) and (size := size_of(one))][:400]


def size_of(value):
    """Return the shape of an array, tensor or table as a list, [] where there is none or it is not known."""
    shape = getattr(value, "shape", None)
    try:
        return [] if callable(shape) or shape is None else [int(n) for n in shape]
    except TypeError:
        return []


def rows(path):
    """Return an array by its path."""
    one = at(path)
    return one.numpy() if hasattr(one, "numpy") and not isinstance(one, np.ndarray) else np.asarray(one)


def arrays_at(path):
    """Return [steps, array] of every array below what lies at a path."""
    return leaves(at(path))


def fill_at(path, pairs):
    """Write arrays below what lies at a path."""
    fill(at(path), pairs)


def guesses_at(path, x):
    """Return what the network at a path predicts for x."""
    return at(path).predict(x)


def field_words(path):
    """Return the texts a network at a path keeps, such as the name of its activation."""
    return [value for _, value in fields(at(path)) if isinstance(value, str)]


def prints(path):
    """Return one number per row of an array: equal rows have equal numbers, however they are scaled."""
    one = rows(path)
    flat = one.reshape(len(one), -1).astype(float)
    weights = np.random.default_rng(0).integers(1, 2**31, flat.shape[1])
    return (flat > flat.mean(axis=1, keepdims=True)) @ weights


def agreement(path, x, y):
    """Return the share of right guesses of the model at a path on rows x and labels y; None where it has none."""
    guesses, labels = (labels_of(each) for each in (at(path).predict(rows(x)), rows(y)))
    return float(np.mean(guesses == labels)) if guesses.shape == labels.shape else None


def labels_of(value):
    """Return labels of shape (n,) from numbers, one-hot rows or probabilities."""
    value = np.asarray(value)
    return value.argmax(axis=1) if value.ndim == 2 and value.shape[1] > 1 else value.ravel()
