"""The `grade` command. Importing it loads nothing heavy, so that `grade --help` answers at once."""

from grader.cli.commands import main

__all__ = ["main"]
