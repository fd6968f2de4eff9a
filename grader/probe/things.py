"""What a notebook defined, as a tree of shapes: how a check finds weights that have no agreed name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[tuple[str, str | int], ...]
MAX_DEPTH = 8


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One value in the kernel, without its data.

    `kind` is array, number, text, list, dict, function or object.
    """

    path: Path
    kind: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    parameters: tuple[tuple[str, str, bool], ...] | None = None
    items: tuple[Thing, ...] = ()

    @property
    def name(self) -> str:
        """The global name this is, or lies in."""
        return str(self.path[0][1])

    @property
    def label(self) -> str:
        """The path as the student would write it, e.g. `weights[0]`."""
        return "".join(
            str(key) if i == 0 else (f".{key}" if kind == "attr" else f"[{key!r}]")
            for i, (kind, key) in enumerate(self.path)
        )

    def walk(self) -> Iterator[Thing]:
        """Yield this thing and everything in it."""
        yield self
        for item in self.items:
            yield from item.walk()


def read_things(names: object) -> list[Thing]:
    """Read the kernel's description of its names; what is malformed is left out."""
    things = [_read(node, (("item", name),), 0) for name, node in _pairs(names) if isinstance(name, str)]
    return [thing for thing in things if thing is not None]


def _pairs(value: object) -> Iterator[tuple[Any, Any]]:
    for pair in value if isinstance(value, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str | int):
            yield pair[0], pair[1]


def _read(node: object, path: Path, depth: int) -> Thing | None:
    if not isinstance(node, dict) or not isinstance(node.get("kind"), str) or depth > MAX_DEPTH:
        return None
    step = "attr" if node["kind"] == "object" else "item"
    items = [_read(child, (*path, (step, key)), depth + 1) for key, child in _pairs(node.get("items"))]
    shape = node.get("shape", [])
    return Thing(
        path=path,
        kind=node["kind"],
        shape=tuple(n for n in shape if isinstance(n, int)) if isinstance(shape, list) else (),
        dtype=str(node.get("dtype", "")),
        parameters=read_parameters(node.get("parameters")),
        items=tuple(item for item in items if item is not None),
    )


def read_parameters(value: object) -> tuple[tuple[str, str, bool], ...] | None:
    """Read a signature: (name, kind, has a default) of each parameter; None where there is none."""
    if not isinstance(value, list):
        return None
    return tuple((str(p[0]), str(p[1]), bool(p[2])) for p in value if isinstance(p, list) and len(p) == 3)
