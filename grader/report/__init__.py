"""Reports: one HTML page per submission, a list for a batch, a table for the terminal."""

from grader.report import terminal
from grader.report.page import html, index_html, write_html

__all__ = ["html", "index_html", "terminal", "write_html"]
