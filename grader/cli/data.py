"""`grade data list` and `grade data add`."""

from __future__ import annotations

from pathlib import Path

from grader import datasets
from grader.cli.speak import Output, say, visible


def show_data() -> int:
    """Print a line per data set and return the exit code."""
    output = Output()
    lines: list[tuple[str, ...]] = [("NAME", "TRAINING", "TEST", "HIDDEN", "PIXELS", "")]
    for name, embedded in datasets.EMBEDDED.items():
        rows = (f"{n:,}" for n in embedded.sizes)
        lines.append((name, *rows, _pixels(embedded.shape), f"{embedded.about}; in the place of {embedded.original}"))
    for name, original in datasets.ORIGINALS.items():
        rows = (f"{n:,}" for n in original.sizes)
        lines.append((name, *rows, _pixels(original.shape), _state(name)))
    for name in datasets.TABLES:
        lines.append((name, "", "", "", "", f"a table; load_{name}() of scikit-learn works as it is"))
    for name in datasets.WEIGHTS:
        lines.append((name, "", "", "", "", _trained(name)))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for line in lines:
        name, *numbers = (line[column].rjust(width) for column, width in enumerate(widths))
        output.put(visible("  ".join([line[0].ljust(len(name)), *numbers, line[5]]).rstrip()))
    output.require_taken()
    return 0


def add_data_set(name: str, file: Path) -> int:
    """Check and keep a full data set or trained weights, say what was found, and return the exit code."""
    if name in datasets.WEIGHTS:
        digest = datasets.add_weights(name, file)
        say(f"{name}: added (shapes are right; SHA-256 {digest}).")
        say(f"Notebooks that ask for {name.upper()}'s trained weights get these from now on.")
        return 0
    added = datasets.add(name, file)
    known = "its hash is that of the original" if added.verified else "unknown hash, shapes are right"
    say(f"{name}: added ({known}; SHA-256 {added.sha256}).")
    say(f"Kept in {added.folder}. Grade with it: grade --data full PATH...")
    return 0


def _state(name: str) -> str:
    added = datasets.find(name)
    if added is None:
        return f"full; not here: grade data add {name} path/to/{name}.npz"
    return "full; added, " + ("its hash is known" if added.verified else "its hash is unknown")


def _trained(name: str) -> str:
    state = "added" if name in datasets.kept_weights() else f"not here: grade data add {name} path/to/FILE.h5"
    return f"trained weights of the convolutions; {state}"


def _pixels(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
