"""Heat maps and curves as SVG: complete, following the page, bounded, and never a reason to fail."""

from __future__ import annotations

import math
import re

import pytest
from report_reader import read
from report_samples import ACCURACY, JACOBIAN

from grader.report.pictures import in_words, picture
from grader.results import Curves, Heatmap, Series


def heatmap(*rows: tuple[float, ...], **more: str) -> Heatmap:
    return Heatmap(title="t", values=rows, **more)


def curves(*series: tuple[tuple[float, ...], tuple[float, ...]], name: str = "yours") -> Curves:
    lines = tuple(Series(name=name, x=x, y=y) for x, y in series)
    return Curves(title="t", x_label="epoch", y_label="loss", series=lines)


@pytest.mark.parametrize("evidence", [JACOBIAN, ACCURACY], ids=["heatmap", "curves"])
def test_a_picture_is_harmless_and_takes_its_colours_from_the_page(evidence):
    svg = picture(evidence, "p1")

    assert svg is not None
    assert read(svg).concerns == []
    assert "currentColor" in svg
    assert not re.search(r"#0[0-9a]0[0-9b]0[0-9]", svg)
    assert "DejaVu" not in svg
    assert "<metadata" not in svg


def test_ids_of_two_pictures_never_meet():
    one, two = read(picture(JACOBIAN, "p1") or ""), read(picture(JACOBIAN, "p2") or "")

    assert one.ids
    assert not set(one.ids) & set(two.ids)
    assert set(one.targets) <= set(one.ids)


def test_the_same_evidence_gives_the_same_bytes():
    assert picture(ACCURACY, "p") == picture(ACCURACY, "p")


def test_the_largest_matrix_stays_small():
    values = tuple(tuple(math.sin(row * column * 1.7) for column in range(64)) for row in range(64))

    assert len(picture(heatmap(*values), "p") or "") < 60_000


def test_long_curves_stay_small():
    x = tuple(float(i) for i in range(20_000))

    assert len(picture(curves((x, tuple(math.sin(i) for i in x))), "p") or "") < 60_000


def test_title_and_words_are_read_out():
    svg = picture(JACOBIAN, "p") or ""

    assert f'<title id="p-title">{JACOBIAN.title}</title>' in svg
    assert JACOBIAN.description in svg


@pytest.mark.parametrize(
    "text", ["</svg><script>alert(1)</script>", "$\\frac{", "_hidden", "日本語", "\x1b[31m", "a" * 500, "", "&amp;"]
)
def test_any_name_can_be_drawn(text):
    named = curves(((0.0, 1.0), (1.0, 2.0)), ((0.0, 1.0), (2.0, 1.0)), name=text)
    drawn = [picture(named, "p"), picture(heatmap((1.0, 2.0), row_label=text, column_label=text), "p")]

    assert None not in drawn
    assert [concern for svg in drawn for concern in read(svg or "").concerns] == []
    assert (drawn[0] or "").count("<clipPath") == 1


@pytest.mark.parametrize("name", ["_hidden", "yours"])
def test_every_line_is_in_the_legend(name):
    svg = picture(curves(((0.0, 1.0), (1.0, 2.0)), ((0.0, 1.0), (2.0, 1.0)), name=name), "p") or ""

    assert re.findall(r">\s*(\w+)</text>", svg).count(name) == 2


@pytest.mark.parametrize(
    "evidence",
    [heatmap(), heatmap(()), heatmap((1.0,), (1.0, 2.0)), curves(), curves(((), ())), curves(((math.nan,), (1.0,)))],
    ids=["no rows", "no columns", "ragged", "no lines", "no points", "no finite point"],
)
def test_nothing_to_draw_is_no_picture(evidence):
    assert picture(evidence, "p") is None


@pytest.mark.parametrize(
    "evidence",
    [
        heatmap((math.nan, math.nan)),
        heatmap((math.inf, -math.inf)),
        heatmap((0.0, 0.0)),
        heatmap((1e308, -1e308)),
        heatmap((1e-320, 2e-320)),
        curves(((0.0, 1.0), (1e308, -1e308))),
        curves(((1e300,), (1e-300,))),
        curves(((0.0, 1.0, 2.0), (1.0, math.nan, math.inf))),
    ],
    ids=["nan", "infinite", "zero", "huge", "tiny", "huge curve", "far point", "gaps"],
)
def test_odd_numbers_never_raise(evidence):
    svg = picture(evidence, "p")

    assert svg is None or svg.endswith("</svg>")


def test_values_that_are_not_finite_are_said():
    assert "2 of the values are not finite (hatched)." in in_words(heatmap((math.nan, 1.0, math.inf)))
    assert "1 point not finite and left out." in in_words(curves(((0.0, 1.0), (math.nan, 2.0))))


def test_a_picture_without_description_is_put_into_words():
    assert in_words(heatmap((1.0, 2.5))) == "A matrix of 1 × 2, from 1 to 2.5."
    assert in_words(curves(((0.0, 1.0), (3.0, 0.5)))) == "loss against epoch: yours goes from 3 to 0.5."


def test_more_lines_than_can_be_told_apart_are_said_to_be_cut():
    many = curves(*(((0.0, 1.0), (0.0, float(i))) for i in range(9)))

    assert "Only the first 6 of 9 lines are drawn." in in_words(many)
