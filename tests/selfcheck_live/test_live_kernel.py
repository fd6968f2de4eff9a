"""`%grade` in a real kernel: what it says, and that the kernel is afterwards what it was before."""

import re

import pytest
from live_bundle import CELLS, make, save
from live_kernel import Notebook

pytestmark = pytest.mark.slow

SET_UP = """
import asyncio, os, random, signal, sys, warnings
import numpy as np
import matplotlib.pyplot as plt

def double(x):
    return 2 * np.asarray(x)

start = 10
numbers = [1, 2]
"""
LOOK = """
import hashlib as _hashlib, pickle as _pickle
def _look():
    seen = {name: id(value) for name, value in globals().items() if not name.startswith(("_i", "_before"))}
    return {
        "names": seen,
        "order": [name for name in globals() if not name.startswith("_")],
        "contents": _pickle.dumps([start, numbers, globals().get("table")]),
        "python": random.getstate(),
        "numpy": [getattr(part, "tobytes", lambda: part)() for part in np.random.get_state()],
        "figures": (plt.get_fignums(), plt.gcf().number if plt.get_fignums() else None, dict(plt.rcParams)),
        "warnings": (list(warnings.filters), id(warnings.showwarning)),
        "system": [id(getattr(sys, each)) for each in ("stdout", "stderr", "stdin", "displayhook", "breakpointhook")],
        "last": hasattr(sys, "last_value"),
        "path": (list(sys.path), [id(each) for each in sys.meta_path]),
        "signals": [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM)],
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "process": (dict(os.environ), os.getcwd(), np.geterr(), sys.getrecursionlimit()),
        "modules": [n for n in ("agent", "models", "wire", "memory", "conftest", "test_live") if n in sys.modules],
        "out": sorted(Out),
    }
"""
SAME = "print([part for part, was in _before.items() if was != _look()[part]])"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("live kernel"))


@pytest.fixture(scope="module")
def kernel(folder):
    kernel = Notebook(folder)
    assert kernel.run("%load_ext grader").stdout == ""
    kernel.run("import matplotlib.pyplot as plt; plt.figure().canvas.draw(); plt.close('all')")  # finds its fonts
    yield kernel
    kernel.close()


@pytest.fixture
def notebook(kernel, folder):
    """The kernel with right answers, everything else as at its start."""
    save(folder, *CELLS)
    kernel.run(SET_UP)
    return kernel


def first_line(outputs):
    return outputs.text.splitlines()[0]


def test_right_answers_pass(notebook):
    outputs = notebook.run("%grade q1")

    assert first_line(outputs) == "q1: 3 of 3 checks pass, 4 of 4 public points"
    assert "✓ right: double(x) is twice x (2/2)" in outputs.text
    assert "2 more points are for what is looked at only when the homework is graded." in outputs.text
    assert (outputs.stdout, outputs.stderr) == ("", "")


def test_a_wrong_answer_has_message_diagnosis_hint_and_evidence_and_is_escaped(notebook):
    notebook.run("def double(x):\n    return 2 * x + 1")
    outputs = notebook.run("%grade q1")

    assert first_line(outputs) == "q1: 2 of 3 checks pass, 2 of 4 public points"
    for said in ("Every entry is 1 too large.", "What probably happened: one too many.", "What to try: Add `x`"):
        assert said in outputs.text
    assert "&lt;b&gt;1&lt;/b&gt;" in outputs.html
    assert not re.search(r"<b>|<script|<style|class=", outputs.html)
    assert "<math" in outputs.html  # the diagnosis holds a formula


def test_all_questions_are_checked_where_none_is_named(notebook):
    outputs = notebook.run("%grade")

    assert first_line(outputs).startswith("q1 to q4: 4 of 8 checks pass")
    assert "q2: 0 of 1 check passes, 0 of 2 public points: In words" in outputs.text


@pytest.mark.parametrize("typed", ["Q1", "1", "question-1", "q1,q1"])
def test_a_question_is_understood_however_it_is_written(notebook, typed):
    assert first_line(notebook.run(f"%grade {typed}")).startswith("q1: ")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("q9", "There is no question 'q9'.* There are: q1, q2, q3, q4."),
        ("--bundel x", "no option --bundel. Did you mean '--bundle'?"),
        ("--bundle", "After --bundle comes a path"),
        ("--bundle /", "holds no bundle"),
        ("--help", "%grade q4 .*check question 4"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(notebook, typed, said):
    outputs = notebook.run(f"%grade {typed}")

    assert re.search(said, outputs.stdout)
    assert (outputs.error, outputs.displays) == ("", [])


STUDENTS = {
    "an exception": ("raise ValueError('no <i>')", "`double` stopped with ValueError: no <i>", r"In \[\d+\], line 2"),
    "an endless loop": ("while True: pass", "had not finished after 1 s and was stopped", ""),
    "a long sleep": ("import time; time.sleep(1000)", "had not finished after 1 s", ""),
    "a loop that catches all": (
        "while True:\n        try:\n            x = x + 1\n        except:\n            pass",
        "had not finished after 1 s",
        "",
    ),
    "an exit": ("raise SystemExit", "`double` stopped with SystemExit", ""),
    "the shell's exit": ("exit()", "", ""),
    "a recursion": ("return double(x)", "`double` stopped with RecursionError", ""),
    "an interrupt": ("raise KeyboardInterrupt", "`double` was interrupted", ""),
    "a value that says nothing": ("return Silent()", "`double` stopped with RuntimeError: no class", "in __class__"),
    "an assertion": ("assert False, 'mine'", "`double` stopped with AssertionError: mine", ""),
    "an endless answer": ("return iter(int, 1)", "", ""),
}
SILENT = """
class Silent:
    def __repr__(self): raise RuntimeError("no repr")
    def __eq__(self, other): raise RuntimeError("no eq")
    def __bool__(self): raise RuntimeError("no bool")
    __hash__ = None
    @property
    def __class__(self): raise RuntimeError("no class")
silent = Silent()
"""


@pytest.mark.parametrize("case", STUDENTS.values(), ids=STUDENTS.keys())
def test_what_a_students_code_does_is_one_line_and_no_traceback(notebook, case):
    body, said, where = case
    notebook.run(SILENT)
    notebook.run(f"def double(x):\n    {body}")
    outputs = notebook.run("%grade q1")
    notebook.run("del silent, Silent")

    assert "✗ wrong: double(x) is twice x (0/2)" in outputs.text
    assert re.search(said, outputs.text)
    assert re.search(where, outputs.text)
    assert "Traceback" not in outputs.text
    assert "✓ right: and once more" in outputs.text


def test_a_renamed_function_is_found_and_said(notebook):
    notebook.run("del double\ndef Double(x):\n    return 2 * x + 1")
    outputs = notebook.run("%grade q1")
    notebook.run("del Double")

    assert "your `Double` was taken as `double`" in outputs.text


def test_a_stub_that_was_run_is_not_there_yet(notebook):
    notebook.run("def double(x):\n    pass")
    outputs = notebook.run("%grade q1")

    assert "○ not there yet: double(x) is twice x (0/2)" in outputs.text
    assert "`double` is as it was handed out." in outputs.text


def test_what_is_only_in_the_file_is_not_there_yet(notebook, folder):
    save(folder, "# Question 1\ndef draw(n):\n    return [0.5] * n", *CELLS[1:3])
    outputs = notebook.run("%grade q3")

    assert "`draw` is in your notebook's file, not in this kernel: run the cell that makes it." in outputs.text


def test_text_is_read_from_the_file_and_its_time_is_said(notebook, folder):
    save(folder, SET_UP, CELLS[1], "Doubling is linear.")
    outputs = notebook.run("%grade q2")

    assert first_line(outputs) == "q2: 1 of 1 check passes, 2 of 2 public points"
    assert re.search(r"Text was read from live.ipynb as you saved it at \d\d:\d\d:\d\d", outputs.text)


def test_text_has_to_be_saved_when_cells_were_run_that_are_not_in_the_file(notebook):
    notebook.run("start = 10  # not saved")
    outputs = notebook.run("%grade q2")

    assert "○ not there yet: question 2 says that doubling is linear" in outputs.text
    assert re.search(r"Save your notebook first.*live.ipynb was\s+saved before you ran In \[\d+\]", outputs.text, re.S)


def test_a_cell_of_another_place_is_no_reason_to_save(notebook, folder):
    save(folder, SET_UP, CELLS[1], "Doubling is linear.")
    notebook.run("%grade q1")
    notebook.run(SET_UP)

    assert "1 of 1 check passes" in notebook.run("%grade q2").text


MEDDLING = """
table = {"a": [1, 2]}
def double(x):
    global start, fresh
    start, fresh = 99, 1
    numbers.append(3)
    table["a"].append(4)
    random.seed(0); random.random()
    np.random.seed(0); np.random.rand()
    plt.figure(); plt.plot([1, 2]); plt.show()
    plt.rcParams["lines.linewidth"] = 9
    warnings.simplefilter("error")
    os.environ["LIVE"] = "1"; os.environ.pop("HOME", None)
    os.chdir("/")
    sys.path.insert(0, "/nowhere")
    np.seterr(all="raise")
    sys.setrecursionlimit(3000)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdout = open(os.devnull, "w")
    input("?")
    print("printed")
    from IPython.display import display
    display("shown")
    ENDING
"""
ENDINGS = {"well": "return 2 * x", "with an exception": "raise ValueError", "with a loop": "while True: pass"}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_everything_is_as_before_however_a_call_ends(notebook, ending):
    notebook.run(MEDDLING.replace("ENDING", ending) + LOOK)
    notebook.run("_before = _look()")
    outputs = notebook.run("%grade q1")

    assert notebook.run(SAME).stdout == "[]\n"
    assert outputs.text.startswith("q1: ")
    assert (outputs.stdout, outputs.stderr) == ("", "")


def test_stop_ends_the_call_and_the_checks_that_follow_and_leaves_all_as_it_was(notebook):
    notebook.run("import time\n" + LOOK)
    notebook.run("def double(x):\n    numbers.append(0)\n    t = time.time() + 0.8\n    while time.time() < t: pass")
    notebook.run("_before = _look()")
    outputs = notebook.run("%grade q1", stop_after_s=0.6)
    for _ in range(2):  # where the machine was too slow for a stop in the call
        if "Stopped while" not in outputs.text:
            outputs = notebook.run("%grade q1", stop_after_s=0.6)

    assert "Stopped while your `double` was running." in outputs.text
    assert "Not run: you stopped the checks." in outputs.text
    assert notebook.run(SAME).stdout == "[]\n"


def test_names_of_ours_may_be_the_students(notebook):
    notebook.run("import sys\nnp_, np = np, 'mine'\ngrader = models = check = student = 3\ndef double(x): return x + x")
    outputs = notebook.run("%grade q1")
    notebook.run("np = np_; del grader, models, check, student")

    assert first_line(outputs) == "q1: 3 of 3 checks pass, 4 of 4 public points"


def test_modules_of_the_students_may_have_the_names_of_ours(notebook, folder):
    for name in ("agent", "models", "memory", "test_live"):
        (folder / f"{name}.py").write_text("MINE = 1")
    notebook.run("import agent, models, memory, test_live, sys")
    outputs = notebook.run("%grade q1")
    after = notebook.run("print([sys.modules[m.__name__] is m and m.MINE for m in (agent, models, memory, test_live)])")
    for name in ("agent", "models", "memory", "test_live"):
        (folder / f"{name}.py").unlink()

    assert first_line(outputs) == "q1: 3 of 3 checks pass, 4 of 4 public points"
    assert after.stdout == "[1, 1, 1, 1]\n"


def test_a_loop_that_runs_is_no_hindrance(notebook):
    outputs = notebook.run("await asyncio.sleep(0)\n%grade q1")

    assert first_line(outputs) == "q1: 3 of 3 checks pass, 4 of 4 public points"


def test_statements_are_run_again_from_the_cells_that_were_run(notebook):
    outputs = notebook.run("%grade q3")

    assert "✓ right: `start` is 10 whenever its statements are run again" in outputs.text


def test_figures_that_were_shown_since_are_known_and_those_of_a_call_are_not(notebook):
    notebook.run("def draw(n):\n    plt.plot([1]); plt.show()\n    return [0.5]")
    before = notebook.run("%grade q3").text
    notebook.run("plt.plot([1, 2]); plt.show()")
    after = notebook.run("%grade q3").text

    assert "✓ right: draw(n) gives numbers in 0..1" in before
    assert "✗ wrong: there is a figure" in before
    assert "✓ right: there is a figure" in after


def test_open_figures_are_not_drawn_into(notebook):
    notebook.run("%config InlineBackend.close_figures = False\nmine = plt.figure(); plt.plot([1]); plt.show()")
    notebook.run("def double(x):\n    plt.plot([3, 4])\n    return 2 * x")
    notebook.run("%grade q1")
    after = notebook.run("print(plt.gcf() is mine, len(mine.axes[0].lines), plt.get_fignums() == [mine.number])")
    notebook.run("plt.close('all')\n%config InlineBackend.close_figures = True")

    assert after.stdout == "True 1 True\n"


def test_what_was_changed_and_cannot_be_put_back_is_named_and_nothing_else(notebook):
    notebook.run("from itertools import count\nbig = np.zeros(9_000_000); numbers_from = count(); other = iter([1])")
    notebook.run("def double(x):\n    big[0] += 1; next(numbers_from)\n    return 2 * x")
    outputs = notebook.run("%grade q1")
    notebook.run("del big, numbers_from, other")

    assert "your own code changed `big` and `numbers_from`." in outputs.text
    assert "`other`" not in outputs.text


def test_modules_of_the_students_come_back(notebook, folder):
    (folder / "helper.py").write_text(
        "calls = []\ndef note(x, seen=[]):\n    seen.append(x); calls.append(x); return seen"
    )
    notebook.run("from helper import calls, note\ndef double(x):\n    note(x)\n    return 2 * x")
    outputs = notebook.run("%grade q1")
    after = notebook.run("print(len(calls), note(1)); calls.clear()")
    (folder / "helper.py").unlink()

    assert after.stdout == "0 [1]\n"
    assert "changed" not in outputs.text


def test_unloading_takes_the_magic_away(notebook):
    notebook.run("%unload_ext grader")
    outputs = notebook.run("%grade q1")
    notebook.run("%load_ext grader")

    assert "not found" in outputs.stderr + outputs.error
