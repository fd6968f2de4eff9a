"""Where `%grade` works, and where it says what is missing: a terminal, no NumPy, no bundle, no file, Keras."""

import os
import re
import subprocess
import sys

import pytest
from live_bundle import make
from live_kernel import ROOT, Notebook

pytestmark = pytest.mark.slow

SESSION = """
import numpy as np
def double(x): return 2 * x + 1

start, numbers = 10, []
%load_ext grader
%grade q1
def double(x): raise ValueError("oops")

%grade q1
exit
"""


def test_in_a_terminal_the_verdicts_are_text(tmp_path):
    make(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--colors=nocolor", "--no-confirm-exit", "--no-banner"],
        input=SESSION,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "q1: 2 of 3 checks pass, 2 of 4 public points" in done.stdout
    assert "What probably happened: one too many." in done.stdout
    assert "`double` stopped with ValueError: oops" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.fixture
def bare(tmp_path):
    kernel = Notebook(tmp_path)
    yield kernel
    kernel.close()


def test_without_numpy_a_bundle_or_a_run_cell_one_line_says_so(bare, tmp_path):
    bare.run("%load_ext grader")
    nowhere = bare.run("%grade q1").stdout
    bundle = make(tmp_path / "my homework")
    nothing = bare.run(f'%grade q1 --bundle "{bundle}"').text
    bare.run("import sys; numpy, sys.modules['numpy'] = sys.modules['numpy'], None")
    bare.run("for name in [n for n in sys.modules if n.startswith('grader')]: del sys.modules[name]")
    bare.run("%load_ext grader")
    without = bare.run(f'%grade q1 --bundle "{bundle}"').stdout

    assert nowhere.startswith(f"There is no bundle here: neither {tmp_path} nor a folder above it holds selfcheck/.")
    assert "Nothing of yours was run in this kernel yet: run your cells from the top" in nothing
    assert nothing.startswith("q1: 0 of 3 checks pass")
    assert without == (
        "%grade needs numpy, which this kernel has not: type `%pip install numpy`, then restart the kernel.\n"
    )


def test_what_was_drawn_before_may_have_been_missed(bare, tmp_path):
    bundle = make(tmp_path / "hw")
    bare.run("import matplotlib.pyplot as plt; plt.plot([1]); plt.show()")
    bare.run("%load_ext grader")
    shown = bare.run(f"%grade q3 --bundle {bundle}").text

    assert "○ not there yet: there is a figure" in shown
    assert re.search(r"put\s+`%load_ext\s+grader`\s+into\s+the\s+first\s+cell", shown)


def test_an_edited_check_or_another_version_is_refused(bare, tmp_path):
    bundle = make(tmp_path / "hw")
    checks = bundle / "selfcheck" / "checks" / "test_live.py"
    checks.write_text(checks.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    bare.run("%load_ext grader")
    edited = bare.run(f"%grade q1 --bundle {bundle}").stdout

    assert "was changed since it was released, so verdicts could be wrong. Unpack the bundle again" in edited


def test_without_its_file_a_notebook_is_judged_by_what_was_run(tmp_path):
    bundle = make(tmp_path / "hw")
    (bundle / "live.ipynb").unlink()
    kernel = Notebook(bundle)
    try:
        kernel.run("%load_ext grader")
        kernel.run("import numpy as np\ndef double(x):\n    pass\nstart, numbers = 10, []")
        stub, text = kernel.run("%grade q1").text, kernel.run("%grade q2").text
        kernel.run("def double(x):\n    return 2 * x")
        right = kernel.run("%grade q1").text
    finally:
        kernel.close()

    assert "`double` is as it was handed out." in stub
    assert "whose file could not be found from here" in text
    assert right.startswith("q1: 3 of 3 checks pass")


@pytest.mark.parametrize("name", ["pytest", "pydantic"])
def test_a_file_with_the_name_of_a_library_is_named(tmp_path, name):
    bundle = make(tmp_path / "hw")
    (bundle / f"{name}.py").write_text("x = 1")
    kernel = Notebook(bundle)
    try:
        kernel.run("%load_ext grader")
        kernel.run("def double(x):\n    return 2 * x\nstart, numbers = 10, []")
        said = kernel.run("%grade q1").stdout
    finally:
        kernel.close()

    assert said == f"Your {name}.py has the name of a library that %grade needs: rename it, and restart the kernel.\n"


def test_a_notebook_that_changed_the_folder_is_checked_all_the_same(tmp_path):
    bundle = make(tmp_path / "hw")
    (bundle / "helper.py").write_text("calls = []")
    kernel = Notebook(bundle)
    try:
        kernel.run("%load_ext grader")
        kernel.run("import helper, os\nos.chdir('/')\nstart, numbers = 10, []")
        kernel.run("def double(x):\n    helper.calls.append(x)\n    return 2 * x")
        right = kernel.run("%grade q1").text
        kept = kernel.run("print(helper.calls)").stdout
    finally:
        kernel.close()

    assert right.startswith("q1: 3 of 3 checks pass")
    assert kept == "[]\n"


KERAS = """
import keras, numpy as np
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1), keras.layers.Dropout(0.5)])
model.compile("adam", "mse")
x, y = np.ones((8, 2)), np.ones(8)
history = model.fit(x, y, epochs=1, verbose=0)
factor = keras.Variable([2.0])
held = {"layers": [keras.layers.Dense(1)]}
start, numbers = 10, []

def double(x):
    model.fit(np.ones((8, 2)), np.ones(8), epochs=2, verbose=0)
    factor.assign([5.0])
    return 2 * x

def look():
    variables = [*model.variables, *model.optimizer.variables, factor]
    return [np.array(each).tobytes() for each in variables], id(model.history), model.history is history
"""


def test_what_a_model_learnt_while_it_was_checked_is_undone(tmp_path):
    kernel = Notebook(make(tmp_path / "hw", call_s=60))
    try:
        kernel.run("%load_ext grader")
        made = kernel.run(KERAS, timeout=120)
        kernel.run("before = look()")
        shown = kernel.run("%grade q1").text
        fits = kernel.run("%grade q4").text
        after = kernel.run("print(before == look(), [a == b for a, b in zip(before[0], look()[0])])").stdout
    finally:
        kernel.close()

    assert made.error == ""
    assert shown.startswith("q1: 3 of 3 checks pass")
    assert after.startswith("True")
    assert "✓ right: `fit` was called once" in fits
