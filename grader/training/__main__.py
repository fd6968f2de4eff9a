"""Train one function of a training module for all its seeds: python -m grader.training MODULE NAME FOLDER.

FOLDER holds rows.npz with x, y and x_new; <model>-<seed>.npy are written beside it.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np


def main(module_name: str, name: str, place: str) -> None:
    """Write what every model predicts for x_new, of shape (n_new, n_classes), for the seeds 0, 1, …"""
    module, folder = importlib.import_module(module_name), Path(place)
    with np.load(folder / "rows.npz", allow_pickle=False) as rows:
        x, y, x_new = rows["x"], rows["y"], rows["x_new"]
    for seed in range(module.SEEDS):
        for model, predicted in module.TRAINED[name](x, y, x_new, seed).items():
            np.save(folder / f"{model}-{seed}.npy", np.asarray(predicted, dtype=np.float32), allow_pickle=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
