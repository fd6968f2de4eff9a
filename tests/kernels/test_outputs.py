"""From kernel messages to records."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output

from grader.kernels import outputs

PNG = base64.b64encode(b"\x89PNG").decode()


def display(**data):
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return new_output("display_data", data={name.replace("svg", "svg+xml"): value for name, value in named.items()})


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (new_output("stream", name="stdout", text="hi"), [("text/plain", "hi")]),
        (new_output("stream", name="stderr", text="oh"), [("application/vnd.grader.stderr", "oh")]),
        (new_output("stream", name="stdout", text=""), []),
        (display(text_plain="<Figure>", image_png=PNG), [("image/png", PNG)]),
        (display(text_plain="1", text_html="<b>1</b>"), [("text/html", "<b>1</b>"), ("text/plain", "1")]),
        (display(text_html="<b>1</b>"), [("text/html", "<b>1</b>")]),
        (display(text_plain="$x$", text_latex="$x$"), [("text/latex", "$x$")]),
        (display(image_svg="<svg/>", image_jpeg=PNG), [("image/jpeg", PNG)]),
        (display(text_plain=["a\n", "b"]), [("text/plain", "a\nb")]),
        (display(application_json={}), []),
        (new_output("error", ename="E", evalue="", traceback=["x"]), []),
        (new_output("stream", name="stdout", text="\ud800!"), [("text/plain", "?!")]),
    ],
    ids=lambda value: value.output_type if hasattr(value, "output_type") else None,
)
def test_records(output, expected):
    assert expected == [(record.mime, record.data) for record in outputs.records([output])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\n", "plain\n"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("10%\r50%\r", "50%"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("one\nabc\b\b\bxy\n", "one\nxy\n"),
        ("\b\b\bx", "x"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07text", "red text"),
    ],
)
def test_settle_shows_what_a_terminal_shows(text, expected):
    assert expected == outputs.settle(text)


@given(st.text(alphabet="ab\b\r\n"))
def test_settled_text_has_nothing_left_to_settle(text):
    settled = outputs.settle(text)

    assert settled == outputs.settle(settled)
    assert not set("\r\b") & set(settled)
    assert len(settled) <= len(text)


def test_settle_takes_no_longer_for_nested_backspaces():
    text = "x" * 500_000 + "\b" * 500_000
    began = time.perf_counter()

    assert outputs.settle(text) == ""
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"ename": None, "evalue": None, "traceback": None},
        {"ename": 5, "evalue": [], "traceback": "not a list"},
        {"ename": {}, "evalue": "x" * 10**6, "traceback": ["y" * 10**6, 7]},
    ],
    ids=["empty", "none", "other types", "long"],
)
def test_error_takes_any_reply(content):
    error = outputs.error(content)

    assert len(error.name) <= 200
    assert len(error.message) < 2_100
    assert len(error.traceback) < 20_100


def test_error_is_plain_text():
    error = outputs.error({"ename": "E", "evalue": "\x1b[1mbold", "traceback": ["\x1b[31ma", "b\x1b[0m"]})

    assert (error.name, error.message, error.traceback) == ("E", "bold", "a\nb")


def test_shortened_keeps_both_ends():
    assert outputs.shortened("a" * 50 + "b" * 100 + "c" * 50, 100).startswith("a" * 50)
    assert outputs.shortened("a" * 50 + "b" * 100 + "c" * 50, 100).endswith("c" * 50)
    assert outputs.shortened("short", 100) == "short"
