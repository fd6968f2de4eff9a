"""Reports: one HTML page per submission, a page for a class, a table for the terminal.

A page's module is imported when it is asked for: who only reads the table does not wait for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.report import terminal
    from grader.report.class_page import class_html
    from grader.report.page import html, write_html

__all__ = ["class_html", "html", "terminal", "write_html"]

PLACES = {"class_html": "class_page", "html": "page", "write_html": "page"}


def __getattr__(name: str) -> Any:
    """Return what a module beside this one defines."""
    if name not in PLACES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{PLACES[name]}"), name)
