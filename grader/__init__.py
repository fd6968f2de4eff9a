"""Grades deep-learning homework notebooks in a kernel of their own, against reference solutions."""

__version__ = "0.1.0"
