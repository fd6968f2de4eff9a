"""Packages that only some work needs: the extra of this package that brings them, and the error where they are missing.

`[keras]` is for homework with Keras, `[class]` for grading others. What a NumPy homework's self-check needs is always
there, so nothing on its way may import one of the others.
"""

from __future__ import annotations

import importlib.util

from grader.errors import MissingExtra

EXTRAS = {
    "keras": ("tensorflow", "keras"),
    "class": ("sqlalchemy", "alembic", "sklearn", "pandas", "py_landlock", "pyseccomp"),
}
NAMES = {"sqlalchemy": "SQLAlchemy", "alembic": "Alembic", "sklearn": "scikit-learn", "tensorflow": "TensorFlow"}


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
