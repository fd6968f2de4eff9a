"""Asking a kernel for its models: the answers are checked records, or a sentence for the student."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import ValidationError

from grader.config import Limits
from grader.errors import StudentError
from grader.kernels.inside.wire import Decoder, WireError
from grader.models.runs import Ledger
from grader.models.structure import Inventory, Model, Path, spelled


class Asks(Protocol):
    """A kernel that answers requests; `grader.kernels.Kernel` is one."""

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer's content and buffers; raise CallTimedOut or KernelDied."""
        ...


def find_models(kernel: Asks, limits: Limits) -> Inventory:
    """Return the models and histories of a notebook; StudentError when the answer cannot be read."""
    value = _ask(kernel, limits, {"op": "models"}, "your models")
    try:
        return Inventory.model_validate(value)
    except ValidationError as error:
        raise _unreadable("your models") from error


def find_runs(kernel: Asks, limits: Limits) -> Ledger:
    """Return what the models of a notebook were given; StudentError when the answer cannot be read.

    The numbers of the models are those of `find_models` asked right before or after.
    """
    value = _ask(kernel, limits, {"op": "runs"}, "your trainings")
    try:
        return Ledger.model_validate(value)
    except ValidationError as error:
        raise _unreadable("your trainings") from error


def describe(kernel: Asks, limits: Limits, path: Path, *, weights: bool = True, root: int | None = None) -> Model:
    """Return the model at a path (see `Found.path`), or the model of the `History` there.

    Weights that are larger than `limits.value_bytes` stay in the kernel: then `Model.weights_known` is False.
    Raises StudentError when there is no such model, or the answer cannot be read.
    """
    content = {"op": "model", "root": root, "path": [list(step) for step in path], "weights": weights}
    name = f"`{spelled(path)}`" if path else "the model"
    value = _ask(kernel, limits, content, name)
    other = value.get("other") if isinstance(value, dict) else None
    if isinstance(other, str):
        raise StudentError(f"{name} is not a Keras model: it is a {other[:200]}.")
    try:
        return Model.model_validate(value["model"])
    except (ValidationError, TypeError, KeyError) as error:
        raise _unreadable(name) from error


def _ask(kernel: Asks, limits: Limits, content: dict[str, Any], name: str) -> Any:
    reply, buffers = kernel.ask({**content, "max_bytes": limits.value_bytes}, timeout_s=limits.call_s)
    if reply.get("ok") is not True:
        error = reply.get("error")
        said = error if isinstance(error, dict) else {}
        if said.get("kind") == "missing":
            raise StudentError(f"Your notebook does not define {name}.")
        what = f"{str(said.get('type', 'an error'))[:100]}: {str(said.get('message', ''))[:500]}"
        raise StudentError(f"{name} could not be looked at ({what}).")
    try:
        return Decoder(buffers).decode(reply.get("value"))
    except WireError as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> StudentError:
    return StudentError(f"What your notebook says about {name} could not be read.")
