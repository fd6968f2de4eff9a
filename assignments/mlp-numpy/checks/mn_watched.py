"""Reading in a student's code on which part of the data a network was watched while it learnt."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

LEARNS = {"fit", "train", "train_network", "fit_model", "train_model"}
JUDGES = {"score", "predict", "predict_proba", "accuracy", "evaluate", "accuracy_score"}


def watched_on_test(sources: Iterable[str]) -> str | None:
    """Return the name of test images that `fit` is given beside the training rows and that are judged on as well."""
    calls = [call for source in sources for call in _calls(source)]
    watched = [name for call in calls if _called(call) in LEARNS for name in _names([*call.args[2:], *_values(call)])]
    judged = {name for call in calls if _called(call) in JUDGES for name in _names([*call.args, *_values(call)])}
    return next((name for name in watched if "test" in name.lower() and name in judged), None)


def _calls(source: str) -> Iterator[ast.Call]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _values(call: ast.Call) -> list[ast.expr]:
    return [keyword.value for keyword in call.keywords if keyword.arg not in {"X", "y", "x"}]


def _names(values: Iterable[ast.expr]) -> list[str]:
    return [node.id for value in values for node in ast.walk(value) if isinstance(node, ast.Name)]
