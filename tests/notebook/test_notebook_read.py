from __future__ import annotations

import hashlib
import json
import os
import random
import warnings
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, SubmissionError, UsageError
from grader.notebook import read_notebook

MAX_BYTES = 1_000_000
LENIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def code(source="x = 1", **more):
    cell = {
        "cell_type": "code",
        "id": "a1",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return {**cell, **more}


def text(source="Some text", **more):
    return {"cell_type": "markdown", "id": "m1", "metadata": {}, "source": source, **more}


def notebook(*cells, **more):
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": metadata,
        "cells": list(cells or (code(),)),
        **more,
    }


def without(mapping, *keys):
    return {key: value for key, value in mapping.items() if key not in keys}


def read(folder: Path, content, max_bytes=MAX_BYTES):
    path = folder / "hw.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_notebook(path, max_bytes=max_bytes)


def read_valid(folder: Path, content):
    found = read(folder, content)
    nbformat.validate(found.node)
    assert (found.node.nbformat, found.node.nbformat_minor) == (4, 5)
    return found


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(notebook(), id="plain"),
        pytest.param(notebook(code(["x = 1\n", "y = 2"])), id="source as list"),
        pytest.param(notebook(text(), text(id="m2")), id="no code cells"),
        pytest.param(notebook(code(""), text(id="b")), id="empty code cell"),
        pytest.param(json.dumps(notebook(), indent=1).replace("\n", "\r\n").encode(), id="windows line ends"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(notebook()).encode(), id="byte order mark"),
    ],
)
def test_a_sound_notebook_needs_no_repair(tmp_path, content):
    found = read_valid(tmp_path, content)

    assert found.repairs == ()


def test_the_digest_is_that_of_the_file(tmp_path):
    raw = b"\xef\xbb\xbf" + json.dumps(notebook()).encode()

    assert hashlib.sha256(raw).hexdigest() == read(tmp_path, raw).digest


METADATA = notebook()["metadata"]
TWELVE = [without(code(), "id") for _ in range(12)]


@pytest.mark.parametrize(
    ("content", "repair"),
    [
        pytest.param(notebook(*TWELVE), "12 cells had no id: ids were added", id="no ids"),
        pytest.param(notebook(code(), code()), "1 cell had the id of another", id="same ids"),
        pytest.param(notebook(code(id="a b!")), "1 cell had an invalid id", id="invalid id"),
        pytest.param(notebook(code(id=7)), "1 cell had an invalid id", id="number as id"),
        pytest.param(notebook(without(code(), "metadata")), "1 cell had no metadata", id="no cell metadata"),
        pytest.param(without(notebook(), "metadata"), "The notebook had no metadata", id="no metadata"),
        pytest.param(notebook(without(code(), "outputs")), "no list of outputs", id="no outputs"),
        pytest.param(notebook(code(outputs=["hello"])), "1 stored output was invalid", id="invalid output"),
        pytest.param(notebook(code(outputs=[{"output_type": []}])), "1 stored output was", id="odd output type"),
        pytest.param(notebook(without(code(), "execution_count")), "no valid execution count", id="no count"),
        pytest.param(notebook(code(execution_count="3")), "no valid execution count", id="count as text"),
        pytest.param(notebook(code(execution_count=True)), "no valid execution count", id="count as bool"),
        pytest.param(notebook(without(code(), "source")), "1 cell had no source", id="no source"),
        pytest.param(notebook(code(5)), "1 cell's source was no text", id="number as source"),
        pytest.param(notebook(code(["x = 1\n", None, "y = 2"])), "1 cell's source was no text", id="null line"),
        pytest.param(notebook(code(["x = 1", "y = 2"])), "had lost their line breaks", id="lines without ends"),
        pytest.param(notebook(code("x = 1\r\ny = 2")), "Windows line ends", id="windows line ends in source"),
        pytest.param(notebook(code("x = '\ud800'")), "characters that are none", id="half a surrogate pair"),
        pytest.param(notebook(code("x = 1\0")), "characters that are none", id="nul"),
        pytest.param(notebook(code(cell_type="heading")), "1 cell had an unknown type", id="unknown type"),
        pytest.param(notebook(code(cell_type="Code")), "1 cell had an unknown type", id="capital type"),
        pytest.param(notebook("x = 1", code()), "1 entry was no cell", id="no cell"),
        pytest.param(without(notebook(), "nbformat_minor"), "minor format (nbformat_minor)", id="no minor"),
        pytest.param(without(notebook(), "nbformat"), "format (nbformat)", id="no format"),
        pytest.param(notebook(nbformat="4"), "format (nbformat)", id="format as text"),
        pytest.param(notebook(metadata=without(METADATA, "kernelspec")), "named no kernel", id="no kernel"),
        pytest.param(
            notebook(metadata={**METADATA, "kernelspec": {"name": "tf-gpu", "language": "python"}}),
            "kernel 'tf-gpu' was replaced by Python 3",
            id="unknown kernel",
        ),
        pytest.param(
            notebook(metadata=without(METADATA, "language_info")),
            "did not say its language",
            id="no language",
        ),
        pytest.param(
            notebook(metadata={**METADATA, "language_info": {"name": 3}}),
            "its language wrongly",
            id="odd language",
        ),
        pytest.param(notebook(text(attachments={"a.png": 3})), "attachments were invalid", id="attachments"),
        pytest.param(json.dumps(notebook()).replace("}]", "},]").encode(), "commas before a closing", id="commas"),
        pytest.param(json.dumps(notebook(score=float("nan"))).encode(), "NaN or Infinity", id="nan"),
        pytest.param(json.dumps(notebook()).replace("{", '{"a": 1, "a": 2, ', 1).encode(), "stood twice", id="twice"),
        pytest.param(json.dumps(notebook(text("a|b"))).replace("|", "\n").encode(), "Line breaks", id="raw line break"),
        pytest.param(json.dumps(notebook()).encode("utf-16"), "saved as UTF-16", id="utf-16"),
        pytest.param(json.dumps(notebook()).encode("utf-16-be"), "saved as UTF-16", id="utf-16 without mark"),
        pytest.param(
            json.dumps(notebook(text("für")), ensure_ascii=False).encode("latin-1"),
            "read as Latin-1",
            id="latin-1",
        ),
    ],
)
def test_a_mend_is_named(tmp_path, content, repair):
    found = read_valid(tmp_path, content)

    assert [repair in sentence for sentence in found.repairs if repair in sentence] == [True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "latin-1"])
def test_accents_survive_every_encoding(tmp_path, encoding):
    raw = json.dumps(notebook(text("für Ärger, naïve")), ensure_ascii=False).encode(encoding)

    assert read(tmp_path, raw).node.cells[0].source == "für Ärger, naïve"


def test_a_bad_byte_does_not_spoil_good_ones(tmp_path):
    raw = json.dumps(notebook(text("∂L/∂w |")), ensure_ascii=False).encode().replace(b"|", b"\xe9")

    assert read(tmp_path, raw).node.cells[0].source == "∂L/∂w é"


@pytest.mark.parametrize(
    ("cells", "sources"),
    [
        ([code(["x = 1\n", "y = 2"])], ["x = 1\ny = 2"]),
        ([code(["x = 1", "y = 2"])], ["x = 1\ny = 2"]),
        ([code("x = 1\r\ny = 2\rz = 3")], ["x = 1\ny = 2\nz = 3"]),
        ([without(code(input="x = 9"), "source")], ["x = 9"]),
        ([text("A comma,] stays")], ["A comma,] stays"]),
        ([text('"quoted, }" and \\')], ['"quoted, }" and \\']),
    ],
)
def test_sources_come_through(tmp_path, cells, sources):
    raw = json.dumps(notebook(*cells)).replace("}]", "},]").encode()

    assert sources == [cell.source for cell in read(tmp_path, raw).node.cells]


def test_format_3_is_converted(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Question 1"]},
        {
            "cell_type": "code",
            "input": ["x = 1\n", "x"],
            "language": "python",
            "prompt_number": 3,
            "outputs": [],
        },
        {"cell_type": "html", "source": "<b>text</b>", "metadata": {}},
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}

    found = read_valid(tmp_path, old)

    assert [cell.source for cell in found.node.cells] == ["## Question 1", "x = 1\nx", "<b>text</b>"]
    assert found.node.cells[1].execution_count == 3
    assert found.repairs == ("The notebook was in an old format (3 or older): it was converted to 4.5",)


def test_stored_outputs_and_large_metadata_are_left_out(tmp_path):
    output = {"output_type": "stream", "name": "stdout", "text": "50 %"}
    metadata = {**METADATA, "widgets": {"state": "x" * 1000}, "grader": {"assignment": "backprop"}}

    found = read_valid(tmp_path, notebook(code(outputs=[output]), metadata=metadata))

    assert found.node.cells[0].outputs == []
    assert found.node.metadata.grader == {"assignment": "backprop"}
    assert "widgets" not in found.node.metadata
    assert found.repairs == ()


def test_many_megabytes_of_outputs_are_worth_a_word(tmp_path):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 12_000_000}

    found = read(tmp_path, notebook(code(outputs=[output])), max_bytes=20_000_000)

    assert found.repairs == ("12 MB of stored outputs were left out",)


def test_what_graders_need_of_a_cell_is_kept(tmp_path):
    picture = {"proof.png": {"image/png": "iVBORw0="}}
    metadata = {
        "tags": ["q4", "q4", "a,b", 3],
        "grader": {"question": "q4"},
        "collapsed": "odd",
        "colab": {"user": "x"},
    }

    found = read_valid(tmp_path, notebook(text(metadata=metadata, attachments=picture)))

    assert found.node.cells[0].metadata == {"tags": ["q4"], "grader": {"question": "q4"}}
    assert picture == found.node.cells[0].attachments


def test_new_ids_are_the_same_each_time_and_never_taken(tmp_path):
    content = notebook(without(code(), "id"), code(id="cell-0"), code(id="cell-0"))

    first, second = (read_valid(tmp_path, content) for _ in range(2))

    assert [cell.id for cell in first.node.cells] == ["cell-0x", "cell-0", "cell-2"]
    assert first == second


def test_code_in_fences_becomes_cells_when_there_is_no_other(tmp_path):
    prose = "Mine:\n```python\nx = 1\n```\n~~~\ny = 2\n~~~\n```\nno python at all\n```\n```bash\nls\n```"

    found = read_valid(tmp_path, notebook(text(prose), code("  \n"), text("```py\nz = 3", id="m2")))

    assert [prose, "x = 1", "y = 2", "  \n", "```py\nz = 3", "z = 3"] == [cell.source for cell in found.node.cells]
    assert found.repairs == ("The code stood in text cells: 3 blocks of Python became code cells",)


def test_fences_stay_text_when_there_is_code(tmp_path):
    found = read_valid(tmp_path, notebook(text("```python\nx = 1\n```"), code("y = 2")))

    assert len(found.node.cells) == 2


WHOLE = json.dumps(notebook(code("x = 'a long text'")), indent=1)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        pytest.param(b"", ["is empty", "save it"], id="empty"),
        pytest.param(b" \n\t ", ["is empty"], id="blank"),
        pytest.param(b"\n<!DOCTYPE html>\n<html>", ["is a web page", "Raw"], id="web page"),
        pytest.param(b"\xef\xbb\xbf<html lang='en'>", ["is a web page"], id="web page with mark"),
        pytest.param(b"import numpy as np\nx = 1\n", ["is a Python program"], id="python"),
        pytest.param(b"# %%\ndef f(x):\n    return x\n", ["is a Python program"], id="python with comment"),
        pytest.param(b"Hello, this is my homework.", ["is no notebook", "'Hello"], id="prose"),
        pytest.param(b"PK\x03\x04 rest", ["is a zip archive", "Unpack"], id="zip"),
        pytest.param(b"%PDF-1.7", ["is a PDF"], id="pdf"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n", ["Git LFS"], id="lfs pointer"),
        pytest.param(bytes(range(256)), ["is no notebook"], id="binary"),
        pytest.param(b"[1, 2]", ["is JSON but no notebook", "a list"], id="list"),
        pytest.param(b'"text"', ["is JSON but no notebook"], id="string"),
        pytest.param(b"{}", ["is JSON but no notebook", "none at all"], id="empty object"),
        pytest.param(b'{"message": "Not Found"}', ["is JSON but no notebook", "'message'"], id="other object"),
        pytest.param(b'{"cells": {"a": 1}}', ["is JSON but no notebook", "'cells'"], id="cells are no list"),
        pytest.param(WHOLE[:-1].encode(), ["ends too early", "line 24", "Download it again"], id="cut at the end"),
        pytest.param(WHOLE[:180].encode(), ["ends too early (line "], id="cut early"),
        pytest.param(WHOLE[: WHOLE.index("long")].encode(), ["too early (line 19, column 14)"], id="cut in a string"),
        pytest.param(WHOLE.replace(": 4", " 4").encode(), ["damaged in line 2, column 13", "colon"], id="no colon"),
        pytest.param(WHOLE.replace('"code",', '"code"').encode(), ["line 17, column 4", "comma"], id="no comma"),
        pytest.param((WHOLE + WHOLE).encode(), ["more text after the end"], id="twice"),
        pytest.param(
            WHOLE.replace(' "nbformat"', '<<<<<<< HEAD\n "nbformat"', 1).encode(),
            ["conflict marker", "<<<<<<<, in line 2"],
            id="conflict",
        ),
        pytest.param(b"[" * 200_000, ["nested far too deeply"], id="deep"),
        pytest.param(b'{"a":' * 200_000, ["nested far too deeply"], id="deep objects"),
    ],
)
def test_a_file_that_is_no_notebook_says_what_it_is(tmp_path, raw, words):
    with pytest.raises(SubmissionError) as caught:
        read(tmp_path, raw)

    assert str(caught.value).startswith("hw.ipynb ")
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"language_info": {"name": "R"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9"}}, "Julia"),
        ({"kernelspec": {"name": "julia-1.9", "language": "julia"}}, "Julia"),
        ({"language": "Julia"}, "Julia"),
        ({"kernelspec": {"name": "apache_toree_scala"}}, "Scala"),
        ({"kernelspec": {"name": "scala212", "language": "scala"}}, "Scala"),
        ({"kernelspec": {"name": "jslab", "language": "javascript"}}, "JavaScript"),
        ({"kernelspec": {"name": "xcpp17"}}, "C++"),
        ({"kernelspec": {"name": "b", "language": "brainstorm"}}, "'brainstorm'"),
    ],
    ids=str,
)
def test_another_language_is_named(tmp_path, metadata, language):
    with pytest.raises(SubmissionError, match="Change Kernel") as caught:
        read(tmp_path, notebook(metadata=metadata))

    assert str(caught.value).startswith(f"hw.ipynb is written in {language}: ")


@pytest.mark.parametrize("name", ["python3", "Python 3", "ipython3", "python2", "r-and-tf", "venv", "", None, 3, []])
def test_any_kernel_of_python_becomes_python3(tmp_path, name):
    found = read_valid(tmp_path, notebook(metadata={**METADATA, "kernelspec": {"name": name}}))

    assert found.node.metadata.kernelspec.name == "python3"


def test_a_large_file_is_told_its_size(tmp_path):
    with pytest.raises(SubmissionError, match=r"has 2\.\d+ kB, more than the 1 kB .* Clear its outputs"):
        read(tmp_path, notebook(code("x" * 2000)), max_bytes=1000)


def test_a_missing_file_offers_near_names(tmp_path):
    (tmp_path / "homework.ipynb").touch()

    with pytest.raises(UsageError, match=r"no notebook 'homewrok.ipynb' .* Did you mean 'homework.ipynb'\?"):
        read_notebook(tmp_path / "homewrok.ipynb", max_bytes=MAX_BYTES)


@pytest.mark.parametrize("path", ["nowhere/hw.ipynb", "a\0b.ipynb", "file.txt/hw.ipynb"])
def test_a_path_that_cannot_be_is_wrong_usage(tmp_path, path):
    (tmp_path / "file.txt").touch()

    with pytest.raises(UsageError, match="no notebook"):
        read_notebook(tmp_path / path, max_bytes=MAX_BYTES)


def test_a_folder_is_told_so(tmp_path):
    with pytest.raises(SubmissionError, match="is a folder"):
        read_notebook(tmp_path, max_bytes=MAX_BYTES)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "hw.ipynb")

    with pytest.raises(SubmissionError, match="not an ordinary file"):
        read_notebook(tmp_path / "hw.ipynb", max_bytes=MAX_BYTES)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="permissions bind nobody here")
def test_a_file_without_permission_is_told_so(tmp_path):
    (tmp_path / "hw.ipynb").touch(mode=0)

    with pytest.raises(SubmissionError, match="permission is missing"):
        read_notebook(tmp_path / "hw.ipynb", max_bytes=MAX_BYTES)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that cannot be read here")
def test_a_file_that_fails_to_be_read_is_told_so():
    with pytest.raises(SubmissionError, match="cannot be read"):
        read_notebook(Path("/proc/self/mem"), max_bytes=MAX_BYTES)


def attempt_to_read(folder, raw):
    """Read, and hold that nothing but our own errors comes out, no warning, and only valid notebooks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = read(folder, raw)
        except GraderError:
            return
        nbformat.validate(found.node)
        json.dumps(found.node, ensure_ascii=False, allow_nan=False).encode()
        "\n".join(found.repairs).encode()


@LENIENT
@given(raw=st.binary(max_size=200))
def test_random_bytes_never_surprise(tmp_path, raw):
    attempt_to_read(tmp_path, raw)


@LENIENT
@given(raw=st.text(alphabet="import defx=():\n \t'\"#{}[]\\0\0", max_size=60))
def test_random_text_never_surprises(tmp_path, raw):
    attempt_to_read(tmp_path, raw.encode())


TREASURE = notebook(
    code(
        metadata={"tags": ["q1"], "grader": {"question": "q1"}},
        outputs=[{"output_type": "stream", "text": "x"}],
    ),
    text("```python\nx\n```", id="b", attachments={"a": {"image/png": "eA=="}}),
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(st.characters(), max_size=5)
    | st.sampled_from(["code", "heading", "\ud800", "\0", "python", "R", "e" * 70, 10**400, [[[[]]]]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def changed(value, path, junk, *, drop):
    value = json.loads(json.dumps(value))
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = junk
    return value


@LENIENT
@given(path=st.sampled_from(list(places(TREASURE))[1:]), junk=JUNK, drop=st.booleans())
def test_a_notebook_with_anything_anywhere_never_surprises(tmp_path, path, junk, drop):
    attempt_to_read(tmp_path, changed(TREASURE, path, junk, drop=drop))


@LENIENT
@given(seed=st.integers(0, 10**6))
def test_a_notebook_with_bytes_changed_never_surprises(tmp_path, seed):
    rng = random.Random(seed)  # noqa: S311
    raw = bytearray(json.dumps(TREASURE).encode())
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(raw))
        raw[start : start + rng.randint(0, 3)] = rng.choice(
            [b"", b'"', b",", b"]", b"}", b"\\", b"NaN", b"\xff", b"9" * 5000]
        )
    attempt_to_read(tmp_path, bytes(raw))


@pytest.mark.parametrize("depth", [50, 500, 900, 990, 5000])
@pytest.mark.parametrize("key", ["nbformat", "metadata", "cells", "grader"])
def test_deep_values_in_a_notebook_never_surprise(tmp_path, key, depth):
    deep = "[" * depth + "]" * depth
    whole = json.dumps(notebook(text(metadata={"grader": {"a": "here"}})))
    where = '"here"' if key == "grader" else '"' + key + '": '

    attempt_to_read(
        tmp_path,
        whole.replace(where, deep if key == "grader" else f'{where}{deep}, "old{key}": ', 1).encode(),
    )


def test_a_link_to_nothing_is_called_so(tmp_path):
    (tmp_path / "hw.ipynb").symlink_to("/nonexistent")

    with pytest.raises(UsageError, match=r"hw\.ipynb is a link to '/nonexistent', which does not lead to anything\."):
        read_notebook(tmp_path / "hw.ipynb", max_bytes=MAX_BYTES)


def test_a_name_that_is_no_text_is_told_as_text(tmp_path):
    path = tmp_path / os.fsdecode(b"bad\xff.ipynb")
    path.write_text("{ this is no notebook")

    with pytest.raises(SubmissionError, match=r"^bad\?\.ipynb "):
        read_notebook(path, max_bytes=MAX_BYTES)
