"""From any JSON object that looks like a notebook to a valid notebook of format 4.5.

The notebook is built anew from what is understood, so it is valid by construction. Kept are: the cells'
sources, pictures attached to text cells, and the metadata graders use (`tags`, `grader`, `nbgrader`, `otter`).
Outputs are left out: a submission is always run again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.errors import SubmissionError
from grader.notebook.decode import AGAIN
from grader.notebook.fences import take_apart
from grader.notebook.kernel import KERNELSPEC, LANGUAGE_INFO, mended_kernel, refuse_other_languages
from grader.notebook.pieces import parse

_SENTENCES = {  # what was found: the sentence for one, and for many
    "no cell": ("1 entry was no cell: it was dropped", "{} entries were no cells: they were dropped"),
    "kind": (
        "1 cell had an unknown type: it became a {kind} cell",
        "{} cells had unknown types: they became {kind}",
    ),
    "no id": ("1 cell had no id: an id was added", "{} cells had no id: ids were added"),
    "bad id": ("1 cell had an invalid id: it got a new one", "{} cells had invalid ids: they got new ones"),
    "same id": (
        "1 cell had the id of another: it got a new one",
        "{} cells had ids of others: they got new ones",
    ),
    "metadata": ("1 cell had no metadata: it was added", "{} cells had no metadata: they were added"),
    "no source": ("1 cell had no source: it is empty", "{} cells had no source: they are empty"),
    "source": (
        "1 cell's source was no text: it was mended",
        "{} cells' sources were no text: they were mended",
    ),
    "joined": (
        "1 cell's lines had lost their line breaks: they were put back",
        "{} cells' lines had lost their line breaks: they were put back",
    ),
    "line ends": (
        "1 cell had Windows line ends: they were changed",
        "{} cells had Windows line ends: they were changed",
    ),
    "text": (
        "1 cell had characters that are none: replaced",
        "{} cells had characters that are none: replaced",
    ),
    "count": (
        "1 code cell had no valid execution count: reset",
        "{} code cells had no valid execution count: reset",
    ),
    "outputs": ("1 code cell had no list of outputs: added", "{} code cells had no list of outputs: added"),
    "output": (
        "1 stored output was invalid: it was dropped",
        "{} stored outputs were invalid: they were dropped",
    ),
    "attachment": (
        "1 cell's attachments were invalid: dropped",
        "{} cells' attachments were invalid: dropped",
    ),
    "fence": (
        "The code stood in text cells: 1 block of Python became a code cell",
        "The code stood in text cells: {} blocks of Python became code cells",
    ),
}
_OUTPUT_TYPES = frozenset({"stream", "display_data", "execute_result", "error", "pyout", "pyerr"})
_KEPT_METADATA = ("grader", "nbgrader", "otter")
_LARGE = 10_000_000  # bytes of stored outputs worth a word
_MAX_DEPTH = 12
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def mend(value: dict[str, Any], name: str, *, file_bytes: int) -> tuple[NotebookNode, tuple[str, ...]]:
    """Return a valid notebook made of `value`, and one sentence for each kind of thing that was mended."""
    raw_cells, old = _cells_of(value, name)
    metadata = value.get("metadata")
    given = metadata if isinstance(metadata, dict) else {}
    languages = [cell["language"] for cell in raw_cells if isinstance(cell, dict) and "language" in cell]
    refuse_other_languages(given, languages, name)
    sentences = _about_format(value, old=old)
    if not old:
        sentences += [] if metadata is given else ["The notebook had no metadata: they were added"]
        sentences += mended_kernel(given)
    if file_bytes > _LARGE and (size := _size([cell.get("outputs") for cell in _dicts(raw_cells)])) > _LARGE:
        sentences.append(f"{size / 1_000_000:.0f} MB of stored outputs were left out")
    tally: Counter[str] = Counter()
    cells = _with_ids(_with_fenced_code([_cell(raw, tally) for raw in _counted(raw_cells, tally)], tally), tally)
    kept = {key: _plain(given[key]) for key in _KEPT_METADATA if isinstance(given.get(key), dict)}
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {**kept, "kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE_INFO)},
        "cells": cells,
    }
    node: NotebookNode = nbformat.from_dict(content)  # type: ignore[no-untyped-call]
    return node, (*sentences, *_sentences(tally))


def _cells_of(value: dict[str, Any], name: str) -> tuple[list[Any], bool]:
    """Return the raw cells, and whether they come from format 3 or older."""
    cells, sheets = value.get("cells"), value.get("worksheets")
    if isinstance(cells, list):
        return cells, False
    if isinstance(sheets, list):
        lists = [sheet["cells"] for sheet in _dicts(sheets) if isinstance(sheet.get("cells"), list)]
        return [_from_v3(cell) for each in lists for cell in each], True
    keys = ", ".join(repr(key[:30].encode("utf-8", "replace").decode()) for key in list(value)[:5]) or "none at all"
    message = f"{name} is JSON but no notebook: it has no list of cells (its keys: {keys}). {AGAIN}"
    raise SubmissionError(message)


def _from_v3(cell: Any) -> Any:
    """Return a cell of format 3 under the names of format 4."""
    if not isinstance(cell, dict):
        return cell
    new = {"metadata": {}, **cell, "id": ...}
    if cell.get("cell_type") == "code":
        count = cell.get("prompt_number")
        return {
            **new,
            "source": cell.get("input", ""),
            "execution_count": count,
            "outputs": cell.get("outputs", []),
        }
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        marks = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
        return {
            **new,
            "cell_type": "markdown",
            "source": f"{marks} {_joined(cell.get('source', ''), Counter())}",
        }
    return {**new, "cell_type": "markdown"} if cell.get("cell_type") == "html" else new


def _about_format(value: dict[str, Any], *, old: bool) -> list[str]:
    number, minor = value.get("nbformat"), value.get("nbformat_minor")
    if old:
        return ["The notebook was in an old format (3 or older): it was converted to 4.5"]
    shown = f"as {number}" if isinstance(number, int | float) else "wrongly or not at all"
    sentences = [] if number == 4 else [f"The notebook's format (nbformat) was given {shown}: it was read as 4"]
    if isinstance(minor, bool) or not isinstance(minor, int) or minor < 0:
        sentences.append("The notebook did not say its minor format (nbformat_minor): 5 was taken")
    return sentences


def _dicts(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _counted(cells: list[Any], tally: Counter[str]) -> list[dict[str, Any]]:
    found = _dicts(cells)
    tally["no cell"] += len(cells) - len(found)
    return found


def _cell(raw: dict[str, Any], tally: Counter[str]) -> dict[str, Any]:
    kind = _kind(raw, tally)
    cell: dict[str, Any] = {"cell_type": kind, "id": raw.get("id"), "metadata": _metadata(raw, tally)}
    cell["source"] = _source(raw, tally)
    if kind == "code":
        cell["outputs"] = []
        cell["execution_count"] = _execution_count(raw, tally)
        _count_outputs(raw, tally)
    elif raw.get("attachments"):
        cell["attachments"] = _attachments(raw["attachments"], tally)
    return cell


def _kind(raw: dict[str, Any], tally: Counter[str]) -> str:
    given = raw.get("cell_type")
    if given in ("code", "markdown", "raw"):
        return str(given)
    if isinstance(given, str) and given.lower() in ("code", "markdown", "raw"):
        kind = given.lower()
    else:
        kind = "code" if {"outputs", "execution_count", "input"} & set(raw) else "markdown"
    tally[f"kind {kind}"] += 1
    return kind


def _metadata(raw: dict[str, Any], tally: Counter[str]) -> dict[str, Any]:
    given = raw.get("metadata")
    if not isinstance(given, dict):
        tally["metadata"] += 1
        return {}
    kept = {key: _plain(given[key]) for key in _KEPT_METADATA if isinstance(given.get(key), dict)}
    tags = given.get("tags")
    if isinstance(tags, list):
        texts = (_clean(tag) for tag in tags if isinstance(tag, str))
        kept["tags"] = list(dict.fromkeys(tag for tag in texts if re.fullmatch(r"[^,\n]+", tag)))
    return kept


def _source(raw: dict[str, Any], tally: Counter[str]) -> str:
    given = raw.get("source", raw.get("input"))
    if given is None:
        tally["no source"] += 1
        return ""
    text = _joined(given, tally)
    if "\r" in text:
        tally["line ends"] += 1
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = _clean(text)
    tally["text"] += cleaned != text
    return cleaned


def _joined(given: Any, tally: Counter[str]) -> str:
    if isinstance(given, str):
        return given
    if not isinstance(given, list):
        tally["source"] += 1
        return ""
    lines = [line for line in given if isinstance(line, str)]
    tally["source"] += len(lines) < len(given)
    if len(lines) > 1 and not any(line.endswith(("\n", "\r")) for line in lines):
        tally["joined"] += 1
        return "\n".join(lines)
    return "".join(lines)


def _clean(text: str) -> str:
    """Return the text fit for UTF-8: halves of surrogate pairs and NUL become the replacement character."""
    if text.isascii():
        return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return paired.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _execution_count(raw: dict[str, Any], tally: Counter[str]) -> int | None:
    count = raw.get("execution_count", ...)
    if count is None:
        return None
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**31:
        return count
    tally["count"] += 1
    return None


def _count_outputs(raw: dict[str, Any], tally: Counter[str]) -> None:
    outputs = raw.get("outputs")
    if not isinstance(outputs, list):
        tally["outputs"] += 1
        return
    kinds = [each.get("output_type") for each in _dicts(outputs)]
    tally["output"] += len(outputs) - sum(isinstance(kind, str) and kind in _OUTPUT_TYPES for kind in kinds)


def _attachments(given: Any, tally: Counter[str]) -> dict[str, Any]:
    """Keep pictures as they are (a derivation may be a photograph) where they are valid."""
    bundles = given.items() if isinstance(given, dict) else ()
    kept = {
        _clean(key): {_clean(mime): _clean(data) for mime, data in bundle.items() if isinstance(data, str)}
        for key, bundle in bundles
        if isinstance(bundle, dict)
    }
    tally["attachment"] += kept != given
    return kept


def _plain(value: Any, depth: int = 0) -> Any:
    """Return JSON that any tool can write and walk: clean texts, finite numbers, not nested without end."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {_clean(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    return None if value in (float("inf"), float("-inf")) else value


def _size(value: Any) -> int:
    total, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            total += len(each)
        elif isinstance(each, list | dict):
            waiting.extend(each.values() if isinstance(each, dict) else each)
    return total


def _with_fenced_code(cells: list[dict[str, Any]], tally: Counter[str]) -> list[dict[str, Any]]:
    """Put the Python of fences into code cells behind their text, when no code cell has any."""
    if any(cell["cell_type"] == "code" and cell["source"].strip() for cell in cells):
        return cells
    found: list[dict[str, Any]] = []
    for cell in cells:
        found.append(cell)
        if cell["cell_type"] != "markdown":
            continue
        for code in _python_of(cell["source"]):
            tally["fence"] += 1
            new = {"cell_type": "code", "id": ..., "metadata": {}, "source": code}
            found.append({**new, "outputs": [], "execution_count": None})
    return found


def _python_of(text: str) -> list[str]:
    return [
        code
        for language, code in take_apart(text).blocks
        if code.strip()
        and (language in ("python", "py", "python3", "ipython", "ipython3") or (not language and _parses(code)))
    ]


def _parses(code: str) -> bool:
    return not isinstance(parse(code), str)


def _with_ids(cells: list[dict[str, Any]], tally: Counter[str]) -> list[dict[str, Any]]:
    """Give every cell an id of its own; the new ones come from the position, so they never vary."""
    given = [cell["id"] for cell in cells]
    taken = {each for each in given if _is_id(each)}
    used: set[str] = set()
    for index, cell in enumerate(cells):
        if _is_id(cell["id"]) and cell["id"] not in used:
            used.add(cell["id"])
            continue
        tally[_id_trouble(cell["id"])] += 1
        cell["id"] = _free_id(index, taken)
        taken.add(cell["id"])
    return cells


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _id_trouble(value: object) -> str:
    if value is ...:
        return "made here"  # by us, from an old format or a fence: nothing to tell
    if value is None:
        return "no id"
    return "same id" if _is_id(value) else "bad id"


def _free_id(index: int, taken: set[str]) -> str:
    name = f"cell-{index}"
    while name in taken:
        name += "x"
    return name


def _sentences(tally: Counter[str]) -> list[str]:
    found = []
    for key, (one, many) in _SENTENCES.items():
        for kind in ("code", "markdown") if key == "kind" else ("",):
            count = tally[f"{key} {kind}".strip()]
            if count:
                found.append((one if count == 1 else many).format(count, kind=f"{kind} cells" if count > 1 else kind))
    return found
