"""How long one submission takes, stage by stage, against the same notebook as a plain script.

    python bench/one.py [submissions/alice.ipynb] [--runs 5]

Every run starts fresh processes, ours and the script in turn, so that both meet the same machine. Printed are medians
in seconds, and each stage as a ratio to the script.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGES = ("start", "kernel", "cells", "checks", "report")
PROLOGUE = """
import os, sys, types
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", MPLBACKEND="agg", OMP_NUM_THREADS="1",
                  TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
import numpy
def load_data(path="mnist.npz"):
    with numpy.load(DATA) as d:
        return (d["x_train"], d["y_train"]), (d["x_test"], d["y_test"])
class Hook:
    def find_spec(self, name, path=None, target=None):
        if name == "keras.src.datasets.mnist":
            import importlib.util
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec(name)
            run = spec.loader.exec_module
            def exec_module(module):
                run(module)
                module.load_data = load_data
            spec.loader.exec_module = exec_module
            return spec
sys.meta_path.insert(0, Hook())
"""


def script(notebook: Path, data: Path) -> str:
    """Return a notebook's code cells as one script; cells that do not compile are left out."""
    sources = ["".join(c["source"]) for c in json.loads(notebook.read_text())["cells"] if c["cell_type"] == "code"]
    parts = [f"DATA = {str(data)!r}", PROLOGUE]
    for source in sources:
        try:
            compile(source, "cell", "exec")
        except SyntaxError:
            continue
        parts.append(f"try:\n    exec({source!r}, globals())\nexcept Exception as error:\n    print(error)")
    return "\n".join(parts)


def seconds_of(command: list[str]) -> float:
    """Return the wall seconds of a command."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", nargs="?", type=Path, default=ROOT / "submissions" / "alice.ipynb")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from grader import datasets

    data = datasets.store({"mnist": "digits"}) / "mnist.npz"
    rows: dict[str, list[float]] = {name: [] for name in ("script", "grade", *STAGES)}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.py"
        plain.write_text(script(options.notebook, data))
        grade = [sys.executable, "-m", "grader", str(options.notebook), "--out", folder, "--quiet"]
        for _ in range(options.runs):
            rows["script"].append(seconds_of([sys.executable, str(plain)]))
            rows["grade"].append(seconds_of(grade))
            timings = json.loads((Path(folder) / f"{options.notebook.stem}.json").read_text())["timings"]
            known = sum(timings[name] for name in STAGES if name != "start")
            timings["start"] = rows["grade"][-1] - known
            for name in STAGES:
                rows[name].append(timings[name])
    floor = statistics.median(rows["script"])
    for name, values in rows.items():
        print(f"{name:8} {statistics.median(values):7.2f} s   {statistics.median(values) / floor:5.2f} × the script")


if __name__ == "__main__":
    main()
