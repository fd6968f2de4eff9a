"""The file of a record: one zip, the same bytes for the same content, and nothing in it is ever unpickled.

record.json             the questions by check, values as in `grader.kernels.inside.wire`
arrays/<digest>.npy     their arrays, each there once
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from grader.checks.asked import Answer, Asked, Question, Wrong
from grader.checks.plain import Drawn
from grader.checks.sketch import Sketch
from grader.kernels.inside.wire import Decoder, Encoder, WireError

SCHEMA = 1
MAX_BYTES = 128 * 2**20  # of all that is in a file
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip file can hold
INDEX, ARRAY = "record.json", re.compile(r"arrays/([0-9a-f]{32})\.npy")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    WireError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,  # of JSON and of arrays, too
    AttributeError,
    RuntimeError,  # an encrypted zip file
    RecursionError,
)

Checks = Mapping[str, Asked]
Arrays = dict[str, bytes]
Tree = Any


class Damaged(Exception):
    """A file is no record."""


def write(checks: Checks) -> bytes:
    """Return what was asked as a file; WireError when it is larger than `MAX_BYTES`."""
    arrays: Arrays = {}
    tree = {"schema": SCHEMA, "checks": {name: _asked(asked, arrays) for name, asked in sorted(checks.items())}}
    index = json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False).encode()
    if len(index) + sum(map(len, arrays.values())) > MAX_BYTES:
        raise WireError(f"more than {MAX_BYTES // 2**20} MB")
    members = [(INDEX, index), *((f"arrays/{name}.npy", content) for name, content in sorted(arrays.items()))]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # a bundle is compressed as a whole
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return file.getvalue()


def read(content: bytes) -> dict[str, Asked]:
    """Return what a file holds; Damaged where it is no record, too large, or of a later grader."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise Damaged("it is too large")
            tree = json.loads(archive.read(INDEX))
            found = {match[1]: archive.read(name) for name in archive.namelist() if (match := ARRAY.fullmatch(name))}
        if tree["schema"] != SCHEMA:
            raise Damaged("another version of the grader wrote it")
        return {name: _read_asked(asked, found) for name, asked in tree["checks"].items()}
    except BROKEN as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error


# --- what was asked -------------------------------------------------------------------------------------------------


def _asked(asked: Asked, arrays: Arrays) -> Tree:
    return {
        "questions": [_question(question, arrays) for question in asked.questions],
        "values": {name: pack(value, arrays) for name, value in sorted(asked.values.items())},
    }


def _read_asked(tree: Tree, arrays: Arrays) -> Asked:
    return Asked(
        questions=tuple(_read_question(question, arrays) for question in tree["questions"]),
        values={str(name): unpack(value, arrays) for name, value in tree["values"].items()},
    )


def _question(question: Question, arrays: Arrays) -> Tree:
    return {
        "function": question.function,
        "args": pack(question.args, arrays),
        "kwargs": pack(dict(question.kwargs), arrays),
        "answer": None if question.answer is None else _answer(question.answer, arrays),
        "wrong": [
            {"title": wrong.title, "explanation": wrong.explanation, "value": pack(wrong.value, arrays)}
            for wrong in question.wrong
        ],
    }


def _read_question(tree: Tree, arrays: Arrays) -> Question:
    return Question(
        function=str(tree["function"]),
        args=tuple(unpack(tree["args"], arrays)),
        kwargs=dict(unpack(tree["kwargs"], arrays)),
        answer=None if tree["answer"] is None else _read_answer(tree["answer"], arrays),
        wrong=tuple(
            Wrong(
                title=str(wrong["title"]),
                explanation=str(wrong["explanation"]),
                value=unpack(wrong["value"], arrays),
            )
            for wrong in tree["wrong"]
        ),
    )


def _answer(answer: Answer, arrays: Arrays) -> Tree:
    return {"error": answer.error} if answer.error else {"value": pack(answer.value, arrays)}


def _read_answer(tree: Tree, arrays: Arrays) -> Answer:
    return Answer(error=str(tree["error"])) if "error" in tree else Answer(value=unpack(tree["value"], arrays))


# --- values ---------------------------------------------------------------------------------------------------------


def pack(value: Any, arrays: Arrays) -> Tree:
    """Return a plain value as a tree, its arrays put among the others."""

    def other(value: object) -> Tree:
        if isinstance(value, Drawn):
            return {"t": "generator", "v": encoder.encode(value.state)}
        if isinstance(value, Sketch):
            return {"t": "sketch", "v": encoder.encode([getattr(value, part.name) for part in fields(Sketch)])}
        raise WireError(f"a value of type {type(value).__name__} is no data")

    encoder = Encoder(MAX_BYTES, other)
    tree = _in_order(encoder.encode(value))
    shapes = dict(_buffers(tree))
    names = []
    for number, buffer in enumerate(encoder.buffers):
        content = io.BytesIO()
        dtype, shape = shapes[number]
        np.save(content, np.frombuffer(buffer, dtype).reshape(shape), allow_pickle=False)
        names.append(hashlib.sha256(content.getvalue()).hexdigest()[:32])
        arrays[names[-1]] = content.getvalue()
    return {"tree": tree, "arrays": names} if names else {"tree": tree}


def unpack(packed: Tree, arrays: Arrays) -> Any:
    """Return the value that was packed; raises one of `BROKEN` where it is malformed."""
    buffers = [np.load(io.BytesIO(arrays[name]), allow_pickle=False).tobytes() for name in packed.get("arrays", ())]

    def other(node: dict[str, Any]) -> Drawn | Sketch:
        if node["t"] == "generator":
            return Drawn(decoder.decode(node["v"]))
        if node["t"] == "sketch":
            parts = zip(fields(Sketch), decoder.decode(node["v"]), strict=True)
            return Sketch(**{part.name: value for part, value in parts})
        raise WireError("a node of unknown type")

    decoder = Decoder(buffers, other)
    return decoder.decode(packed["tree"])


def _in_order(tree: Tree) -> Tree:
    """Return a tree with the items of sets in an order of their own: Python's changes from run to run."""
    if isinstance(tree, list):
        return [_in_order(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    ordered = {name: _in_order(part) for name, part in tree.items()}
    return {**ordered, "v": sorted(ordered["v"], key=json.dumps)} if tree.get("t") == "set" else ordered


def _buffers(tree: Tree) -> Iterator[tuple[int, tuple[str, Any]]]:
    """Yield the number, type and shape of every buffer in a tree."""
    if isinstance(tree, dict) and "b" in tree:
        yield tree["b"], (tree.get("dtype", "|u1"), tree.get("shape", -1))
    elif isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from _buffers(part)
