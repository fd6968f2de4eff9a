"""The search for what must not be in a bundle finds it, wherever it is packed."""

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from notebooks import part_of

from grader import datasets
from grader.assignment import load
from grader.authoring.collecting import collect
from grader.authoring.trials import notebook_of_reference
from grader.release import prove, release
from grader.release.answers import Trial, ask
from grader.release.contents import contents
from grader.release.handout import handed_out
from grader.release.leaks import files_in, leaks
from grader.release.secrets import secret_lines, tells

ROOT = Path(__file__).parents[2]


def packed(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def saved(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def tarred(*contents, name="inner"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for content in contents:
            data = content.encode() if isinstance(content, str) else content
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return file.getvalue()


def commented(comment):
    content = io.BytesIO(packed(inner="x"))
    with zipfile.ZipFile(content, "a") as archive:
        archive.comment = comment.encode()
    return content.getvalue()


def attached(content):
    picture = {"image/png": base64.b64encode(content).decode()}
    return json.dumps({"cells": [{"attachments": {"a.png": picture}}]}).encode()


def wrapped(text):
    return base64.encodebytes(text.encode() * 3).decode()


def shown(content, *, before="", behind="", width=0):
    """Return a page with base64 that is not filled up, in lines of `width`, between words."""
    text = base64.b64encode(content).decode().rstrip("=")
    lines = [text[at : at + width] for at in range(0, len(text), width)] if width else [text]
    return "\n".join([each for each in (before, *lines, behind) if each]).encode()


def url_safe(content):
    """Return base64 with both of the letters that are others for addresses."""
    return base64.urlsafe_b64encode(b"\xfb\xff\xbf" + content)


LINE = "return float(np.mean((y_hat - y) ** 2))"
HIDDEN = 'check.same("mse", rng.normal(size=n), rng.normal(size=n))'


@pytest.fixture(params=["reference", "hidden"])
def secret(request, homework):
    """Return a line of the solution, and one of a hidden check."""
    files = {
        "reference": homework.parent.parent / "reference" / "my_homework.py",
        "hidden": homework / "checks" / "test_q1_loss.py",
    }
    lines = [each.text.strip() for each in secret_lines(load(homework)) if each.source == str(files[request.param])]
    assert lines
    return max(lines, key=len)


PLACES = {
    "a text": lambda secret: {"README.md": f"Look: {secret}\n".encode()},
    "a text of another layout": lambda secret: {"README.md": "\n    ".join(secret.split(" ")).encode()},
    "an output of a notebook": lambda secret: {"hw.ipynb": json.dumps({"outputs": [{"text": [secret]}]}).encode()},
    "metadata, in ASCII": lambda secret: {"hw.ipynb": json.dumps({"metadata": {secret: 1}}).encode()},
    "an archive": lambda secret: {"record.zip": packed(answers=secret)},
    "an archive in an archive": lambda secret: {"record.zip": packed(inner=packed(answers=secret))},
    "an array in Unicode": lambda secret: {"data.npz": packed(**{"x.npy": saved(np.array([[secret]]))})},
    "gz": lambda secret: {"a": gzip.compress(secret.encode())},
    "bz2": lambda secret: {"a.bz2": bz2.compress(secret.encode())},
    "xz": lambda secret: {"a": lzma.compress(secret.encode())},
    "tar": lambda secret: {"a": tarred(secret)},
    "tar.gz with a zip": lambda secret: {"a.tgz": gzip.compress(tarred(packed(inner=secret)))},
    "a zip behind something else": lambda secret: {"a": b"#!/bin/sh\n" + packed(inner=secret)},
    "before a zip": lambda secret: {"a": secret.encode() + packed(inner="x")},
    "behind a zip": lambda secret: {"a": packed(inner="x") + secret.encode()},
    "a comment of a zip": lambda secret: {"a": commented(secret)},
    "a name in a zip": lambda secret: {"a.zip": packed(**{secret.replace("/", ""): "x"})},
    "a name in a tar": lambda secret: {"a": tarred("x", name=secret)},
    "the name of a file": lambda secret: {f"files/{secret}.txt": b""},
    "UTF-16": lambda secret: {"a.txt": f"{secret} ü".encode("utf-16")},
    "UTF-16 the other way": lambda secret: {"a.txt": f"…{secret}".encode("utf-16-be")},
    "UTF-32": lambda secret: {"a.txt": secret.encode("utf-32")},
    "an attachment": lambda secret: {"hw.ipynb": attached(secret.encode())},
    "a packed attachment": lambda secret: {"hw.ipynb": attached(gzip.compress(secret.encode()))},
    "an output in lines": lambda secret: {"hw.ipynb": json.dumps({"png": wrapped(secret).splitlines()}).encode()},
    "base64 in a page": lambda secret: {"a.md": f"![](data:text/plain;base64,{wrapped(secret)})".encode()},
    "behind an array": lambda secret: {"x.npy": saved(np.ones(3)) + secret.encode()},
    "a packed file behind an array": lambda secret: {"x.npy": saved(np.ones(3)) + gzip.compress(secret.encode())},
    "the second of two arrays": lambda secret: {"x.npy": saved(np.ones(3)) + saved(np.array([secret]))},
    "the names of columns": lambda secret: {"x.npy": saved(np.zeros(2, dtype=[(secret, float)]))},
    "base64 in an array": lambda secret: {"x.npy": saved(np.array([wrapped(secret)]))},
    "beside a zip in a tar": lambda secret: {"a": tarred(gzip.compress(secret.encode()), packed(inner="x"))},
    "a zip behind a tar": lambda secret: {"a": tarred("x") + packed(inner=secret)},
    "a zip behind a zip": lambda secret: {"a": packed(inner=secret) + packed(inner="x")},
    "base64 of what only begins like gz": lambda secret: {"a.md": shown(b"\x1f\x8b" + secret.encode())},
    "zlib": lambda secret: {"a": zlib.compress(secret.encode())},
    "the weakest zlib": lambda secret: {"a": zlib.compress(secret.encode(), 1)},
    "zlib in base64": lambda secret: {"a.md": shown(zlib.compress(secret.encode()))},
    "behind gz": lambda secret: {"a.gz": gzip.compress(b"x") + bz2.compress(secret.encode())},
    "the second part of gz": lambda secret: {"a.gz": gzip.compress(b"x") + gzip.compress(secret.encode())},
    "two parts of gz": lambda secret: {"a.gz": gzip.compress(secret[:9].encode()) + gzip.compress(secret[9:].encode())},
    "behind bz2": lambda secret: {"a": bz2.compress(b"x") + gzip.compress(secret.encode())},
    "behind xz": lambda secret: {"a": lzma.compress(b"x") + gzip.compress(secret.encode())},
    "base64 for addresses": lambda secret: {"a.md": url_safe(secret.encode())},
    "packed base64 for addresses": lambda secret: {"a.md": base64.urlsafe_b64encode(gzip.compress(secret.encode()))},
    "base64 behind a long word": lambda secret: {"a.md": shown(secret.encode(), before="Softmaxcrossentropy")},
    "lines of base64 behind a long word": lambda secret: {
        "a.md": shown(gzip.compress(secret.encode()), before="Softmaxcrossentropy", width=24)
    },
    "lines of base64 behind a longer word": lambda secret: {
        "a.md": shown(gzip.compress(secret.encode()), before="Softmaxcrossentropywithlogits", width=24)
    },
    "many lines of base64 behind a long word": lambda secret: {
        "a.md": shown(gzip.compress(secret.encode() + np.random.default_rng(0).bytes(600)), before="A" * 20, width=76)
    },
    "packed base64 before a word": lambda secret: {"a.md": shown(gzip.compress(secret.encode()), behind="Done")},
    "packed base64 before a long word": lambda secret: {
        "a.md": shown(gzip.compress(secret.encode()), behind="Softmaxcrossentropy")
    },
    "an array of texts": lambda secret: {"data.npz": packed(**{"x.npy": saved(np.array([secret]).astype("S"))})},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_line_is_found(place, secret, homework):
    found = leaks(PLACES[place](secret), load(homework))

    assert len(found) == 1
    assert repr(secret[:60]) in found[0]


BROKEN = {
    "zip": b"PK\x03\x04garbage",
    "locked.zip": packed(inner="x").replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
    "gz": b"\x1f\x8bgarbage",
    "bz2": b"BZhgarbage",
    "xz": b"\xfd7zXZ\x00garbage",
    "tar": b"x" * 257 + b"ustar" + b"x" * 300,
    "npy": saved(np.array([{}], dtype=object)),
    "half an array": saved(np.ones(9))[:-1],
    "half of gz": gzip.compress(b"garbage" * 9)[:-9],
    "half of the second gz": gzip.compress(b"garbage") + gzip.compress(b"garbage" * 9)[:-9],
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("place", [lambda content: content, gzip.compress], ids=["alone", "packed"])
def test_what_cannot_be_opened_is_found(what, place, homework):
    (found,) = leaks({"files/a": place(BROKEN[what])}, load(homework))

    assert found.startswith("files/a: cannot be opened, so nobody knows what is in it: ")


def test_long_words_are_no_files(homework):
    words = base64.b64encode(b"\x1f\x8bgarbagegarbage").decode(), "Softmaxcrossentropywithlogits", "ab" * 32, "A" * 17
    words = *words, "a_name_of_four_words_", "-" * 40, base64.b64encode(b"\x78\x9cgarbagegarbage").decode()
    page = json.dumps({"words": list(words)}).encode()

    assert leaks({"a.json": page, "a.md": "\n".join(words).encode()}, load(homework)) == []


@pytest.mark.parametrize("text", ["x^2 is a square", "x\x01 is a letter", "HK is a town", "x\x9c"])
def test_a_text_that_begins_like_zlib_is_a_text(text, homework):
    assert leaks({"a.txt": text.encode("latin-1")}, load(homework)) == []


def test_what_unpacks_to_very_much_cannot_be_opened(homework, monkeypatch):
    monkeypatch.setattr("grader.release.unpacking.MOST", 10_000)
    zeros = bytes(20_000)
    files = {
        "gz": gzip.compress(zeros),
        "bz2": bz2.compress(zeros),
        "xz": lzma.compress(zeros),
        "z": zlib.compress(zeros),
    }
    found = leaks(files, load(homework))

    assert [each.split(":")[0] for each in found] == list(files)
    assert all("10000 bytes" in each for each in found)


def test_the_name_of_a_variant_is_found_as_a_word(homework):
    assignment = load(homework)

    assert leaks({"record.json": b'{"name": "factor-forgotten"}'}, assignment) == [
        "record.json: has 'factor-forgotten' of the variants"
    ]
    assert leaks({"record.json": b'{"name": "factor-forgotten-not"}'}, assignment) == []


def test_the_solution_in_a_wheel_is_found_and_the_grader_in_it_is_not(homework):
    clean = packed(**{"grader/cli.py": LINE})
    wheel = packed(**{"grader/cli.py": LINE, "x.data/purelib/reference/my_homework.py": LINE})
    page = {"README.md": b'pip install "./grader.whl[keras]"'}

    assert leaks({"grader.whl": clean, **page}, load(homework)) == []
    assert leaks({"grader.whl": wheel, **page}, load(homework)) == [
        "grader.whl/x.data/purelib/reference/my_homework.py: the solution is in the wheel"
    ]


@pytest.mark.parametrize("place", ["other.whl", "files/grader.whl", "grader.whl/a"])
def test_only_the_wheel_that_students_install_is_left_out(place, secret, homework):
    page = {"README.md": b'pip install "./grader.whl"'}

    assert len(leaks({place: packed(**{"grader/cli.py": secret}), **page}, load(homework))) == 1


@pytest.mark.parametrize("scale", [1, 255, 1 / 255])
@pytest.mark.slow
def test_a_hidden_row_is_found_however_it_is_scaled(scale):
    assignment = load(ROOT / "assignments" / "mnist-mlp")
    hidden, public = datasets.hidden("digits")[0], datasets.training("digits")[0]
    rows = (
        np.concatenate([public[:3], hidden[:1]]) * scale if scale != 255 else np.concatenate([public[:3], hidden[:1]])
    )
    found = leaks({"data.npz": packed(**{"x.npy": saved(rows)})}, assignment)

    assert found == ["data.npz/x.npy: has rows of a data set that students never see"]
    assert leaks({"data.npz": packed(**{"x.npy": saved(public)})}, assignment) == []


@pytest.mark.parametrize(
    ("line", "does"),
    [
        ("", False),
        ("    )", False),
        ("import numpy as np", False),
        ("from reference import backprop", False),
        ("else:", False),
        ("return x", False),
        ("return 2 * (y_hat - y) / len(y)", True),
        ("# the derivative is taken at z", True),
        ("weights[0] -= rate * gradient", True),
    ],
)
def test_which_lines_tell(line, does):
    assert tells(line) == does


def test_the_lines_of_a_reference_that_lies_elsewhere_are_secrets(homework, tmp_path, monkeypatch):
    elsewhere = tmp_path / "installed" / "own_solution.py"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes((homework.parent.parent / "reference" / "my_homework.py").read_bytes())
    monkeypatch.syspath_prepend(elsewhere.parent)
    assignment = load(homework).model_copy(update={"reference": "own_solution", "variants": None})

    assert [secret for secret in secret_lines(assignment) if secret.source == str(elsewhere)]
    assert leaks({"hint.py": elsewhere.read_bytes()}, assignment) != []


REAL = ("backprop", "mnist-mlp", "dl-foundations", "mlp-numpy", "vision-project")


@pytest.mark.slow
@pytest.mark.parametrize("name", part_of(REAL, every=3))
def test_nothing_of_a_real_homework_leaks(name):
    assignment = load(ROOT / "assignments" / name)
    files = {**contents(assignment).files, assignment.notebook: handed_out(assignment, "release")}

    assert len(secret_lines(assignment)) > 1000
    assert leaks(files, assignment) == []


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.parametrize("name", REAL)
def test_a_real_homework_is_released_whatever_its_samples_are_asked(name, tmp_path):
    made = release(ROOT / "assignments" / name, tmp_path)

    assert prove(made.folder, load(ROOT / "assignments" / name), quick=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", part_of(["mnist-mlp", "backprop"]))
def test_nothing_leaks_by_the_record_of_a_real_homework(name, tmp_path):
    assignment = load(ROOT / "assignments" / name)
    files = {**contents(assignment).files, assignment.notebook: handed_out(assignment, "release")}
    for place, content in files.items():
        (tmp_path / name / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / place).write_bytes(content)
    own = tmp_path / "reference.ipynb"
    needed = {each for check in collect(assignment) for each in check.needs}
    own.write_text(notebook_of_reference(assignment, needed), encoding="utf-8")
    record, _ = ask(
        Trial(name="reference", notebook=own, sealed=False), assignment, load(tmp_path / name), 7, lambda _: None
    )

    assert len(record.checks) > 5
    assert leaks({**files, "record.zip": record.write()}, assignment) == []


@pytest.mark.slow
def test_a_bundle_that_is_as_it_should_be_is_proven(kept):
    folder, made = kept

    assert prove(made.folder, load(folder)) == []


@pytest.mark.slow
def test_what_is_wrong_with_a_bundle_is_said(kept, homework):
    _, made = kept
    master = homework / "my-homework.ipynb"
    node = nbformat.read(master, as_version=4)
    for cell in node.cells:
        cell.source = cell.source.replace("    ...  # your code", "    return 0")
    nbformat.write(node, master)
    right = homework.parent.parent / "submissions" / "my-homework-right.ipynb"
    right.write_text(right.read_text(encoding="utf-8").replace("** 2", "** 3"), encoding="utf-8")
    page = made.folder / "README.md"
    before = page.read_text(encoding="utf-8")
    page.write_text(before + HIDDEN, encoding="utf-8")
    try:
        found = prove(made.folder, load(homework), quick=True)
    finally:
        page.write_text(before, encoding="utf-8")

    assert found[0].startswith('README.md: has \'check.same("mse", rng.normal(size=n)')
    assert any("my-homework-right: test_mse came to failed, 0 of 20 points" in each for each in found)
    assert files_in(made.folder)["README.md"].decode() == before
