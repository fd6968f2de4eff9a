"""What cannot work while grading does no harm and is noted, once per cell."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import Limits
from grader.kernels import Kernel

COLAB = "`google.colab` is not here: an empty stand-in was used"

# source, text shown (None: anything), notes
CASES = {
    "shell": ("!pip install foo\n!pip install foo", "", ["`!pip install foo` was not run"]),
    "shell with output": ("x = !ls\nprint(x, x.n == '')", "[] True\n", ["`!ls` was not run"]),
    "system": ("get_ipython().system('rm -rf x')", "", ["`!rm -rf x` was not run"]),
    "bash": ("%%bash\necho hello", "", ["the cell starts with `%%bash` and was not run"]),
    "pip": ("%pip install foo", "", ["`%pip install foo` was not run"]),
    "colab's TensorFlow": ("%tensorflow_version 2.x", "", ["`%tensorflow_version 2.x` was not run"]),
    "checks of one's own": ("%load_ext grader\n%grade q1\nprint(1)", "1\n", []),
    "unknown magic": ("%frobnicate all\nprint(1)", "1\n", ["`%frobnicate all` is unknown here and was skipped"]),
    "unknown cell magic": ("%%frobnicate\n1 / 0", "", ["the cell starts with `%%frobnicate` and was not run"]),
    "unknown extension": ("%load_ext nothing", "", ["`%load_ext nothing` was not run: there is no such extension"]),
    "known extension": ("%load_ext autoreload\n%autoreload 2", "", []),
    "no such folder": ("%cd /content/x", "", ["`%cd /content/x` was not run: there is no such folder"]),
    "known folder": ("import os; os.mkdir('sub')\n%cd -q sub\nprint(os.getcwd()[-4:])\n%cd -q ..", "/sub\n", []),
    "timeit": ("n = 0\n%timeit -n 1000 -r 7 globals().update(n=n + 1)\nn < 5", None, ["`%timeit` ran once"]),
    "cell timeit": ("%%timeit -r 7\n1", None, ["`%timeit` ran once"]),
    "time": ("%%time\nprint(1)", None, []),
    "inline": ("%matplotlib inline", "", []),
    "widget": ("%matplotlib widget", "", ["`%matplotlib widget` was taken as `%matplotlib inline`"]),
    "old magic": ("get_ipython().magic('matplotlib inline')", "", []),
    "writefile": ("%%writefile local_module.py\nx = 5", "Writing local_module.py\n", []),
    "local module": ("import local_module\nprint(local_module.x)", "5\n", []),
    "input": ("print(input('How many? ') * 2)", "How many? 1\n11\n", ["`input()` was answered with '1'"]),
    "getpass": ("import getpass\nprint(getpass.getpass())", "1\n1\n", ["`getpass()` was answered with '1'"]),
    "browser": ("import antigravity", "", ["`webbrowser.open('https://xkcd.com/353/')` was skipped"]),
    "exit": ("exit()", "", ["`exit()` was skipped"]),
    "drive": (
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "",
        [COLAB, "`drive.mount` was skipped"],
    ),
    "files": (
        "import google.colab.files as f\nprint(f.upload())\nf.download('x')",
        "{}\n",
        [COLAB, "`files.upload` was skipped", "`files.download` was skipped"],
    ),
    "secrets": (
        "from google.colab import userdata\nprint(repr(userdata.get('KEY')))",
        "''\n",
        [COLAB, "`userdata.get` was skipped"],
    ),
    "OpenCV": (
        "from google.colab.patches import cv2_imshow\nimport numpy\ncv2_imshow(numpy.zeros((2, 2, 3), 'u1'))",
        None,
        [COLAB],
    ),
    "protobuf": ("import google.protobuf\nprint(google.protobuf.__name__)", "google.protobuf\n", []),
    "endless input": (
        "try:\n  while True: input()\nexcept EOFError: print('end')",
        None,
        ["`input()` was answered with '1'"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def execution():
    """All cases in one notebook."""
    node = new_notebook(cells=[new_code_cell(source) for source, *_ in CASES.values()])
    with Kernel(Limits(), seed=1) as kernel:
        return kernel.run(node)


@pytest.mark.parametrize("name", CASES)
def test_harmless(execution, name):
    index = list(CASES).index(name)
    _, shown, notes = CASES[name]
    cell = execution.cells[index]

    assert cell.error is None
    if shown is not None:
        assert shown == "".join(output.data for output in cell.outputs)
    prefix = f"cell {index + 1}: "
    assert notes == [note.removeprefix(prefix) for note in execution.notes if note.startswith(prefix)]


def test_timeit_really_runs_once(execution):
    cell = execution.cells[list(CASES).index("timeit")]

    assert cell.outputs[-1].data == "True"


def test_notes_of_a_cell_that_is_run_again_are_not_repeated():
    sources = ["!ls", "import os; os._exit(1)", "!pwd"]

    with Kernel(Limits(), seed=1) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(source) for source in sources]))

    assert execution.notes == ("cell 1: `!ls` was not run", "cell 3: `!pwd` was not run")


def test_a_million_notes_do_not_matter():
    source = "for i in range(100_000): get_ipython().system(f'ls {i}')"

    with Kernel(Limits(), seed=1) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(source)]))

    assert len(execution.notes) == 100
