"""What was found, as a table for people."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from grader import __version__
from grader.cli.doctor.finding import Section, Status
from grader.report import words

UNSEALED = "Notebooks you trust can be run unsealed: grade --no-sandbox, and for students grade --self-check."
SIGNS = {  # as shown, in ASCII, style
    Status.OK: ("✓", "+", "green"),
    Status.LIMITED: ("!", "!", "yellow"),
    Status.MISSING: ("✗", "x", "red"),
    Status.SKIPPED: ("–", "-", "dim"),
}


class Page:
    """What was found, on one console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ascii = not console.encoding.lower().startswith("utf")

    def show(self, sections: Sequence[Section], *, ready: bool) -> None:
        """Print everything, what it comes to last."""
        with self._console.capture() as captured:
            system = f"{platform.system()} {platform.release()}, {platform.machine()}"
            self._console.print(self._text(f"grade {__version__} on {system}", "bold"))
            width = max(len(finding.name) for section in sections for finding in section.findings)
            for section in sections:
                self._console.print()
                self._console.print(self._text(section.title, "bold"))
                self._console.print(self._table(section, width))
            self._console.print()
            self._console.print(self._verdict(sealed=sections[0].complete, ready=ready))
        shown = captured.get()
        if not self._console.is_terminal:
            shown = "\n".join(line.rstrip() for line in shown.split("\n"))
        self._console.file.write(shown)
        self._console.file.flush()

    def _table(self, section: Section, width: int) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, min_width=width)
        table.add_column(overflow="fold")
        for finding in section.findings:
            found: Text | Group = self._text(finding.found)
            if finding.remedy:
                label = self._text("What to do:", "yellow")
                found = Group(found, Text(" ").join([label, self._text(finding.remedy)]))
            table.add_row(self._sign(finding.status), self._text(finding.name), found)
        return table

    def _verdict(self, *, sealed: bool, ready: bool) -> Text:
        if ready:
            return self._text("Homework can be graded sealed on this machine.", "bold green")
        verdict = self._text("Homework cannot be graded sealed on this machine yet: see", "bold red")
        verdict = Text(" ").join([verdict, self._sign(Status.MISSING), self._text("above.", "bold red")])
        return verdict if sealed else Text("\n").join([verdict, self._text(UNSEALED)])

    def _sign(self, sign: Status) -> Text:
        shown, plain, style = SIGNS[sign]
        return Text(plain if self._ascii else shown, style=style)

    def _text(self, text: str, style: str = "") -> Text:
        """Return text the terminal can write, and takes no command from."""
        encoding = self._console.encoding
        return Text(words.inline(text).encode(encoding, "replace").decode(encoding, "replace"), style=style)
