"""`grade doctor`: what this machine offers, and what to do about what is missing.

Nothing here only asks whether something is installed: a kernel is sealed and runs a cell, libraries are imported in
one, the warm server is started. Whatever that raises becomes a line of the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from rich.console import Console

from grader import __version__
from grader.cli.doctor import machine, sandbox, software
from grader.cli.doctor.finding import Section
from grader.cli.doctor.page import Page
from grader.cli.speak import Output

__all__ = ["consult"]


def consult(*, quick: bool, as_json: bool) -> int:
    """Look at the machine, print what is found, and return 0 when homework can be graded sealed, else 1."""
    with Console(stderr=True).status("") as status:  # shows nothing where stderr is not a terminal
        sections = tuple(_examine(status.update, quick=quick))
    ready = all(section.complete for section in sections)
    output = Output()
    if as_json:
        parts = [{"title": part.title, "findings": [asdict(finding) for finding in part.findings]} for part in sections]
        output.put(json.dumps({"version": __version__, "ready": ready, "sections": parts}, indent=2))
    else:
        with output.printing():
            Page(Console()).show(sections, ready=ready)
    output.require_taken()
    return 0 if ready else 1


def _examine(tell: Callable[[str], None], *, quick: bool) -> Iterator[Section]:
    """Yield what is found, section by section; `tell` hears what is looked at."""
    tell("sealing a kernel")
    sealing = Section(title="Sandbox", findings=tuple(sandbox.looks()))
    yield sealing
    yield Section(title="Software", findings=tuple(software.looks(tell, sealed=sealing.complete, quick=quick)))
    yield Section(title="Machine", findings=tuple(machine.looks()))
    yield Section(title=machine.LIMITS, findings=tuple(machine.limits()))
