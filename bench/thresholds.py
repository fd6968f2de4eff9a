"""How often the thresholds refuse somebody who is as good as the reference, counted over seeds.

    python bench/thresholds.py [--assignment mnist-mlp] [--seeds 30]

Every model of every assignment's training module is trained with seeds the grader never uses; each stands for a
student who did everything right. Counted is how many `Training.bar` refuses, and how many of all ordered pairs of them
McNemar's test calls worse ("refuted", wrongly). The spread is what belongs into the module's `SPREAD`.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import math
import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
FIRST_SEED = 1_000
HEAD = "| assignment | model | trained on | hidden | accuracy | spread | `SPREAD` | bar | refused | pairs refuted |"


def main() -> None:
    """Train, count, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", help="only this one")
    parser.add_argument("--seeds", type=int, default=30)
    options = parser.parse_args()
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    sys.path.insert(0, str(ROOT))
    from grader.assignment import known, load

    print(f"{HEAD}\n|---|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, folder in sorted(known(ROOT / "assignments").items()):
        assignment = load(folder)
        if assignment.training is not None and options.assignment in (None, name):
            for line in lines(assignment.training, assignment.data, options.seeds):
                print(f"| {name} | {line}", flush=True)


def lines(training: str, served: dict[str, str], n_seeds: int) -> list[str]:
    """Return the rows of one training module."""
    from grader.models import Claim, compare, count_right
    from grader.training import Trainings

    module, kept = importlib.import_module(training), Trainings(training, served)
    found = []
    for data, train in module.TRAINED.items():
        rows = kept.rows(data)
        runs = [train(rows["x"], rows["y"], rows["x_new"], FIRST_SEED + seed) for seed in range(n_seeds)]
        for model in runs[0]:
            reference = kept.of(data, model)
            right = [count_right(run[model], rows["labels"]) for run in runs]  # n_seeds × (n,)
            each = np.array([one.mean() for one in right])
            bars = [reference.bar(one) for one in right]
            refused = sum(not bar.reaches for bar in bars)
            luck = math.sqrt(2) * module.SPREAD[model]
            pairs = itertools.permutations(right, 2)
            refuted = [compare(a, b, seed_spread=luck).claim is Claim.REFUTED for a, b in pairs]
            found.append(
                f"{model} | {len(rows['x'])} × {data} | {len(rows['labels'])} | {each.mean():.3f} | "
                f"{each.std(ddof=1):.4f} | {module.SPREAD[model]:.4f} | {bars[0].value:.3f} | "
                f"{refused} of {n_seeds} | {sum(refuted)} of {len(refuted)} |"
            )
    return found


if __name__ == "__main__":
    main()
