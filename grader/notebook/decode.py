"""From the bytes of a file to JSON, and what a file is that is none.

Small damage is mended and named; the rest ends in a SubmissionError with line, column and way out.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from typing import Any

from grader.errors import SubmissionError
from grader.notebook.pieces import parse

AGAIN = "Download it again, or open it in Jupyter and save it again, and hand in that file."

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and hand in the .ipynb file that is in it."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and hand in the .ipynb file that is in it."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it and hand in the .ipynb file that is in it."),
    (b"Rar!", "a rar archive", "Unpack it and hand in the .ipynb file that is in it."),
    (b"%PDF", "a PDF", "Hand in the notebook it was printed from."),
    (b"\x89PNG", "a picture", "Hand in the notebook itself."),
    (b"\xff\xd8\xff", "a picture", "Hand in the notebook itself."),
    (b"\x89HDF", "a file of saved weights", "Hand in the notebook itself."),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS",
        "Run `git lfs pull` and hand in the file it brings.",
    ),
)
_REASONS = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing, or a quotation mark is one too many",
    "Expecting ':' delimiter": "a colon is missing after a key",
    "Expecting property name": "a key in double quotes should stand there",
    "Expecting value": "a value should stand there",
    "Extra data": "there is more text after the end of the notebook",
    "Invalid \\": "a backslash begins no known escape",
    "Invalid control character": "a line break stands inside a string; a quotation mark may be missing",
}
_STRING_OR_COMMA = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))|,(?=\s*[\]}])', re.DOTALL)
_CONFLICT = re.compile(r"^(<{7}|>{7})(?:[ \t][^\n]*)?$", re.MULTILINE)
_WEB_PAGE = re.compile(r"<(?:!doctype|html|head|body|\?xml|!--|div|script|meta)", re.IGNORECASE)
_MAX_INT_DIGITS = 300  # no number of a notebook needs more, and longer ones make int() raise


def read_text(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file whatever its encoding, and a sentence where it had to be mended."""
    for mark, kind, way_out in _FOREIGN:
        if raw.startswith(mark):
            message = f"{name} is {kind}, not a notebook. {way_out}"
            raise SubmissionError(message)
    for mark, encoding in _BOMS:
        if raw.startswith(mark) and encoding != "utf-8":
            sentence = f"The file was saved as {encoding[:6].upper()}: it was read as that"
            return raw[len(mark) :].decode(encoding, "replace"), (sentence,)
    if raw[:2] in (b"{\0", b"\0{"):
        encoding = "utf-16-le" if raw[1] == 0 else "utf-16-be"
        return raw.decode(encoding, "replace"), ("The file was saved as UTF-16: it was read as that",)
    return _utf8_or_latin1(raw.removeprefix(codecs.BOM_UTF8))


def _utf8_or_latin1(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Read bytes that are no UTF-8 as Latin-1, one by one, so that one does not spoil the others."""
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "surrogateescape")
    count = len(re.findall("[\udc80-\udcff]", text))
    text = re.sub("[\udc80-\udcff]", lambda found: chr(ord(found[0]) - 0xDC00), text)
    what = "1 byte was" if count == 1 else f"{count} bytes were"
    return text, (f"{what} not UTF-8: read as Latin-1, please check the accents",)


def parse_json(text: str, name: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the JSON object in `text` and what was mended to read it."""
    _refuse_what_is_no_json(text, name)
    seen: set[str] = set()
    try:
        value = _loads(text, name, seen)
    except RecursionError as exc:
        message = f"{name} is nested far too deeply to be a notebook. {AGAIN}"
        raise SubmissionError(message) from exc
    if not isinstance(value, dict):
        message = f"{name} is JSON but no notebook: it is a {_kind_of(value)} where a notebook has cells. {AGAIN}"
        raise SubmissionError(message)
    return value, tuple(sorted(seen))


def _loads(text: str, name: str, seen: set[str]) -> Any:
    try:
        return _decoder(seen).decode(text)
    except json.JSONDecodeError:
        seen.clear()
    mended = _STRING_OR_COMMA.sub(lambda found: found[1] or " ", text)  # same length: positions stay true
    try:
        return _mended(_decoder(seen), mended, text, seen)
    except json.JSONDecodeError as exc:
        seen.clear()
        problem = exc
    try:
        value = _mended(_decoder(seen, strict=False), mended, text, seen)
    except json.JSONDecodeError:
        raise _diagnosis(problem, text, name) from problem
    seen.add("Line breaks or tabs stood inside strings: they were kept as they are")
    return value


def _mended(decoder: json.JSONDecoder, mended: str, text: str, seen: set[str]) -> Any:
    value = decoder.decode(mended)
    if mended != text:
        seen.add("The file had commas before a closing bracket: they were taken out")
    return value


def _decoder(seen: set[str], *, strict: bool = True) -> json.JSONDecoder:
    def constant(_token: str) -> None:
        seen.add("The file held NaN or Infinity, which JSON does not know: they were read as null")

    def integer(digits: str) -> int | None:
        return int(digits) if len(digits) < _MAX_INT_DIGITS else None

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            seen.add("A key stood twice in the same place of the file: the last one was taken")
        return found

    hook: Callable[[list[tuple[str, Any]]], Any] = pairs
    return json.JSONDecoder(parse_constant=constant, parse_int=integer, object_pairs_hook=hook, strict=strict)


def _refuse_what_is_no_json(text: str, name: str) -> None:
    start = text[:2000].lstrip()
    if not start and not text.strip():
        message = f"{name} is empty. Open your notebook in Jupyter, save it and hand in that file."
    elif _WEB_PAGE.match(start):
        message = (
            f"{name} is a web page, not a notebook. On the page that shows the notebook choose Raw or "
            "Download, and hand in the file you get."
        )
    elif start[:1] not in ("{", "[", '"') and _is_python(text):
        message = f"{name} is a Python program, not a notebook. Paste it into a notebook in Jupyter and save that."
    else:
        return
    raise SubmissionError(message)


def _is_python(text: str) -> bool:
    tree = parse(text)
    return not isinstance(tree, str) and len(tree.body) > 0 and re.search(r"[=(:]|import", text) is not None


def _diagnosis(error: json.JSONDecodeError, text: str, name: str) -> SubmissionError:
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return SubmissionError(
            f"{name} has a conflict marker of git, {conflict[1]}, in line {line}: two versions were merged "
            "and not put together. Take one of the two, open it in Jupyter, save it and hand in that file."
        )
    if text.lstrip()[:1] not in ("{", "["):
        return SubmissionError(f"{name} is no notebook: its first characters are {text.lstrip()[:20]!r}. {AGAIN}")
    place = f"line {error.lineno}, column {error.colno}"
    if error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()):
        return SubmissionError(
            f"{name} ends too early ({place}): the file is cut off, probably by a broken download "
            f"or a full disk. {AGAIN}"
        )
    reason = next((words for start, words in _REASONS.items() if error.msg.startswith(start)), error.msg)
    return SubmissionError(f"{name} is damaged in {place}: {reason}. {AGAIN}")


def _kind_of(value: object) -> str:
    if isinstance(value, list):
        return "list"
    return "text" if isinstance(value, str) else "single value"
