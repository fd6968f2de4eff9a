"""Packages that only some work needs: the extra of this package that brings them, and the error where they are missing.

`[data]` is for homework with pandas, scikit-learn or tqdm, `[keras]` for Keras, `[class]` for grading others,
`[optuna]` for searches of settings. What a NumPy homework's self-check needs is always there, so nothing on its way may
import one of the others. Where several extras bring a module, the smallest stands first here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Collection

from grader.errors import MissingExtra

DATA = ("sklearn", "pandas", "tqdm")
EXTRAS = {
    "data": DATA,
    "class": ("sqlalchemy", "alembic", *DATA),
    "keras": ("tensorflow", "keras", *DATA),
    "optuna": ("optuna",),
}
NAMES = {
    "sqlalchemy": "SQLAlchemy",
    "alembic": "Alembic",
    "sklearn": "scikit-learn",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
}


def extras_of(modules: Collection[str]) -> tuple[str, ...]:
    """Return the extras that bring some modules, as few as possible; what is always there, or unknown, needs none."""
    bringing = [{extra for extra, brought in EXTRAS.items() if module in brought} for module in modules]
    only = {extra for extras in bringing if len(extras) == 1 for extra in extras}
    first = {min(extras, key=list(EXTRAS).index) for extras in bringing if extras and not extras & only}
    return tuple(sorted(only | first))


def installed(module: str) -> bool:
    """Return whether a module can be imported, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False
    except ValueError:  # imported, but from nowhere
        return True


def require(module: str, what: str) -> None:
    """Raise MissingExtra unless a module can be imported; `what` begins the sentence, as in "A gradebook"."""
    if not installed(module):
        extra = next(extra for extra, modules in EXTRAS.items() if module in modules)
        name = NAMES.get(module, module)
        raise MissingExtra(f"{what} needs {name}, which is not installed here. Install it: {way_out(extra)}")


def way_out(extra: str) -> str:
    """Return what to type to install an extra."""
    return f"pip install 'homework-grader[{extra}]'"
