"""What each check asks of a notebook: its verdict can stand as long as none of that changes.

`Ears` stand between the checks and what they ask: `kernel` hears the questions to the kernel, `view` what is read of
the notebook itself. What cannot be told apart counts as everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pytest
from pydantic import BaseModel, Field

from grader.checks.view import NotebookView
from grader.notebook import Attempt
from grader.probe import Asks
from grader.results import Cell

SILENT = frozenset({"freeze", "reset"})  # they ask nothing
NAMED = frozenset({"get", "call", "set"})  # they ask for names, and for nothing else
FIELDS = frozenset({"node", "execution", "questions"})


class Heard(BaseModel):
    """What one check asked for."""

    names: set[str] = Field(default=set(), description="globals it fetched, called or set")
    attempts: dict[str, str] = Field(default={}, description="names, and what had become of them in the cells")
    questions: set[str] = Field(default=set(), description="whose cells it read")
    reads_all: bool = Field(default=False, description="it read the notebook, and not one question's cells only")
    needs_all: bool = Field(default=False, description="it asked what only the state of all cells tells")
    lasts: bool = Field(default=True, description="False: time ran out or the kernel ended, which may go otherwise")


class Ears:
    """Hears what every check asks."""

    def __init__(self) -> None:
        self.asked: dict[str, Heard] = {}
        self.now = Heard()

    def begin(self, item: pytest.Item) -> None:
        """Hear for this check from now on; what it shares with other checks is heard only in one of them."""
        self.now = self.asked.setdefault(item.name, Heard())
        defined = getattr(item, "_fixtureinfo", None)
        shared = [each[-1].scope for each in defined.name2fixturedefs.values()] if defined is not None else ["session"]
        self.now.needs_all = any(scope != "function" for scope in shared)

    def kernel(self, kernel: Asks) -> Asks:
        """Return the kernel, heard."""
        return _HeardKernel(kernel, self)

    def view(self, view: NotebookView) -> NotebookView:
        """Return the notebook, heard."""
        return _HeardView(**{each.name: getattr(view, each.name) for each in fields(view)}, ears=self, quiet=view)


class _HeardKernel:
    def __init__(self, kernel: Asks, ears: Ears) -> None:
        self._kernel, self._ears = kernel, ears

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Ask the kernel, and note for what."""
        asked, operation = self._ears.now, content.get("op")
        asked.needs_all |= operation not in NAMED | SILENT
        asked.names |= set(_names(content))
        try:
            reply, out = self._kernel.ask(content, buffers, timeout_s=timeout_s)
        except Exception:
            asked.lasts = False
            raise
        error = reply.get("error") or reply.get("raised")
        if isinstance(error, dict) and error.get("kind") == "missing":
            asked.needs_all = True  # which name is taken instead depends on all there are
        return reply, out


@dataclass(frozen=True, kw_only=True)
class _HeardView(NotebookView):
    ears: Ears = field(repr=False)
    quiet: NotebookView

    def __getattribute__(self, name: str) -> Any:
        if name in FIELDS:
            object.__getattribute__(self, "ears").now.reads_all = True
        return object.__getattribute__(self, name)

    @property
    def there(self) -> bool:
        return self.quiet.there

    def cells(self, question: str) -> list[Cell]:
        self.ears.now.questions.add(question)
        return self.quiet.cells(question)

    def attempt(self, name: str) -> Attempt:
        found = self.quiet.attempt(name)
        self.ears.now.attempts[name] = found.value
        return found


def _names(content: dict[str, Any]) -> Iterator[str]:
    """Yield the globals at which the paths of a request start."""
    if content.get("root") is None:
        yield from _starts([content.get("path"), *content.get("paths", ())])
    yield from _starts([path for root, path, _ in content.get("values", ()) if root is None])
    yield from _starts(_paths([content.get(part) for part in ("args", "kwargs", "values")]))


def _starts(paths: Sequence[Any]) -> Iterator[str]:
    for path in paths:
        if path:
            yield str(path[0][1])


def _paths(tree: Any) -> list[Any]:
    """Return the paths from the globals in a tree of encoded arguments."""
    if isinstance(tree, dict):
        own = [tree["path"]] if tree.get("t") == "path" and tree.get("root") is None else []
        return own + _paths(list(tree.values()))
    return [path for part in tree for path in _paths(part)] if isinstance(tree, list | tuple) else []
