"""A result in the terminal: a table of questions and checks, then what went wrong and what to try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.report import words
from grader.results import CheckResult, Derivation, ExecutionStatus, LineMark, QuestionResult, Result, Status

STYLES = {
    "passed": "green",
    "failed": "red",
    "partly": "yellow",
    "error": "magenta",
    "not_reached": "dim",
    "not_attempted": "dim",
    "needs_review": "yellow",
}
LINE_STYLES = {LineMark.HOLDS: "green", LineMark.ASSUMES: "green", LineMark.FAILS: "red", LineMark.DEFINITION: "blue"}
MAX_MESSAGE = 2_000
MAX_MOVE = 300
NARROW = 50  # columns; below, a table would have no room for titles
EXPLAINED = (Status.FAILED, Status.ERROR, Status.NOT_REACHED)


def show(result: Result, console: Console) -> None:
    """Print a result for people; nothing a student wrote can reach the terminal as a command to it."""
    with console.capture() as captured:
        _Page(console).show(result)
    shown = captured.get()
    if not console.is_terminal:
        shown = "\n".join(line.rstrip() for line in shown.split("\n"))
    console.file.write(shown)
    console.file.flush()


def show_standing(result: Result, console: Console, time: str, moves: Sequence[tuple[str, str]]) -> None:
    """Print how the questions stand in a line each, and what is new: each with the name of a sign and a sentence."""
    with console.capture() as captured:
        _Page(console).show_standing(result, time, moves)
    console.file.write(captured.get())
    console.file.flush()


def last_line(text: str) -> str:
    """Return the last line of a traceback: the exception itself."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


class _Page:
    """One result on one console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ascii = not console.encoding.lower().startswith("utf")

    def show(self, result: Result) -> None:
        """Print everything, top to bottom."""
        about = filter(None, (result.title or result.assignment, result.student))
        self._line(self._text(": ".join(map(words.inline, about)), "bold"))
        if result.error:
            self._line(self._text(f"This notebook could not be graded. {result.error}", "red"))
        elif result.execution.status not in (ExecutionStatus.COMPLETED, ExecutionStatus.ERRORS):
            self._line(self._text(result.execution.message or "The notebook did not run to its end.", "yellow"))
        if result.questions:
            self._console.print()
            self._standing(result.questions)
        if result.max_score or not result.error:
            self._total(result)
        for question in result.questions:
            for check in question.checks:
                if check.status in EXPLAINED and (check.message or check.diagnosis or check.hint or check.detail):
                    self._explain(question, check)
        self._notes((*result.repairs, *result.execution.notes))

    def show_standing(self, result: Result, time: str, moves: Sequence[tuple[str, str]]) -> None:
        """Print a line per question, then what is new."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(overflow="fold")
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        for question in result.questions:
            passed = sum(check.status is Status.PASSED for check in question.checks)
            title = self._text(f"{question.id.upper()}  {words.inline(question.title)}")
            table.add_row(title, self._status(question), self._text(f"{passed} of {len(question.checks)} checks"))
        points = f"{words.points(result.score)} of {words.plural(result.max_score, 'point')}"
        self._line(self._text(f"{time}  {points}", "bold"))
        self._line(table)
        if result.error:
            self._line(self._text(result.error, "red"))
        for status, text in moves:
            word = words.WORDS[Status(status)]
            line = self._text(f"{word.ascii if self._ascii else word.sign} ", STYLES[word.key])
            line.append_text(self._text(words.shortened(words.inline(text), MAX_MOVE)))
            self._line(Padding(line, (0, 0, 0, 2), expand=False))

    def _standing(self, questions: Iterable[QuestionResult]) -> None:
        """Print how all questions and checks stand, as a table where there is room for one."""
        if self._console.width >= NARROW:
            self._line(self._table(questions))
            return
        for question in questions:
            self._stacked(question, f"{question.id.upper()}  {words.inline(question.title)}", indent=0)
            for check in question.checks:
                self._stacked(check, words.inline(check.title), indent=4)

    def _stacked(self, thing: CheckResult | QuestionResult, title: str, *, indent: int) -> None:
        standing = Text("  ").join([self._status(thing), self._points(thing)])
        self._line(Padding(self._text(title, "" if indent else "bold"), (0, 0, 0, indent), expand=False))
        self._line(Padding(standing, (0, 0, 0, indent + 2), expand=False))

    def _table(self, questions: Iterable[QuestionResult]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(overflow="fold")
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        for question in questions:
            title = self._text(f"{question.id.upper()}  {words.inline(question.title)}", "bold")
            table.add_row(title, self._status(question), self._points(question), style="bold")
            for check in question.checks:
                title = self._text(words.inline(check.title))
                table.add_row(Padding(title, (0, 0, 0, 4), expand=False), self._status(check), self._points(check))
        return table

    def _total(self, result: Result) -> None:
        line = self._text(f"{words.points(result.score)} of {words.plural(result.max_score, 'point')}", "bold")
        if result.pending > 0:
            line.append_text(self._text(f"; {words.pending(result.pending)}"))
        if words.unsealed(result):
            line.append_text(self._text(" (graded without a sandbox)", "dim"))
        self._console.print()
        self._line(line)
        for note in result.notes:
            self._line(self._text(note, "dim"))

    def _explain(self, question: QuestionResult, check: CheckResult) -> None:
        word = words.word(check)
        sign = word.ascii if self._ascii else word.sign
        self._console.print()
        heading = self._text(f"{sign} ", STYLES[word.key])
        heading.append_text(self._text(f"{question.id.upper()}  {words.inline(check.title)}", "bold"))
        self._line(heading)
        self._indented(check.message)
        if check.diagnosis:
            self._indented(f"{check.diagnosis.title}\n{check.diagnosis.explanation}", "What probably happened: ")
        self._indented(check.hint, "What to try: ")
        self._indented(last_line(check.detail), "What broke: ")
        for piece in check.evidence:
            if isinstance(piece, Derivation):
                self._derivation(piece)

    def _derivation(self, piece: Derivation) -> None:
        """Print each line that claims something, in LaTeX as it was read, where that is known."""
        self._indented(f"{words.inline(piece.title)}:")
        for line in piece.lines:
            word = words.MARKS[line.mark]
            if line.mark is not LineMark.MENTION:
                sign = word.ascii if self._ascii else word.sign
                about = self._text(f"{sign} {word.word}: ", LINE_STYLES.get(line.mark, "yellow"))
                about.append_text(self._text(words.inline(line.latex)))
                self._line(Padding(about, (0, 0, 0, 4), expand=False))
                if line.read_as:
                    self._line(Padding(self._text(f"read as: {words.inline(line.read_as)}", "dim"), (0, 0, 0, 8)))

    def _notes(self, notes: Iterable[str]) -> None:
        for number, note in enumerate(notes):
            if not number:
                self._console.print()
                self._line(self._text("Mended or left out to run the notebook:", "dim"))
            self._line(Padding(self._text(f"- {words.inline(note)}", "dim"), (0, 0, 0, 2), expand=False))

    def _indented(self, message: str, label: str = "") -> None:
        if not message.strip():
            return
        text = self._text(label, "yellow")
        text.append_text(self._text(words.shortened(message.strip(), MAX_MESSAGE)))
        self._line(Padding(text, (0, 0, 0, 2), expand=False))

    def _status(self, thing: CheckResult | QuestionResult) -> Text:
        word = words.word(thing)
        return self._text(f"{word.ascii if self._ascii else word.sign} {word.word}", STYLES[word.key])

    def _points(self, thing: CheckResult | QuestionResult) -> Text:
        return self._text(f"{words.points(thing.score)} / {words.points(thing.max_score)}")

    def _text(self, text: str, style: str = "") -> Text:
        """Return text without commands to the terminal, and without what the terminal cannot write."""
        shown = words.visible(text)
        encoding = self._console.encoding
        return Text(shown.encode(encoding, "replace").decode(encoding, "replace"), style=style)

    def _line(self, thing: Text | Table | Padding) -> None:
        self._console.print(thing, highlight=False, markup=False, emoji=False)
