"""Grades deep-learning homework notebooks in a kernel of their own, against reference solutions."""

__version__ = "0.1.0"


def load_ipython_extension(shell: object) -> None:
    """Serve `%load_ext grader` in a notebook: `%grade q4` checks what was run so far (see grader/selfcheck/live)."""
    from grader.selfcheck.live import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """Serve `%unload_ext grader`."""
    from grader.selfcheck.live import unload

    unload(shell)
