"""Every sample of every homework, graded once in a batch: where the seconds go.

    python bench/homeworks.py [--assignment mnist-mlp] [--limit 30]

Columns are seconds: in the student's cells; in calls of the checks into the student's kernel; and the harness's own,
which is everything else: starting the kernel, comparing, recomputing, writing the report. What is paid once for all
(the warm server, training the reference) is paid before. Rows over the limits are marked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OWN_S = 1.0


def main() -> None:
    """Grade and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", help="only the samples of this one")
    parser.add_argument("--limit", type=float, default=30.0, help="seconds that a sample may take [30]")
    options = parser.parse_args()
    print(f"{'assignment':16} {'sample':10} {'cells':>7} {'calls':>7} {'own':>7} {'all':>7}")
    own = []
    for name, samples in sorted(by_assignment(options.assignment).items()):
        for result in graded(name, samples):
            cells, calls, harness = seconds(result)
            own.append(harness)
            total = cells + calls + harness
            marks = " over the limit" * (total > options.limit) + " slow harness" * (harness > OWN_S)
            row = f"{name:16} {result['student']:10} {cells:7.2f} {calls:7.2f} {harness:7.2f} {total:7.2f}"
            print(row + marks, flush=True)
    print(f"{len(own)} samples; the harness's own: median {sorted(own)[len(own) // 2]:.2f} s, most {max(own):.2f} s")


def by_assignment(only: str | None) -> dict[str, list[Path]]:
    """Return the samples by the assignment they belong to."""
    found: dict[str, list[Path]] = {}
    for about in sorted((ROOT / "submissions").glob("*.toml")):
        name = tomllib.loads(about.read_text(encoding="utf-8"))["assignment"]
        if only in (None, name):
            found.setdefault(name, []).append(about.with_suffix(".ipynb"))
    return found


def graded(name: str, samples: list[Path]) -> Iterator[dict[str, Any]]:
    """Yield the results of one batch, graded twice: the first time pays what is paid once."""
    for runs in (samples[:1], samples):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "grader", *map(str, runs), "--assignment", name, "--out", folder]
            subprocess.run([*command, "--quiet"], cwd=ROOT, check=False, stderr=subprocess.DEVNULL)
            results = [json.loads((Path(folder) / f"{path.stem}.json").read_text()) for path in runs]
    yield from results


def seconds(result: dict[str, Any]) -> tuple[float, float, float]:
    """Return the seconds of the cells, of calls into the kernel, and all others but those before the first kernel."""
    spent = result["timings"]
    return spent["cells"], spent["calls"], spent["kernel"] + spent["checks"] - spent["calls"] + spent["report"]


if __name__ == "__main__":
    main()
