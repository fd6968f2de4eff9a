"""Reading what a student handed in: a valid notebook, its questions, and what was really written.

Nothing here runs a line of a student's code.
"""

from __future__ import annotations

from grader.notebook.attempts import Attempt, attempt_of, defined_names, unparsable_cells
from grader.notebook.read import Notebook, read_notebook
from grader.notebook.split import split_questions
from grader.notebook.statements import statements_making

__all__ = [
    "Attempt",
    "Notebook",
    "attempt_of",
    "defined_names",
    "read_notebook",
    "split_questions",
    "statements_making",
    "unparsable_cells",
]
