"""The `student` proxy: checks use the student's functions and globals as if they were here.

student.softmax(z)              calls the student's function in the kernel
student.weights                 the value of a global (arrays, numbers, strings, lists, dicts travel by value)
net = student.Network([4, 2])   any other object stays in the kernel; `net.fit(x, y)` uses it there
student.set(weights=[...])      writes globals, into the same arrays where the shapes allow
student.call("f", x)            the same as student.f(x), with what was printed and the seconds
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from grader.config import Limits
from grader.errors import CallTimedOut, NotDefined, StudentError, TimeSpent
from grader.kernels.inside.wire import Decoder, Encoder, WireError
from grader.probe.things import Path, Thing, read_parameters, read_things

RESET_S = 20.0
MAX_GIST_LINES, MAX_GIST = 6, 600
PLACES = re.compile(
    r"\s*(File \"|Detected at node|Stack trace for|Graph execution error|\[\[\{\{node|<stack|defined at)"
)
MAX_NAMES, MAX_NAME = 2_000, 200
NEAR = 0.65  # how alike two names are, by difflib's ratio, before one is taken for the other


class Asks(Protocol):
    """A kernel that answers requests; `grader.kernels.Kernel` is one."""

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer's content and buffers; raise CallTimedOut or KernelDied."""
        ...


@dataclass(frozen=True)
class Code:
    """A Python expression of the check's author, evaluated in the kernel where it is passed as an argument.

    It sees NumPy as `np` and nothing of the notebook: `student.approximate(Code("lambda x: np.sin(x)"), 2.0, 50)`.
    """

    text: str


@dataclass(frozen=True)
class Place:
    """The object at a path of the kernel, passed as an argument without leaving it."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a call came to: the value, what was printed, and how long it took."""

    value: Any
    stdout: str
    seconds: float


class Missing:
    """Stands for a name the notebook does not define: false, and whoever calls it hears which names are near."""

    def __init__(self, name: str, names: Sequence[str] = ()) -> None:
        self.name = name
        self.near = tuple(difflib.get_close_matches(name, names, n=3, cutoff=0.6))

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self.name} is not defined>"

    def __eq__(self, other: object) -> bool:
        """Raise: whoever compares wants the value."""
        raise self.error()

    __hash__ = object.__hash__

    def error(self) -> NotDefined:
        """Return the error that says so to the student."""
        offered = f" You defined {_listed(self.near)}: is that what you meant?" if self.near else ""
        error = NotDefined(f"Your notebook does not define `{self.name}`.{offered}")
        error.name = self.name
        return error

    def __call__(self, *_: object, **__: object) -> Any:
        raise self.error()


class Handle:
    """An object that stays in the kernel; attributes are fetched, calls are made there."""

    def __init__(self, student: Student, root: int | None, path: Path, node: dict[str, Any]) -> None:
        self._student, self._root, self._path = student, root, path
        self._type = str(node.get("type", ""))[:200]
        self._parameters = read_parameters(node.get("parameters"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._student._fetch(self._root, (*self._path, ("attr", name)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student._invoke(self._root, self._path, args, kwargs).value

    def __repr__(self) -> str:
        return f"<{self._type} in the student's kernel>"


def is_handle(value: object) -> bool:
    """Tell whether a value stayed in the kernel."""
    return isinstance(value, Handle)


def parameters_of(value: object) -> tuple[tuple[str, str, bool], ...] | None:
    """Return (name, kind, has a default) of each parameter of a function in the kernel, None where unknown."""
    return value._parameters if isinstance(value, Handle) else None


class Student:
    """The student's notebook, as a check sees it.

    Names it has of its own (`get`, `set`, …) hide the student's: `student.get("set")` reaches those. `reserved` are the
    names the assignment gives: a function so called is never taken for another that is missing.
    """

    def __init__(self, kernel: Asks, limits: Limits, reserved: Collection[str] = ()) -> None:
        self._kernel, self._limits = kernel, limits
        self._reserved = frozenset(reserved)
        self._left_s = limits.checks_s
        self.remarks: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return not isinstance(self.get(name), Missing)

    # --- what checks use --------------------------------------------------------------------------------------

    def get(self, name: str, *others: str) -> Any:
        """Return the value of a global, or of the first of `others` there is; a false `Missing` when there is none.

        A name that differs only in case and underscores, or a function named almost like it, is taken, with a remark.
        """
        for candidate in (name, *others):
            value = self._fetch(None, (("item", candidate),))
            if not isinstance(value, Missing):
                if candidate != name:
                    self._remark(f"your `{candidate}` was taken as `{name}`")
                return value
        return self._fetch(None, (("item", name),))

    def function(self, name: str, *others: str) -> Handle:
        """Return a function by name, or by the first of `others` there is; StudentError when it is none."""
        found = self.get(name, *others)
        if isinstance(found, Missing):
            raise found.error()
        if not isinstance(found, Handle):
            raise StudentError(f"`{name}` is not a function in your notebook: it is a value you assigned.")
        return found

    def set(self, **values: Any) -> None:
        """Write globals, into the present array where the shape allows."""
        self.put([((("item", name),), value) for name, value in values.items()])

    def put(self, values: Sequence[tuple[Path, Any]]) -> None:
        """Write values at paths (as in `Thing.path`), into the present arrays where the shapes allow."""
        encoder = self._encoder()
        trees = [[None, list(path), encoder.encode(value)] for path, value in values]
        self._ask({"op": "set", "values": trees}, encoder.buffers)

    def read(self, path: Path) -> Any:
        """Return the value at a path."""
        return self._fetch(None, path)

    def read_all(self, paths: Sequence[Path]) -> list[Any]:
        """Return the values at some paths, asked for at once."""
        content = self._target("get", None, ()) | {"paths": [[list(step) for step in path] for path in paths]}
        reply, buffers = self._ask(content)
        values = self._read(reply, buffers, None, ()) if reply.get("ok") else None
        if isinstance(values, list) and len(values) == len(paths):
            return values
        return [self.read(path) for path in paths]

    def call(self, name: str | Handle, /, *args: Any, **kwargs: Any) -> Call:
        """Call a function by name (or a handle) and return value, printed text and seconds."""
        function = self.function(name) if isinstance(name, str) else name
        return self._invoke(function._root, function._path, args, kwargs)

    def rerun(self, source: str, names: Sequence[str]) -> dict[str, Any]:
        """Run statements of the notebook again and return what `names` came to; its state stays as it was."""
        content = self._target("rerun", None, ()) | {"source": source, "names": list(names)}
        reply, buffers = self._ask(content)
        if not reply.get("ok"):
            raise _student_error("", _error(reply))
        value = self._read(reply, buffers, None, ())
        return value if isinstance(value, dict) else {}

    def call_each(self, name: str | Handle, rows: Sequence[Sequence[Any]], /, **kwargs: Any) -> list[Any]:
        """Call a function once per row of arguments, in one go within one time limit; return the values."""
        function = self.function(name) if isinstance(name, str) else name
        value = self._invoke(function._root, function._path, rows, kwargs, each=True).value
        if not isinstance(value, list) or len(value) != len(rows):
            raise StudentError("What came back from your notebook could not be read: not one answer per call.")
        return value

    def things(self) -> list[Thing]:
        """Return what the notebook defined: shapes and signatures, no data."""
        reply, _ = self._ask({"op": "describe"})
        return read_things(reply.get("names"))

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Ask the kernel itself, on the time that checks have: for what reads models and figures out of it."""
        return self._ask(content, buffers, timeout_s=timeout_s)

    @property
    def limits(self) -> Limits:
        """What a call and an answer may take."""
        return self._limits

    @property
    def waited_s(self) -> float:
        """Seconds that checks have waited for the kernel."""
        return self._limits.checks_s - self._left_s

    # --- what the plugin uses ---------------------------------------------------------------------------------

    def begin(self, seed: int) -> None:
        """Start a check: the notebook's state as it was left, seeds fixed, no remarks, no handles."""
        self.remarks = []
        self._ask({"op": "freeze"}, timeout_s=RESET_S)
        self._ask({"op": "reset", "seed": seed}, timeout_s=RESET_S)

    # --- the wire ---------------------------------------------------------------------------------------------

    def _encoder(self) -> Encoder:
        return Encoder(self._limits.value_bytes, self._outgoing)

    def _outgoing(self, value: object) -> Any:
        if isinstance(value, Handle):
            return {"t": "path", "root": value._root, "path": list(value._path)}
        if isinstance(value, Place):
            return {"t": "path", "root": None, "path": [list(step) for step in value.path]}
        if isinstance(value, Code):
            return {"t": "code", "v": value.text}
        if isinstance(value, Missing):
            raise value.error()
        raise TypeError(f"a check cannot send a {type(value).__name__} to the student's kernel")

    def _decode(self, tree: Any, buffers: list[bytes], root: int | None, path: Path) -> Any:
        def other(node: dict[str, Any]) -> Any:
            if node["t"] != "handle" or not isinstance(node.get("id"), int):
                raise WireError("a node of unknown type")
            return Handle(self, node["id"], (), node)

        value = Decoder(buffers, other).decode(tree)
        if isinstance(value, Handle) and path:
            value._root, value._path = root, path  # by its name it survives a change of what the name means
        return value

    def _fetch(self, root: int | None, path: Path, *, aliased: bool = False) -> Any:
        reply, buffers = self._ask(self._target("get", root, path))
        if reply.get("ok"):
            return self._read(reply, buffers, root, path)
        error = _error(reply)
        if error["kind"] != "missing":
            raise _student_error(_spelled(path), error)
        alias = self._alias(path, error) if root is None and len(path) == 1 and not aliased else None
        if alias is None:
            return Missing(str(path[-1][1]), error["names"])
        self._remark(f"your `{alias}` was taken as `{path[0][1]}`")
        return self._fetch(None, (("item", alias),), aliased=True)

    def _alias(self, path: Path, error: dict[str, Any]) -> str | None:
        """Return the defined name that is the wanted one but for spelling, or the function named most like it."""
        wanted = str(path[0][1])
        same = [name for name in error["names"] if _plain(name) == _plain(wanted)]
        free = {_plain(name): name for name in error["functions"] if name not in self._reserved}
        near = difflib.get_close_matches(_plain(wanted), free, n=1, cutoff=NEAR)
        return same[0] if len(same) == 1 else free[near[0]] if near else None

    def _invoke(
        self,
        root: int | None,
        path: Path,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        *,
        each: bool = False,
    ) -> Call:
        encoder = self._encoder()
        content = self._target("call", root, path) | {
            "args": [encoder.encode(value) for value in args],
            "kwargs": [[name, encoder.encode(value)] for name, value in kwargs.items()],
            "each": each,
        }
        reply, buffers = self._ask(content, encoder.buffers, calling=_spelled(path))
        if not reply.get("ok") or reply.get("raised"):
            raise _student_error(_spelled(path) or "the object", _error(reply))
        value = self._read(reply, buffers, None, ())
        return Call(value=value, stdout=str(reply.get("stdout", "")), seconds=_seconds(reply))

    def _read(self, reply: dict[str, Any], buffers: list[bytes], root: int | None, path: Path) -> Any:
        try:
            return self._decode(reply.get("value"), buffers, root, path)
        except WireError as error:
            raise StudentError(f"What came back from your notebook could not be read: {error}.") from error

    def _target(self, op: str, root: int | None, path: Path) -> dict[str, Any]:
        return {
            "op": op,
            "root": root,
            "path": [list(step) for step in path],
            "max_bytes": self._limits.value_bytes,
        }

    def _ask(
        self,
        content: dict[str, Any],
        buffers: Sequence[bytes] = (),
        *,
        calling: str = "",
        timeout_s: float | None = None,
    ) -> tuple[dict[str, Any], list[bytes]]:
        limit = min(timeout_s or self._limits.call_s, self._left_s)
        if limit <= 0:
            raise TimeSpent(f"All calls into this notebook together took more than {self._limits.checks_s:g} s.")
        started = monotonic()
        try:
            reply, out = self._kernel.ask(content, buffers, timeout_s=limit)
        except CallTimedOut as error:
            what = f"`{calling}`" if calling else "A step in your notebook"
            raise CallTimedOut(
                f"{what} had not finished after {limit:g} s and was stopped. Is there an endless loop?"
            ) from error
        finally:
            self._left_s -= monotonic() - started  # by our clock: the kernel's may lie
        if "failed" in reply:
            raise StudentError(f"What came back from your notebook could not be read: {str(reply['failed'])[:500]}.")
        return reply, out

    def _remark(self, text: str) -> None:
        if text not in self.remarks:
            self.remarks.append(text)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _error(reply: dict[str, Any]) -> dict[str, Any]:
    """Read an error out of a reply; every field is there and of its type afterwards."""
    error = reply.get("raised") or reply.get("error")
    error = error if isinstance(error, dict) else {}
    frames = error.get("frames")
    return {
        "kind": str(error.get("kind", "raised")),
        "type": str(error.get("type", "Exception"))[:100],
        "message": str(error.get("message", ""))[:4000],
        "names": _texts(error.get("names")),
        "functions": _texts(error.get("functions")),
        "frames": [frame for frame in frames if isinstance(frame, dict)] if isinstance(frames, list) else [],
    }


def _texts(value: object) -> list[str]:
    return [str(item)[:MAX_NAME] for item in value[:MAX_NAMES]] if isinstance(value, list) else []


def _student_error(name: str, error: dict[str, Any]) -> StudentError:
    """Say what a call ended with, and where in the notebook."""
    gist = _gist(error["message"])
    said = f": {gist}" if gist else ""
    if error["kind"] == "unsendable":
        return StudentError(f"What `{name}` returned cannot be read ({error['message']}).")
    if error["type"] == "KeyboardInterrupt":
        return CallTimedOut(f"`{name}` was interrupted.")
    text = f"`{name}` stopped with {error['type']}{said}" if name else f"{error['type']}{said}"
    raised = StudentError(text)
    raised.traceback = "\n".join(_frame(frame) for frame in error["frames"])
    return raised


def _gist(message: str) -> str:
    """Return what an error says without the places of libraries, of which TensorFlow's messages have pages."""
    lines = [line.strip() for line in message.splitlines() if line.strip() and not PLACES.match(line)]
    gist = " ".join(lines[:MAX_GIST_LINES])
    return gist if len(gist) <= MAX_GIST else f"{gist[: MAX_GIST - 1]}…"


def _frame(frame: dict[str, Any]) -> str:
    cell = str(frame.get("cell", "")).removeprefix("<cell ").removesuffix(">")
    number = int(cell) + 1 if cell.isdecimal() and len(cell) < 7 else "?"
    where = f"cell {number}, line {str(frame.get('line', '?'))[:8]}, in {str(frame.get('function', '?'))[:80]}"
    return f"{where}\n    {str(frame.get('source', ''))[:200]}"


def _spelled(path: Path) -> str:
    return Thing(path=path, kind="name").label if path else ""


def _seconds(reply: dict[str, Any]) -> float:
    seconds = reply.get("seconds", 0.0)
    return float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < 1e6 else 0.0


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
