"""What homework needs beside a sandbox: libraries, the warm server, data sets, fonts."""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import metadata
from pathlib import Path
from time import perf_counter

from grader.cli.doctor.cells import printed, run
from grader.cli.doctor.finding import AGAIN, PATIENCE_S, Finding, Status, cache, looked, make_writable
from grader.config import FORKED, Limits
from grader.errors import HarnessError
from grader.extras import EXTRAS, installed, way_out
from grader.kernels import Kernel, warm
from grader.report import words
from grader.report.terminal import last_line

LIBRARIES = {"numpy": "NumPy", "tensorflow": "TensorFlow", "keras": "Keras"}


def looks(tell: Callable[[str], None], *, sealed: bool, quick: bool) -> Iterator[Finding]:
    """Yield what there is to say about software; `quick` leaves out what takes seconds."""
    yield from looked("Python", _python)
    yield from looked("self-check", _unsealed)
    if quick:
        yield from looked("libraries", _installed)
        yield Finding(name="warm server", status=Status.SKIPPED, found="not tried (--quick)")
    else:
        tell("importing TensorFlow")
        yield from looked("libraries", partial(_imported, sealed=sealed))
        tell("starting the warm server")
        yield from looked("warm server", partial(_warm, sealed=sealed), otherwise=Status.LIMITED)
    tell("looking at data sets and fonts")
    yield from looked("data sets", _datasets, remedy=make_writable())
    yield from looked("fonts", _fonts, otherwise=Status.LIMITED, remedy=make_writable())


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    data = {"version": version, "path": sys.executable}
    yield Finding(name="Python", status=Status.OK, found=f"{version}, {sys.executable}", data=data)


def _unsealed() -> Iterator[Finding]:
    """Run a cell in a kernel that is not sealed, as it is for people who check themselves."""
    began = perf_counter()
    printed(run(["print(1)"], sealed=False)[0])
    seconds = perf_counter() - began
    found = f"can be checked: a kernel started, ran a cell and ended in {words.seconds(seconds)}"
    yield Finding(name="self-check", status=Status.OK, found=found, data={"seconds": round(seconds, 3)})


def _installed() -> Iterator[Finding]:
    """Look for libraries without importing them."""
    for module, name in LIBRARIES.items():
        if not installed(module):
            yield _absent(module, name)
            continue
        version = "of unknown version"  # another distribution brings the module
        with suppress(metadata.PackageNotFoundError):
            version = metadata.version(module)
        yield Finding(
            name=name, status=Status.OK, found=f"{version}, not imported (--quick)", data={"version": version}
        )


def _absent(module: str, name: str) -> Finding:
    """Say that a library is not installed: only some homework needs most of them."""
    if module not in EXTRAS["keras"]:
        return Finding(name=name, status=Status.MISSING, found="is not installed", remedy=AGAIN)
    found = "is not installed, so homework with Keras cannot be checked"
    return Finding(name=name, status=Status.LIMITED, found=found, remedy=f"Install it: {way_out('keras')}")


def _imported(*, sealed: bool) -> Iterator[Finding]:
    """Import libraries where notebooks do: in a kernel, one in each cell, so that none takes others along."""
    yield from (_absent(module, name) for module, name in LIBRARIES.items() if not installed(module))
    there = {module: name for module, name in LIBRARIES.items() if installed(module)}
    sources = [f"import {module}\nprint({module}.__version__)" for module in there]
    for name, cell in zip(there.values(), run(sources, sealed=sealed), strict=True):
        try:
            version = printed(cell)
        except HarnessError as error:
            found = f"cannot be imported: {error}"
            yield Finding(name=name, status=Status.MISSING, found=found, remedy=AGAIN)
            continue
        took = f" in {words.seconds(cell.seconds)}" if cell.seconds >= 1 else ""  # others are there already
        data = {"version": version, "import_s": round(cell.seconds, 3)}
        yield Finding(name=name, status=Status.OK, found=f"{version}, imported{took}", data=data)


def _warm(*, sealed: bool) -> Iterator[Finding]:
    """Start the warm server, and a second kernel from it."""
    failures, spent = warm.SERVERS[True].failures, []
    for _ in range(2):
        began = perf_counter()
        with Kernel(Limits(), seed=0, provisioner=FORKED, sealed=sealed) as kernel:
            kernel.start()
            spent.append(perf_counter() - began)
            pid = warm.SERVERS[True].pid
            threads = len(list(Path(f"/proc/{pid}/task").iterdir())) if pid is not None else 0
    if warm.SERVERS[True].failures > failures or not threads:
        yield Finding(
            name="warm server",
            status=Status.LIMITED,
            found=f"does not start: {_why_not_warm()}",
            remedy=f"Every kernel imports its libraries anew, which is slower. {AGAIN}",
        )
        return
    alone = "one thread" if threads == 1 else f"{threads} threads"
    found = f"warm after {words.seconds(spent[0])}, {alone}; then a kernel takes {words.seconds(spent[1])}"
    data = {"first_s": round(spent[0], 3), "next_s": round(spent[1], 3), "threads": threads}
    yield Finding(name="warm server", status=Status.OK if threads == 1 else Status.LIMITED, found=found, data=data)


def _why_not_warm() -> str:
    """Start the warm server alone and return the last line of what it says."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = warm.start("serve", theirs.fileno())
    ours.close()  # a server that gets warm ends at once
    try:
        said = process.communicate(timeout=PATIENCE_S)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"it is not warm after {PATIENCE_S} s"
    return last_line(said.decode(errors="replace")) or "it ended and said nothing"


def _datasets() -> Iterator[Finding]:
    """Store the built-in data sets, and look where they are."""
    from grader import datasets  # needs NumPy, which may be broken

    wanted, root = cache(), datasets.store({name: name for name in datasets.NAMES}).parent
    names = ", ".join(datasets.NAMES)
    writable = True
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError:
        writable = False
    data = {"names": list(datasets.NAMES), "folder": str(root), "writable": writable}
    if writable and root == wanted:
        found = f"{names}; kept in {root}, which can be written"
        yield Finding(name="data sets", status=Status.OK, found=found, data=data)
        return
    found = f"{names}; kept in {root}, as {wanted} cannot be written"
    if root == wanted:
        found = f"{names}; kept in {root}, which cannot be written: others cannot be added"
    yield Finding(name="data sets", status=Status.LIMITED, found=found, remedy=make_writable(), data=data)


def _fonts() -> Iterator[Finding]:
    """Look for matplotlib's list of fonts, which is made when it is not there."""
    warm.font_cache()
    files = warm.fonts()
    if not files:
        found = "matplotlib's list of fonts is not there, so every kernel that draws makes one: some seconds"
        yield Finding(name="fonts", status=Status.LIMITED, found=found, remedy=make_writable())
        return
    count = max(len(json.loads(Path(file).read_text())["ttflist"]) for file in files)
    found = f"{count} in matplotlib's list, {files[0]}"
    yield Finding(name="fonts", status=Status.OK, found=found, data={"count": count, "files": list(files)})
