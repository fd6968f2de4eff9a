"""The gradebook: students, submissions, every attempt and its verdicts, in a database.

with open_book("reports/gradebook.db") as book:
    book.record(entries, {assignment.name: assignment.deadline})
    book.entries("backprop")
"""

# ruff: noqa: E402 - what is missing is told before it is imported
from grader import extras

for module in ("sqlalchemy", "alembic"):
    extras.require(module, "A gradebook")

from grader.gradebook.book import Book, open_book
from grader.gradebook.changes import Change, LookAgain
from grader.gradebook.history import Attempt, Difference

__all__ = ["Attempt", "Book", "Change", "Difference", "LookAgain", "open_book"]
