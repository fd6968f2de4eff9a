"""Otter's test files are read, never run."""

import pytest

from grader.errors import AssignmentError
from grader.importing.otter_tests import read_source, read_spec

OK = '''
OK_FORMAT = True
test = {
  "name": "q1", "points": [1, 2],
  "suites": [{"type": "doctest", "setup": "", "teardown": "", "scored": True, "cases": [
    {"name": "shape", "code": r"""
      >>> f(1)
      2
      """, "hidden": False, "locked": False, "success_message": "well done", "failure_message": "look again"},
    {"code": ">>> f(2)\\n3"}]}]}
'''
FUNCTIONS = """
from otter.test_files import test_case as case
import otter.test_files
raise SystemExit("this is never run")
OK_FORMAT = False
name = "q2"
points = 5
limit = 1
all_or_nothing = True
def helper(): return 1
@case(points=limit, hidden=True, name="first", failure_message="no")
def test_first(env, f):
    assert f(1) == 2
@otter.test_files.test_case(None, None)
def test_second(f): assert f(2) == 3
"""


def a_test(cases='[{"code": ">>> 1\\n1"}]', more="", before=""):
    return f'{before}\nOK_FORMAT = True\ntest = {{"name": "q1", {more} "suites": [{{"cases": {cases}}}]}}'


def test_doctests_are_read_with_their_points_and_words():
    test = read_source(OK, "q1.py")

    first, second = test.cases
    assert ("shape", 1, False, "well done", "look again") == (
        first.name,
        first.points,
        first.hidden,
        first.success,
        first.failure,
    )
    assert first.code.strip() == ">>> f(1)\n2"
    assert ("q1 - 2", 2, True) == (second.name, second.points, second.hidden)


def test_functions_are_read_in_their_order():
    test = read_source(FUNCTIONS, "q2.py")

    assert [("first", "test_first", True, 1), ("q2 - 2", "test_second", False, 4)] == [
        (case.name, case.code, case.hidden, case.points) for case in test.cases
    ]
    assert test.all_or_nothing
    assert test.source == FUNCTIONS


def test_values_are_put_together_without_running_anything():
    source = a_test(
        before="base = 'f'\nname = f'{base}(2)'\nn: int = 2 * 3",
        cases='[{"code": ">>> " + name + "\\n" + f"{n}", "points": -(-n) / 4, "hidden": not True}]',
    )
    (case,) = read_source(source, "q.py").cases

    assert (">>> f(2)\n6", 1.5, False) == (case.code, case.points, case.hidden)


def test_a_file_from_before_there_were_formats_is_one_of_doctests():
    assert read_source(a_test().replace("OK_FORMAT = True", ""), "q.py").name == "q1"


REFUSED = {
    "a call": ('OK_FORMAT = True\ntest = {"name": make()}', r"q\.py:2: `make\(\)` is no value that can be read"),
    "a name": ("OK_FORMAT = True\n\ntest = other", r"q\.py:3: `other` is no value"),
    "a formatted piece": (a_test(cases='[{"code": f"{1:>5}"}]'), r"q\.py:3: an f-string with a format"),
    "a product": (a_test(cases='[{"code": "a" * 1000000000}]'), r"q\.py:3: .*is not put together here"),
    "a mismatch": (a_test(cases='[{"code": "a" + 1}]'), r"q\.py:3: .*can only concatenate"),
    "a change": (f'{a_test()}\ntest["points"] = 3', r"q\.py:4: `test` is changed here"),
    "a loop": (f"{a_test()}\nfor test in (): pass", r"q\.py:4: `test` is changed here"),
    "no test": ("OK_FORMAT = True", r"q\.py: says `OK_FORMAT = True` and has no `test"),
    "functions as doctests": (
        'OK_FORMAT = True\nname = "q"\n@test_case()\ndef f(): pass',
        "its cases are functions, so it has to say `OK_FORMAT = False`",
    ),
    "no format": ("x = 1", r"q\.py: says neither"),
    "no Python": ("OK_FORMAT = True\ntest = {", r"q\.py:2: no Python"),
    "two suites": ('OK_FORMAT = True\ntest = {"name": "q", "suites": [{}, {}]}', "exactly one suite"),
    "setup": ('test = {"name": "q", "suites": [{"setup": ">>> 1", "cases": [1]}]}', "`setup` is not run"),
    "another type": ('test = {"name": "q", "suites": [{"type": "scheme", "cases": [1]}]}', "type 'scheme'"),
    "no cases": (a_test(cases="[]"), "there are no `cases`"),
    "no code": (a_test(cases='[{"hidden": True}]'), "case 1 has no `code`"),
    "no doctest": (a_test(cases='[{"code": "f(1)"}]'), "case 1 has no line that begins with `>>> `"),
    "a broken doctest": (a_test(cases='[{"code": ">>>f(1)"}]'), "case 1 is no doctest: line 1"),
    "no name": ('test = {"suites": []}', "a dictionary with a `name`"),
    "too many points": (a_test(cases='[{"code": ">>> 1", "points": 3}]', more='"points": 2,'), "q1: its cases are"),
    "no function": ('OK_FORMAT = False\nname = "q"', r"no function stands under `@test_case\(\.\.\.\)`"),
    "no function's name": ("OK_FORMAT = False\nname = make()", r"q\.py:2: `make\(\)`"),
    "no name of functions": ("OK_FORMAT = False", r'there is no `name = "…"`'),
    "without brackets": ('OK_FORMAT = False\nname = "q"\n@test_case\ndef f(): pass', r"q\.py:4: .*with brackets"),
    "under another": ('OK_FORMAT = False\nname = "q"\n@skip\n@test_case()\ndef f(): pass', r"q\.py:5: "),
    "in a loop": ('OK_FORMAT = False\nname = "q"\nfor i in x:\n  @test_case()\n  def f(): pass', r"q\.py:3: "),
    "another argument": ('OK_FORMAT = False\nname = "q"\n@test_case(weight=1)\ndef f(): pass', "no argument `weight`"),
    "a computed argument": (
        'OK_FORMAT = False\nname = "q"\n@test_case(points=p())\ndef f(): pass',
        r"q\.py:3: `p\(\)`",
    ),
}


@pytest.mark.parametrize(("source", "why"), REFUSED.values(), ids=REFUSED)
def test_what_would_have_to_be_run_is_refused_with_its_place(source, why):
    with pytest.raises(AssignmentError, match=why):
        read_source(source, "q.py")


@pytest.mark.parametrize("spec", [None, [], {"name": 3}, {"name": "q", "suites": {}}, {"name": "q", "suites": [3]}])
def test_metadata_of_any_kind_are_read_or_refused(spec):
    with pytest.raises(AssignmentError, match=r"hw\.ipynb, test q: "):
        read_spec(spec, "hw.ipynb, test q")


def test_a_file_of_thousands_of_brackets_is_refused():
    with pytest.raises(AssignmentError, match=r"q\.py"):
        read_source("OK_FORMAT = True\ntest = " + "[" * 5000 + "]" * 5000, "q.py")


def test_a_sum_of_thousands_of_pieces_is_read_or_refused():
    with pytest.raises(AssignmentError, match=r"q\.py"):
        read_source("OK_FORMAT = True\ntest = " + "+".join(["'a'"] * 5000), "q.py")
