"""Keras models: described by the kernel as data, compared with what was asked, believed when recomputed in NumPy."""

from grader.models.ask import describe, find_models, find_runs
from grader.models.asked import Asked, difference, differences
from grader.models.forward import Prediction, predict
from grader.models.layers import LAYERS
from grader.models.recompute import Recomputed, fit_images, recompute
from grader.models.runs import Ledger, Run, Scaler, prints_of, shared_rows
from grader.models.scaling import Scale, expected_scale, mismatch, scale_between, scale_of
from grader.models.statistics import Accuracy, Bar, Claim, Comparison, accuracy, compare, count_right, reaches
from grader.models.structure import Compiled, Found, History, Inventory, Layer, Model
from grader.models.trained import Training, history_agrees, history_problems, was_trained
from grader.models.unverified import NotVerified

__all__ = [
    "LAYERS",
    "Accuracy",
    "Asked",
    "Bar",
    "Claim",
    "Comparison",
    "Compiled",
    "Found",
    "History",
    "Inventory",
    "Layer",
    "Ledger",
    "Model",
    "NotVerified",
    "Prediction",
    "Recomputed",
    "Run",
    "Scale",
    "Scaler",
    "Training",
    "accuracy",
    "compare",
    "count_right",
    "describe",
    "difference",
    "differences",
    "expected_scale",
    "find_models",
    "find_runs",
    "fit_images",
    "history_agrees",
    "history_problems",
    "mismatch",
    "predict",
    "prints_of",
    "reaches",
    "recompute",
    "scale_between",
    "scale_of",
    "shared_rows",
    "was_trained",
]
