"""What there is in the student's kernel: classes, functions, objects, and the way to each of them.

Like everything in a kernel it is not trusted: what is said here is a claim, which the checks compare with what they
compute. `mn_inside` sends the text of this file and its neighbours there.
"""

from __future__ import annotations

import inspect
import random
import sys

import numpy as np

SPACE = sys.modules["__main__"].__dict__
SHELL = {"In", "Out", "exit", "quit", "get_ipython", "open"}
LEARNS = ("fit", "train", "train_network", "fit_model", "train_model")
ASKED = ("predict", "predict_proba", "predict_probabilities", "forward", "feed_forward", "feedforward")


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


def field_words(path):
    """Return the texts a network at a path keeps, such as the name of its activation."""
    return [value for _, value in fields(at(path)) if isinstance(value, str)]


def texts():
    """Return names and values of short texts among the globals; of a tuple or list, its texts."""
    joined = [
        (name, " ".join(str(one) for one in value) if isinstance(value, tuple | list) and len(value) < 6 else value)
        for name, value in own()
    ]
    return [[name, value] for name, value in joined if isinstance(value, str) and len(value) < 2000][:300]


def seed(number):
    """Start the global generators."""
    np.random.seed(number)
    random.seed(number)
