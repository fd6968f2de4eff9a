"""What a cell left behind, from kernel messages to records: bounded, plain, one form each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
MAX_NAME = 200
MAX_TRACEBACK = 20_000
MAX_MESSAGE = 2_000
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a cell showed, as the kernel's messages; not the whole of it where it was too much."""

    outputs: Sequence[NotebookNode] = ()
    whole: bool = True


def records(outputs: list[NotebookNode]) -> tuple[Output, ...]:
    """Return the outputs of a cell; an exception is not one of them, it is the cell's `error`."""
    found: list[Output] = []
    for output in outputs:
        if output.output_type == "stream":
            mime = STDERR if output.name == "stderr" else "text/plain"
            found.append(Output(mime=mime, data=settle(text_of(output.text))))
        elif output.output_type != "error" and isinstance(output.data, dict):
            found.extend(_richest(output.data))
    return tuple(output for output in found if output.data)


def error(content: dict[str, Any]) -> CellError:
    """Return the exception an `execute_reply` tells about."""
    lines = content.get("traceback")
    traceback = "\n".join(text_of(line) for line in lines) if isinstance(lines, list) else ""
    return CellError(
        name=text_of(content.get("ename"))[:MAX_NAME],
        message=shortened(plain(text_of(content.get("evalue"))), MAX_MESSAGE),
        traceback=shortened(plain(traceback), MAX_TRACEBACK),
    )


def text_of(value: object) -> str:
    """Return text that can be written as UTF-8: a notebook's may be a list, or hold half characters."""
    text = "".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return text.encode("utf-8", "replace").decode()


def plain(text: str) -> str:
    """Return text without terminal codes."""
    return ANSI.sub("", text)


def shortened(text: str, length: int) -> str:
    """Return text of about `length` characters at most, with the middle left out."""
    if len(text) <= length:
        return text
    half = length // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def settle(text: str) -> str:
    """Return what a terminal shows after all carriage returns and backspaces; linear in the length."""
    text = plain(text.replace("\r\n", "\n"))
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_settle_line(line) for line in text.split("\n"))


def _settle_line(line: str) -> str:
    line = line.rstrip("\r")
    shown: list[str] = []
    for character in line[line.rfind("\r") + 1 :]:
        if character != "\b":
            shown.append(character)
        elif shown:
            shown.pop()
    return "".join(shown)


def _richest(data: dict[str, Any]) -> list[Output]:
    mime = next((mime for mime in RICHEST if isinstance(data.get(mime), str | list)), None)
    if mime is None:
        return []
    kept = [Output(mime=mime, data=text_of(data[mime]))]
    if mime == "text/html" and "text/plain" in data:
        kept.append(Output(mime="text/plain", data=text_of(data["text/plain"])))
    return kept
