"""Notebooks made of cells, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import nbformat
import pytest


def notebook(*sources: str, markdown: Sequence[int] = ()) -> nbformat.NotebookNode:
    """Return a notebook with a code cell per source; those at the indices `markdown` are text."""
    cells = [
        nbformat.v4.new_markdown_cell(source) if index in markdown else nbformat.v4.new_code_cell(source)
        for index, source in enumerate(sources)
    ]
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"  # else random: the same cells would be another file
    return nbformat.v4.new_notebook(cells=cells)


def part_of(cases, every=8):
    """Return the cases of a test: one in `every` runs always, the others where `-m thorough` asks for them."""
    marks = [pytest.mark.thorough if number % every else () for number, _ in enumerate(cases)]
    return [pytest.param(case, marks=mark) for case, mark in zip(cases, marks, strict=True)]
