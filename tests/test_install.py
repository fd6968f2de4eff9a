"""What is installed from the package's own files: the wheel and the source archive, made here without a network."""

import json
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEVER = {"reference", "assignments", "submissions", "tests", "bench", "docs"}
BESIDE = (  # what is read as a file, not imported
    "grader/result.schema.json",
    "grader/authoring/templates/checks_q1.py.in",
    "grader/report/templates/report.html.j2",
    "grader/kernels/warden/etc/passwd",
    "grader/kernels/inside/__main__.py",
)
RUN = """
import sys
sys.path.insert(0, {wheel!r})
sys.path[:] = [entry for entry in sys.path if entry.rstrip("/") != {checkout!r}]
import grader
assert grader.__file__.startswith({wheel!r}), grader.__file__
sys.argv = ["grade", *{words!r}]
from grader.cli import main
main()
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folder with both archives."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(made):
    (path,) = made.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_has_the_harness_with_its_files_and_no_solutions(wheel):
    names = wheel.namelist()

    assert {"grader"} == {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert [] == [name for name in BESIDE if name not in names]


def test_the_source_archive_has_no_solutions_and_no_checks(made):
    (path,) = made.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert set() == {name for name in names if name.partition("/")[0] in NEVER}
    assert {"grader/__init__.py", "pyproject.toml", "README.md", "LICENSE"} <= names


def test_what_new_solutions_stand_on_is_in_the_wheel_as_it_is_here(wheel):
    here = (ROOT / "reference" / "variants.py").read_bytes()

    assert here == wheel.read("grader/authoring/templates/catalogue.py.in")


def test_every_file_of_the_harness_is_in_the_wheel(wheel):
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "grader").rglob("*") if path.is_file()}

    assert set() == {name for name in ours if "__pycache__" not in name and not name.endswith(".part")} - {
        *wheel.namelist()
    }


def test_the_wheel_says_what_it_needs(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
    needs = Parser().parsestr(wheel.read(name).decode()).get_all("Requires-Dist")
    core = [line for line in needs if "extra ==" not in line]

    assert [] == [line for line in core if line.startswith(("tensorflow", "scikit-learn", "pandas", "sqlalchemy"))]
    assert any(line.startswith("numpy") for line in core)
    assert any(line.startswith("tensorflow") and "extra == 'keras'" in line for line in needs)
    assert any(line.startswith("sqlalchemy") and "extra == 'class'" in line for line in needs)


def test_an_assignment_made_and_checked_with_the_wheel_needs_no_checkout(wheel, tmp_path):
    unpacked, work = tmp_path / "wheel", tmp_path / "work"
    wheel.extractall(unpacked)  # noqa: S202 - ours
    work.mkdir()

    def grade(*words):
        program = RUN.format(wheel=str(unpacked), checkout=str(ROOT), words=words)
        return subprocess.run([sys.executable, "-c", program], cwd=work, capture_output=True, text=True, check=False)

    assert 0 == grade("new", "tiny").returncode
    assert 0 == grade("new", "second").returncode
    done = grade("--self-check", "submissions/tiny-wrong.ipynb", "--json")
    assert 0 == done.returncode, done.stderr
    result = json.loads(done.stdout)

    assert 0 < result["score"] < result["max_score"]
    assert "" != result["questions"][-1]["checks"][0]["message"]
