"""Reports: one HTML page per submission, a page for a class, a table for the terminal."""

from grader.report import terminal
from grader.report.class_page import class_html
from grader.report.page import html, write_html

__all__ = ["class_html", "html", "terminal", "write_html"]
