"""The package as it is installed: its public names, its command, and the files beside it."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import grader

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "pydantic", "nbformat", "nbclient", "jinja2", "rich", "matplotlib", "tensorflow", "zmq", "pytest")
LOADED = """
import json, sys
from grader.cli import main
try:
    main()
finally:
    print(json.dumps(list(sys.modules)), file=sys.stderr)
"""


def test_the_package_itself_has_a_version_and_what_notebooks_load():
    code = "import grader; print([name for name in vars(grader) if not name.startswith('_')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['load_ipython_extension', 'unload_ipython_extension']"
    assert re.fullmatch(r"\d+\.\d+\.\d+", grader.__version__)


def test_the_installed_version_is_the_one_in_the_code():
    assert version("homework-grader") == grader.__version__


def test_the_command_is_called_grade():
    (script,) = entry_points(group="console_scripts", name="grade")

    assert script.value == "grader.cli:main"


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option):
    done = subprocess.run([sys.executable, "-c", LOADED, option], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stderr)}

    assert loaded.isdisjoint(HEAVY)
    assert "grade" in done.stdout


def test_python_dash_m_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "grader", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"grade {grader.__version__}\n"


# --- the exact versions ---------------------------------------------------------------------------------------------


def pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_constraints_are_exact_versions_and_nothing_of_one_machine():
    assert [line for line in pins() if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []


def test_every_dependency_has_an_exact_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    wanted = {name_of(line) for line in lines} - {"homework-grader"}

    assert wanted <= {name_of(line) for line in pins()}


def name_of(requirement):
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()
