"""What is left of a master notebook when its solutions are taken out."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader.errors import AssignmentError
from grader.notebook import Attempt, attempt_of
from grader.notebook.solutions import has_solutions, solution_lines, without_solutions

OURS, NBGRADER = ("# BEGIN SOLUTION", "# END SOLUTION"), ("### BEGIN SOLUTION", "### END SOLUTION")


def stripped(*cells):
    return without_solutions(new_notebook(cells=list(cells)), "hw.ipynb")


def code(*lines):
    return new_code_cell("\n".join(lines))


def source(*lines):
    return stripped(code(*lines)).cells[0].source


@pytest.mark.parametrize(("begin", "end"), [OURS, NBGRADER, ("#BEGIN SOLUTION", "#END SOLUTION # here")])
def test_a_solution_becomes_a_stub_where_it_stood(begin, end):
    found = source(
        "def double(x):", '    """Twice."""', f"    {begin}", "    y = 2 * x", "", "    return y", f"    {end}"
    )

    assert found == 'def double(x):\n    """Twice."""\n    ...  # your code'


def test_what_is_left_counts_as_untouched():
    master = stripped(code("def double(x):", "    # BEGIN SOLUTION", "    return 2 * x", "    # END SOLUTION"))

    assert attempt_of("double", master, master) is Attempt.UNTOUCHED
    assert attempt_of("double", new_notebook(cells=[code("def double(x): return x + x")]), master) is Attempt.WRITTEN


def test_the_stub_stands_where_the_code_stood_wherever_the_marks_are():
    assert (
        source("def f(x):", "# BEGIN SOLUTION", "    return x", "# END SOLUTION") == "def f(x):\n    ...  # your code"
    )


def test_a_text_becomes_a_place_for_an_answer():
    cell = new_markdown_cell("**b)** Why?\n\n### BEGIN SOLUTION\nBecause $x > 0$.\n### END SOLUTION")

    assert stripped(cell).cells[0].source == "**b)** Why?\n\n*Your answer here.*"


def test_a_picture_in_a_solution_goes_with_it():
    text = "![task](attachment:task.png)\n### BEGIN SOLUTION\n![it](attachment:right.png)\n### END SOLUTION"
    cell = new_markdown_cell(text, attachments={"task.png": {"image/png": "aa"}, "right.png": {"image/png": "bb"}})

    assert list(stripped(cell).cells[0].attachments) == ["task.png"]


def test_an_attachment_that_no_text_shows_is_dropped_also_where_nothing_was_solved():
    pictures = {"the task.png": {"image/png": "aa"}, "right.png": {"image/png": "bb"}}
    given, solved = stripped(
        new_markdown_cell("![](attachment:the%20task.png) and not right.png", attachments=pictures),
        code("# BEGIN SOLUTION", "x = 1", "# END SOLUTION"),
    ).cells

    assert list(given.attachments) == ["the task.png"]
    assert "attachments" not in solved


@pytest.mark.parametrize(
    "shown", ["a&b c.png", "a&amp;b c.png", "a&b%20c.png", "a&amp;b%20c.png", "a%26b%20c.png", "a&#38;b c.png"]
)
def test_a_picture_that_a_text_shows_stays_however_its_name_is_written(shown):
    pictures = {"a&b c.png": {"image/png": "aa"}, "b c.png": {"image/png": "bb"}}
    cell = new_markdown_cell(f'<img src="attachment:{shown}">', attachments=pictures)

    assert list(stripped(cell).cells[0].attachments) == ["a&b c.png"]


@pytest.mark.parametrize("between", ["  ", "\t", "_", "\u00a0", " \t "])
def test_blanks_of_any_kind_stand_in_a_mark(between):
    marks = f"### BEGIN{between}SOLUTION", f"### END{between}SOLUTION"
    hidden = f"# BEGIN{between}HIDDEN{between}TESTS", f"# END{between}HIDDEN{between}TEST"

    assert source(marks[0], "secret = 1", marks[1], hidden[0], "secret = 2", hidden[1]) == "...  # your code"
    assert has_solutions(new_notebook(cells=[code(*marks)]))


NEARLY = [
    "> ### {} SOLUTION",
    "- ### {} SOLUTION",
    "1. {} SOLUTION",
    "**{} SOLUTION**",
    "{} SOLUTION",
    r"\### {} SOLUTION",
    "[//]: # ({} SOLUTION)",
    "### {}-SOLUTION",
    "### {}SOLUTION",
    "#-- {} SOLUTION",
    "# >>> {} SOLUTION",
    "# TODO {} SOLUTION",
    "'''{} SOLUTION'''",
    "%% {} SOLUTIONS",
    "// {} HIDDEN TESTS",
    "> {}: MARK SCHEME",
    "# {} SOLUTON",
    "### {} SOLTION ###",
    "# {} ANSWER",
    "# SOLUTION {}",
]
SMALL = ["begin solution", "> ### begin solution", "*End solution:*", "# begin-solution"]
TALKING = [
    "# {}-solution (hide me)",
    "    #{}Solution: the chain rule",
    "> ## {}. solutions of b)",
    "<!-- {}-solution of a) -->",
    "// {}-hidden_tests, not for students",
    "=== {}-mark-scheme, two points ===",
]


@pytest.mark.parametrize(
    "line",
    [
        *(each.format(edge) for each in NEARLY for edge in ("BEGIN", "END")),
        *(each.format(edge) for each in TALKING for edge in ("begin", "End")),
        *SMALL,
    ],
)
@pytest.mark.parametrize("new_cell", [new_code_cell, new_markdown_cell])
def test_a_line_that_looks_like_a_mark_and_is_none_is_the_authors_error(line, new_cell):
    with pytest.raises(
        AssignmentError, match=r"hw\.ipynb: cell 1, line 2: .*(looks like a mark of a region|needs a line of its own)"
    ):
        stripped(new_cell(f"x = 1\n{line}\ny = 2"))


@pytest.mark.parametrize(
    "line",
    [
        "Begin the solution with the chain rule.",
        "Where does the list end? Solutions are at the",
        "# begin with the solution of b)",
        "You begin solution b) here: append solutions below.",
        "APPEND SOLUTION, THEN BEGIN THE SOLUTION",
        "the end, solution by solution",
        "# The end-solution pair is called a basis",
        "# beginner's solutions",
        "End, solutions and all",
    ],
)
def test_prose_is_no_mark(line):
    assert stripped(new_markdown_cell(line)).cells[0].source == line


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"),
        ("=== BEGIN MARK SCHEME ===", "=== END MARK SCHEME ==="),
        ("<!-- BEGIN MARK SCHEME -->", "<!-- END MARK SCHEME -->"),
    ],
)
def test_of_hidden_tests_and_mark_schemes_nothing_is_left(begin, end):
    cell = new_markdown_cell(f"Explain.\n{begin}\nTwo points for the chain rule.\n{end}\nBriefly.")

    assert stripped(cell).cells[0].source == "Explain.\nBriefly."


def test_outputs_of_a_solution_are_dropped_and_others_stay():
    output = new_output("stream", name="stdout", text="42\n")
    solved = new_code_cell("# BEGIN SOLUTION\nprint(42)\n# END SOLUTION", outputs=[output], execution_count=3)
    given = new_code_cell("print(42)", outputs=[output], execution_count=4)
    first, second = stripped(solved, given).cells

    assert (first.outputs, first.execution_count) == ([], None)
    assert (second.outputs, second.execution_count) == ([output], 4)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["x = 1", "# BEGIN SOLUTION", "y = 2"], "cell 2, line 2: BEGIN SOLUTION has no END SOLUTION"),
        (["# BEGIN SOLUTION", "# BEGIN SOLUTION", "# END SOLUTION"], "cell 2, line 2: BEGIN SOLUTION stands inside"),
        (["x = 1", "# END SOLUTION"], "cell 2, line 2: END SOLUTION closes nothing"),
        (["# BEGIN SOLUTION", "### END HIDDEN TESTS"], "cell 2, line 2: END HIDDEN TEST closes nothing"),
        (["x = 1  # BEGIN SOLUTION", "# END SOLUTION"], "cell 2, line 1: a mark of a region needs a line of its own"),
    ],
)
def test_a_region_that_is_none_is_the_authors_error(lines, said):
    with pytest.raises(AssignmentError, match=said):
        stripped(new_markdown_cell("Task"), code(*lines), code("pass"))


def test_what_is_no_python_without_its_solution_is_the_authors_error():
    with pytest.raises(AssignmentError, match=r"hw\.ipynb: cell 1, line 2: .* no Python any more"):
        stripped(code("try:", "# BEGIN SOLUTION", "    x = 1", "except ValueError:", "    x = 2", "# END SOLUTION"))


def test_the_notebook_itself_is_left_as_it_is():
    node = new_notebook(cells=[code(*OURS)])

    without_solutions(node, "hw.ipynb")
    assert has_solutions(node)


LINE = st.sampled_from(["x = 1", "", "    y = 2", "# note", "print('### not one')", "z = [", "%matplotlib inline"])
OPEN = st.lists(LINE.map(lambda line: ("given", line)), max_size=4)
SECRET = st.lists(st.integers(0, 10**9).map("secret_{} = 1".format), min_size=1, max_size=4)
REGION = st.tuples(st.sampled_from([OURS, NBGRADER]), SECRET, st.sampled_from(["", "    ", "\t"]))


@given(st.lists(st.tuples(OPEN, REGION), max_size=4), OPEN, st.booleans())
def test_all_that_was_given_stays_in_order_and_nothing_of_a_solution_does(parts, rest, is_code):
    lines, kept, secret = [], [], []
    for given_lines, ((begin, end), solution, indent) in parts:
        lines += [line for _, line in given_lines] + [indent + each for each in (begin, *solution, end)]
        kept += [line for _, line in given_lines]
        secret += [indent + line for line in solution]
    lines, kept = lines + [line for _, line in rest], kept + [line for _, line in rest]
    node = new_notebook(cells=[(new_code_cell if is_code else new_markdown_cell)("\n".join(lines))])
    if is_code and isinstance(_parsed(lines), ast.Module):
        return  # whether it still is Python is another matter
    left = without_solutions(node, "hw.ipynb").cells[0].source

    stub = "...  # your code" if is_code else "*Your answer here.*"
    assert [line for line in left.split("\n") if line.strip() != stub] == (kept or ([""] if not parts else []))
    assert "secret" not in left
    assert solution_lines(node, "hw.ipynb") == secret
    assert has_solutions(node) == bool(parts)
    assert without_solutions(new_notebook(cells=[new_code_cell(left)]), "hw.ipynb").cells[0].source == left


def _parsed(lines):
    try:
        return ast.parse("\n".join(line for line in lines if not line.startswith("%")))
    except SyntaxError:
        return None
