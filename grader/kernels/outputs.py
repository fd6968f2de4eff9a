"""What a cell left behind, from kernel messages to records: bounded, without terminal codes, one form each."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode

from grader.results import CellError, Output

STDERR = "application/vnd.grader.stderr"
RICHEST = (
    "image/png",
    "image/jpeg",
    "image/svg+xml",
    "text/html",
    "text/latex",
    "text/markdown",
    "text/plain",
)
MAX_TRACEBACK = 20_000
MAX_MESSAGE = 2_000
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


def records(outputs: list[NotebookNode]) -> tuple[Output, ...]:
    """Return the outputs of a cell; an exception is not one of them, it is the cell's `error`."""
    found: list[Output] = []
    for output in outputs:
        if output.output_type == "stream":
            mime = STDERR if output.name == "stderr" else "text/plain"
            found.append(Output(mime=mime, data=settle("".join(output.text))))
        elif output.output_type != "error":
            found.extend(_richest(output.data))
    return tuple(output for output in found if output.data)


def error(content: dict[str, Any]) -> CellError:
    """Return the exception an `execute_reply` tells about."""
    return CellError(
        name=_text(content.get("ename"))[:200],
        message=shortened(plain(_text(content.get("evalue"))), MAX_MESSAGE),
        traceback=plain("\n".join(map(str, content.get("traceback") or ()))),
    )


def plain(text: str) -> str:
    """Return text without terminal codes, cut in the middle when it is long."""
    return (
        ANSI.sub("", shortened(text, 2 * MAX_TRACEBACK))
        if len(text) <= MAX_TRACEBACK
        else plain(shortened(text, MAX_TRACEBACK))
    )


def shortened(text: str, length: int) -> str:
    """Return text of at most about `length` characters, with the middle left out."""
    if len(text) <= length:
        return text
    half = length // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def settle(text: str) -> str:
    """Return what a terminal would show after all carriage returns and backspaces; linear in the length."""
    text = ANSI.sub("", text.replace("\r\n", "\n"))
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_settle_line(line) for line in text.split("\n"))


def _settle_line(line: str) -> str:
    line = line.rstrip("\r")
    line = line[line.rfind("\r") + 1 :]
    if "\b" not in line:
        return line
    shown: list[str] = []
    for character in line:
        if character != "\b":
            shown.append(character)
        elif shown:
            shown.pop()
    return "".join(shown)


def _richest(data: dict[str, Any]) -> list[Output]:
    mime = next((mime for mime in RICHEST if isinstance(data.get(mime), str | list)), None)
    if mime is None:
        return []
    kept = [Output(mime=mime, data=_text(data[mime]))]
    if mime == "text/html" and "text/plain" in data:
        kept.append(Output(mime="text/plain", data=_text(data["text/plain"])))
    return kept


def _text(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")
