"""The page of a class: what it says, for classes of every kind, and that it is harmless and needs nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from base64 import b64encode
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from class_samples import check, crowd, entry, scored, ungraded
from report_reader import Reader, read
from test_report_page import HOSTILE

from grader.entries import Identity
from grader.report import class_html
from grader.results import ExecutionStatus, Status

PASSED, FAILED = Status.PASSED, Status.FAILED
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
SIGMA = {"diagnosis": "sigma", "diagnosis_title": "They multiply the output delta by σ′"}
LATE = Identity(name="Late Larch", late=True)


def text_of(page: str) -> str:
    """Return the words of a page, one blank between any two, also between those of two cells."""
    apart = re.sub(r"(</(?:td|th|dt|dd|div|title|desc)>|</span>(?=<div))", r"\1 ", SCRIPT.sub("", page))
    return " ".join(read(apart).text.split())


def part(page: str, title: str) -> str:
    """Return the words of the part under a heading, up to the next of its rank."""
    _, rank, rest = re.split(rf"<h(\d)[^>]*>{re.escape(title)}</h\d>", page, maxsplit=1)
    return text_of(re.split(rf"<h[1-{rank}]\b|<script", rest)[0])


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of the table of all submissions."""
    body = page.split('searchable">')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1])
    return [[" ".join(re.sub("<.*?>", "", cell).split()) for cell in row] for row in rows]


def poisoned(thing: Any, text: str) -> Any:
    """Return a record with every free string in it replaced."""
    if dataclasses.is_dataclass(thing):
        return dataclasses.replace(
            thing, **{one.name: poisoned(getattr(thing, one.name), text) for one in dataclasses.fields(thing)}
        )
    if isinstance(thing, tuple):
        return tuple(poisoned(one, text) for one in thing)
    return text if isinstance(thing, str) and not isinstance(thing, Enum) else thing


def concerns(page: str) -> list[str]:
    """Return what in a page could act or fetch: not its own script, not links to what is below it."""
    found: Reader = read(SCRIPT.sub("", page, count=1))
    return [one for one in found.concerns if not re.match(r"<a> '(?!/)[^:\\<>\"]*'\Z", one)]


def checks(output: Status = PASSED) -> tuple[Any, ...]:
    """Return an easy check, one with a diagnosis where it fails, and one that waits for a person."""
    diagnosis = SIGMA if output is FAILED else {}
    waits = check("test_proof", Status.NEEDS_REVIEW, question="q2")
    return check("test_easy"), check("test_output", output, **diagnosis), waits


def full_class() -> list[Any]:
    """Return a class with something of everything the page shows."""
    many = [
        entry(
            f"s{place}",
            *checks(FAILED if place < 11 else PASSED),
            identity=Identity(id=f"{place}", name=f"Student Number{place}", section="A"),
            seconds=1.0 + place,
        )
        for place in range(26)
    ]
    return [
        *many,
        entry("died", *checks(), execution=ExecutionStatus.DIED, sandbox="none"),
        entry("late", *checks(), late_days=2, penalty=2.5, identity=Identity(name="Two Days")),
        entry("marked", *checks(), identity=LATE),
        ungraded("lost", "This is not a notebook: it ends in line 3."),
    ]


@pytest.fixture(scope="module")
def page() -> str:
    missing = [Identity(id="900", name="Noor Aspen"), Identity(email="ghost@example.edu")]
    return class_html(full_class(), missing=missing, similar=[("s1", "s2", 0.834, "similar/s1 s2.html#pair-1")])


def test_the_head_counts_everybody(page):
    head = text_of(page.split('<dl class="tiles">')[1].split("</dl>")[0])

    assert head == (
        "submissions 30 graded 29 not graded 1 nothing handed in 2 wait for a person 29 median, of 30 points 20"
    )


def test_what_could_not_be_graded_says_why_and_who(page):
    assert part(page, "Could not be graded") == "This is not a notebook: it ends in line 3. lost"


def test_who_ran_unsealed_is_named_but_not_who_never_ran(page):
    notice = page.split('class="notice"')[1].split("</div>")[0]

    assert "1 submission ran without a sandbox" in notice
    assert "died.html" in notice
    assert "lost" not in notice


def test_notebooks_that_did_not_run_cleanly_are_listed_by_their_ends(page):
    assert part(page, "Notebooks that did not run cleanly") == (
        "1 the kernel ended before the notebook did 1 student died"
    )


def test_what_waits_leads_to_its_question(page):
    assert part(page, "Waiting for a person").startswith("Q2 Question q2 290 points 29 students Student Number0 s0")
    assert 'href="s25.html#q2"' in page


def test_late_submissions_with_what_it_costs(page):
    assert part(page, "Late") == (
        "2 submissions came late Late submissions with what it costs them Student Days Points Penalty Final "
        "Two Days late 2 20 2.5 17.5 Late Larch marked marked late, time unknown 20 0 20"
    )


def test_misconceptions_tell_how_many_and_whom(page):
    words = part(page, "The commonest misconceptions")

    assert words.startswith("11 of 29 They multiply the output delta by σ′ Q1 11 students Student Number0 s0")
    assert "Number10 s10" in words
    assert "Number11" not in words


def test_the_hardest_checks_come_first(page):
    assert part(page, "The hardest") == "62 % Q1 the check test_output"


def test_checks_that_may_be_broken_are_listed_with_the_reason(page):
    words = part(page, "Why a check may be broken")

    assert words.startswith("Everybody passes: 1 check Q1 the check test_easy test_easy all 29 who tried")
    assert "correlation between the points of a check and the points of all the other checks" in words


def test_the_slowest_are_named_with_their_time(page):
    assert "Student Number25 s25 26.0 s Student Number24 s24 25.0 s" in part(page, "Slowest notebooks")


def test_who_handed_in_nothing_is_named(page):
    assert part(page, "Nothing handed in") == "2 on the roster have no submission Noor Aspen 900 ghost@example.edu"


def test_similar_submissions_are_a_hint_with_a_link(page):
    words = part(page, "Similar submissions")

    assert words.startswith("A hint to look, never a verdict")
    assert "Student Number1 and Student Number2 83 %" in words
    assert 'href="similar/s1%20s2.html#pair-1"' in page


def test_the_table_has_everybody(page):
    rows = rows_of(page)

    assert len(rows) == 30
    assert rows[0] == [
        *("Student Number0 s0", "10", "10", "", "10", "◐ partly right 10", "… needs review 0"),
        *("ran through", "A", "1.0"),
    ]
    assert rows[27][:5] == ["Two Days late", "20", "10", "2 d", "17.5"]
    assert rows[29] == ["lost", "", "", "", "", "", "", "could not be graded", "", "2.5"]


def test_the_charts_have_text_alternatives(page):
    described = re.findall(r'<svg [^>]*role="img"[^>]*><title[^>]*>(.*?)</title><desc[^>]*>(.*?)</desc>', page)

    assert [title for title, _ in described] == ["Distribution of scores", "What became of each question&#39;s points"]
    assert described[1][1] == "Q1: 81 % earned, 19 % lost. Q2: 100 % needs review."
    assert "29 submissions" in described[0][1]


def test_a_chart_has_the_colours_of_the_page(page):
    drawings = " ".join(re.findall("<svg .*?</svg>", page, re.DOTALL))

    assert {"var(--is-passed)", "var(--is-failed)", "var(--is-needs-review)", "var(--series-1)"} <= set(
        re.findall(r"var\(--[\w-]+\)", drawings)
    )
    assert not re.findall(r"#0[0-9a-f]{5}\b", drawings)


def test_points_in_the_class_with_the_same_full_marks():
    page = class_html(scored([10, 40, 40, 90]))

    assert "median, of 100 points" in text_of(page)
    assert "Mean 45 Lowest 10 First quartile 32.5 Median 40 Third quartile 52.5 Highest 90" in part(page, "Scores")
    assert "The highest bar has 2 of 4 submissions, from 40 to 50 points." in text_of(page)


def test_late_points_and_open_points_are_explained_beside_the_scores(page):
    assert part(page, "Scores").startswith(
        "Points that wait for a person count as none so far, and what late days cost is not taken off."
    )


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_students_have_no_distribution(count):
    page = class_html(full_class()[:count])
    text = text_of(page)

    assert "<svg" not in page
    assert "Why a check may be broken" not in text
    assert ("Score, of 30 points: 10." if count == 1 else "Scores, of 30 points: 10, 10.") in text


def test_nobody_graded():
    page = class_html([ungraded("a", "No <b>cell</b>."), ungraded("b", "No <b>cell</b>.")])

    assert part(page, "Could not be graded") == "No <b>cell</b>. a b"
    assert "graded 0 not graded 2" in text_of(page)
    assert "<svg" not in page


def test_no_submission_at_all():
    page = class_html([], missing=[Identity(name="Noor")])

    assert "0 submissions" in text_of(page)
    assert "1 on the roster has no submission Noor" in text_of(page)


@pytest.mark.parametrize("score", [0, 50, 100])
def test_everybody_has_the_same(score):
    text = text_of(class_html(scored([score] * 12)))

    assert f"Mean {score} Lowest {score} First quartile {score} Median {score}" in text
    assert "Goes with the rest" not in re.sub("“Goes.*?”", "", text)


def test_nothing_to_earn():
    page = class_html([entry(f"s{place}", check("it", max_score=0)) for place in range(4)])

    assert "nan" not in text_of(page).casefold()
    assert rows_of(page)[0][1] == "0 of 0"


def test_each_assignment_has_its_section():
    first, second = crowd(4, checks=4), scored([50, 60, 70], assignment="mlp", title="An MLP")
    page = class_html([*first, *second, ungraded("lost", "Of no assignment.")])
    found = read(SCRIPT.sub("", page))

    assert "3 assignments" in text_of(page)
    assert re.findall(r'<h2 class="name" id="(\w+)">(.*?)</h2>', page) == [
        ("a1", "Backpropagation: from proofs to pixels"),
        ("a2", "An MLP"),
        ("a3", "Assignment unknown"),
    ]
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) <= set(found.ids)


def test_what_failed_early_belongs_to_the_only_assignment():
    page = class_html([ungraded("lost", "No."), *scored([50])])

    assert "<h1>Backpropagation: from proofs to pixels</h1>" in page
    assert [row[0] for row in rows_of(page)] == ["lost", "s0"]


def test_every_link_within_the_page_leads_somewhere(page):
    found = read(SCRIPT.sub("", page))

    assert set(found.targets) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


@pytest.mark.parametrize(
    ("report", "href"),
    [
        ("my solution #1.html", "my%20solution%20%231.html"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("//evil.example/x", "evil.example/x"),
        ('a"b<c>&d.html', "a%22b%3Cc%3E%26d.html"),
        ("Ölçüm.html", "%C3%96l%C3%A7%C3%BCm.html"),
    ],
)
def test_links_lead_to_the_report_and_nowhere_else(report, href):
    page = class_html([entry("alice", check("it"), report=report)])

    assert set(re.findall(r'<a href="([^#"]+)"', page)) == {href}


def test_without_a_report_there_is_no_link():
    assert '<a href="a' not in class_html([entry("alice", check("it"), report="")]).replace('<a href="#', "")


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 300, "a\u202eb"], ids=range(len(HOSTILE) + 2))
def test_nothing_hostile_survives(text):
    entries = [poisoned(one, text) for one in [*full_class()[:3], *full_class()[-4:], *full_class()[:1]]]
    entries.append(poisoned(dataclasses.replace(full_class()[0], error=""), text))
    page = class_html(
        [dataclasses.replace(one, error="") if place % 2 else one for place, one in enumerate(entries)],
        missing=[Identity(name=text, id=text, email=text)],
        similar=[(text, text, 0.5, text)],
        title=text,
    )
    found = read(SCRIPT.sub("", page, count=1))

    assert concerns(page) == []
    assert found.tags.count("style") == found.tags.count("h1") == 1
    assert len(SCRIPT.findall(page)) == 1
    assert not set(found.text) & set("\x1b\x07\u202e")


def test_a_name_of_300_characters_is_cut():
    assert "x" * 79 + "…" in text_of(class_html([entry("x" * 300, check("it"))]))
    assert "x" * 80 not in class_html([entry("x" * 300, check("it"), report="r.html")])


def test_only_its_own_script_may_run_and_nothing_be_fetched(page):
    (script,) = SCRIPT.findall(page)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)

    assert concerns(page) == []
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert policy.endswith(f"script-src 'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'")
    assert not re.search(r"fetch|XMLHttp|import\s*\(|eval|innerHTML|https?:", script)


def test_the_same_class_gives_the_same_bytes():
    assert class_html(full_class()) == class_html(full_class())


def test_tables_have_captions_and_scroll_in_boxes_a_keyboard_can_reach(page):
    tables = re.findall(r"<table[^>]*>\s*(<\w+)", page)
    boxes = re.findall(r'<div class="scroll[^"]*"([^>]*)>', page)

    assert set(tables) == {"<caption"}
    assert all(re.match(r' tabindex="0" role="region" aria-label="[^"]+"', box) for box in boxes)


def test_a_submission_time_makes_a_marked_one_late_by_no_day():
    identity = Identity(name="Near Elm", late=True, submitted=datetime(2026, 3, 2, 23, 59, tzinfo=UTC))

    assert "Near Elm alice 0 10 0 10" in part(class_html([entry("alice", check("it"), identity=identity)]), "Late")


def test_long_lists_say_how_many_they_leave_out():
    page = class_html([entry(f"s{k}", check("it", FAILED, **SIGMA)) for k in range(503)])

    assert part(page, "The commonest misconceptions").endswith(
        "s499 3 more are left out here; the table of all submissions has everybody."
    )


@pytest.mark.slow
def test_ten_thousand_submissions_are_a_page_within_half_a_minute():
    entries = crowd(10_000)
    started = time.perf_counter()
    page = class_html(entries)

    assert time.perf_counter() - started < 30
    assert len(page) < 8_000_000
    assert len(rows_of(page)) == 10_000
