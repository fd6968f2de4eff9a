"""From the command to the first cell, and what a student's install takes.

    python bench/start.py [--runs 7] # seconds of a self-check of a NumPy homework, in its bundle
    python bench/start.py --size     # megabytes of the installed packages that a self-check needs, by distribution

The homework is the one `grade new` makes, with a first cell that prints the time. The least of several runs counts:
what else the machine does only adds to it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

GRADE = (sys.executable, "-m", "grader")
FIRST = "import time\nprint('began', time.time())"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--size", action="store_true", help="measure the installed packages instead")
    parser.add_argument("--extra", action="append", default=[], help="with --size: of this extra, too (repeatable)")
    chosen = parser.parse_args()
    if chosen.size:
        show_sizes(frozenset(chosen.extra))
    else:
        show_seconds(chosen.runs)


# --- seconds ----------------------------------------------------------------------------------------------------------


def show_seconds(n_runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        notebook = homework(Path(folder))
        runs = [one_run(notebook) for _ in range(n_runs)]
    for name in runs[0]:
        seconds = sorted(run[name] for run in runs)
        print(f"{name:28} {seconds[0]:6.2f} s at best, {seconds[len(seconds) // 2]:6.2f} s in the middle of {n_runs}")


def homework(folder: Path) -> Path:
    """Release a NumPy homework, and put a right answer into the bundle whose first cell prints the time."""
    course = folder / "course"  # a student has no assignments above the bundle
    course.mkdir()
    for words in (("new", "tiny"), ("release", "tiny", "--out", folder / "released")):
        subprocess.run([*GRADE, *words], cwd=course, check=True, capture_output=True)
    path = folder / "released" / "tiny" / "tiny.ipynb"
    notebook = json.loads((course / "submissions" / "tiny-right.ipynb").read_text(encoding="utf-8"))
    first = {"cell_type": "code", "id": "began", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].insert(0, {**first, "source": FIRST})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def one_run(notebook: Path) -> dict[str, float]:
    """Check it once; return seconds from the command on, by what they are until."""
    command = [*GRADE, notebook.name, "--fresh", "--json"]
    before = time.time(), resources()
    done = subprocess.run(command, cwd=notebook.parent, check=True, capture_output=True, text=True)
    whole = time.time() - before[0]
    result = json.loads(done.stdout)
    assert result["score"] == result["max_score"], result
    (said,) = (output["data"] for output in result["execution"]["cells"][0]["outputs"])
    return {
        "until the first cell": float(said.split()[1]) - before[0],
        "until the verdict": whole,
        "processor time of all": resources() - before[1],
    }


def resources() -> float:
    used = os.times()
    return used.children_user + used.children_system


# --- megabytes --------------------------------------------------------------------------------------------------------


def show_sizes(extras: frozenset[str]) -> None:
    sizes = {name: size_of(name) for name in sorted(needed("homework-grader", extras))}
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:15]:
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{sum(sizes.values()) / 1e6:8.1f} MB  {len(sizes)} distributions in all")


def needed(name: str, extras: frozenset[str]) -> set[str]:
    """Return the distributions that a distribution with some extras needs here, itself among them."""
    found: set[str] = set()
    waiting = [(name, extras)]
    while waiting:
        name, extras = waiting.pop()
        known = f"{name}[{','.join(sorted(extras))}]"
        if known in found:
            continue
        found.add(known)
        for line in requires(name) or ():
            requirement = Requirement(line)
            values = [{"extra": extra} for extra in ("", *extras)]
            if requirement.marker is None or any(requirement.marker.evaluate(value) for value in values):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return {each.partition("[")[0].lower().replace("_", "-") for each in found}


def size_of(name: str) -> int:
    """Return the bytes of a distribution's files; what is only meant for other systems is not installed."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    return sum(path.stat().st_size for path in (Path(str(file.locate())) for file in files) if path.is_file())


if __name__ == "__main__":
    main()
