"""Notebooks made of cells, as the text of their files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def code(name: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return a code cell."""
    return text(name, source, metadata) | {"cell_type": "code", "execution_count": None, "outputs": []}


def text(name: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": source.splitlines(keepends=True)}


def notebook(assignment: str, cells: Sequence[dict[str, Any]]) -> str:
    """Return the file of a notebook that says which assignment it belongs to."""
    about = {"grader": {"assignment": assignment}, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    whole = {"cells": list(cells), "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
