"""The asking code: what answers the grader's questions inside the student's kernel.

It runs on the kernel's main thread, one request at a time, and keeps its own references to everything it uses.
It is not trusted: whatever it says is a claim that the grader checks by comparing answers with a reference.

A request names an operation; the target of most is a *path*: a root (the notebook's globals, or a handle given out
before) and steps from there, `["attr", name]` or `["item", key]`.

    get       the value at a path                        set       put values at paths, in place where possible
    call      call what is at a path                     describe  the shapes of everything the notebook defined
    models    the Keras models and histories there are   model     one model with its weights, as plain data
    rerun     run statements of the notebook again, look at what they made, and restore the state
    freeze    remember, once, the state it left          reset     go back to it, seed again, forget handles
    figures   what the notebook showed, as plain data    runs      what its models were given
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import linecache
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside import models, wire
    from grader.kernels.inside.describe import describe, parameters
    from grader.kernels.inside.figures import Album
    from grader.kernels.inside.ledger import Ledger
    from grader.kernels.inside.memory import Memory, put
else:
    import models
    import wire
    from describe import describe, parameters
    from memory import Memory, put

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_STDOUT = 100_000
MAX_MESSAGE = 4_000
MAX_FRAMES = 20
MAX_NAMES = 2_000
TENSOR_MODULES = ("tensorflow", "torch", "keras", "jax")

getline, _array, _parse, _Module = linecache.getline, numpy.array, ast.parse, ast.Module

Content = dict[str, Any]


class MissingName(Exception):
    """A name, attribute or key on a path is not there."""


class Capture:
    """Stands in for `sys.stdout` during a call and keeps the first part of what is printed."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep `text` as long as there is room."""
        text = str(text)
        self.text += text[: MAX_STDOUT - len(self.text)].encode("utf-8", "replace").decode()
        return len(text)

    def flush(self) -> None:
        """Nothing is buffered."""

    def isatty(self) -> bool:
        """Return False: it is not a terminal."""
        return False


class Agent:
    """Answers requests about the namespace of one IPython shell."""

    def __init__(
        self, shell: Any, reseed: Callable[[int], None], mend: Callable[[], None], album: Album, ledger: Ledger
    ) -> None:
        self._names: dict[str, Any] = shell.user_ns
        self._given = dict(self._names)
        self._handles: dict[int, Any] = {}
        self._memory = Memory()
        self._reseed, self._mend, self._album, self._ledger = reseed, mend, album, ledger
        self._buffers: list[bytes] = []
        self._operations: dict[str, Callable[[Content, list[bytes]], Content]] = {
            "get": self._get,
            "call": self._call,
            "set": self._set,
            "describe": self._describe,
            "models": self._models,
            "model": self._model,
            "runs": self._runs,
            "rerun": self._rerun,
            "freeze": self._freeze,
            "reset": self._reset,
            "figures": self._figures,
        }

    def handle(self, content: Content, buffers: list[bytes]) -> tuple[Content, list[bytes]]:
        """Answer one request; whatever goes wrong becomes an answer too."""
        self._buffers = []
        started = perf_counter()
        try:
            reply = {"ok": True, **self._operations[content["op"]](content, buffers)}
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are answers here
            self._buffers = []
            reply = {"ok": False, "error": self._report(error)}
        return {**reply, "seconds": perf_counter() - started}, self._buffers

    # --- operations -------------------------------------------------------------------------------------------

    def _get(self, content: Content, _: list[bytes]) -> Content:
        if "paths" in content:
            return {"value": self._encode([self._resolve(None, path) for path in content["paths"]], content)}
        return {"value": self._encode(self._resolve(content["root"], content["path"]), content)}

    def _call(self, content: Content, buffers: list[bytes]) -> Content:
        function = self._resolve(content["root"], content["path"])
        decoder = wire.Decoder(buffers, self._incoming)
        arguments = [decoder.decode(tree) for tree in content["args"]]
        keywords = {name: decoder.decode(tree) for name, tree in content["kwargs"]}
        capture, before = Capture(), sys.stdout
        sys.stdout = capture
        try:
            if content.get("each"):
                value = [function(*row, **keywords) for row in arguments]
            else:
                value = function(*arguments, **keywords)
        except BaseException as error:  # noqa: BLE001 - carried out with what was printed until then
            return {"raised": self._report(error), "value": None, "stdout": capture.text}
        finally:
            sys.stdout = before
            self._mend()
        return {"value": self._encode(value, content), "stdout": capture.text}

    def _set(self, content: Content, buffers: list[bytes]) -> Content:
        decoder = wire.Decoder(buffers, self._incoming)
        for root, path, tree in content["values"]:
            parent, step = self._parent(root, path)
            put(parent, step, decoder.decode(tree))
        return {}

    def _describe(self, _: Content, __: list[bytes]) -> Content:
        return {"names": describe({name: self._names[name] for name in self._own_names()})}

    def _models(self, content: Content, _: list[bytes]) -> Content:
        return {"value": self._encode(self._inventory().contents(), content)}

    def _runs(self, content: Content, _: list[bytes]) -> Content:
        told = self._ledger.contents(self._inventory().number_of, content["max_bytes"])
        return {"value": self._encode(told, content)}

    def _inventory(self) -> models.Inventory:
        return models.inventory({name: self._names[name] for name in self._own_names()})

    def _model(self, content: Content, _: list[bytes]) -> Content:
        value = self._resolve(content["root"], content["path"])
        described = models.describe(value, content["max_bytes"], weights=content.get("weights", True))
        return {"value": self._encode(described, content)}

    def _rerun(self, content: Content, _: list[bytes]) -> Content:
        """Run statements one by one, as cells were: one that raises does not stop the next; then restore the state."""
        wanted = content["names"]
        for name in wanted:
            self._names.pop(name, None)  # what is not made again must not be taken for fresh
        for statement in _parse(content["source"]).body:
            code = compile(_Module(body=[statement], type_ignores=[]), "<cell again>", "exec")
            with contextlib.suppress(Exception):
                exec(code, self._names)  # noqa: S102 - the student's own statements
        value = self._encode({name: self._names[name] for name in wanted if name in self._names}, content)
        self._memory.restore(self._names, self._own_names())
        return {"value": value}

    def _freeze(self, _: Content, __: list[bytes]) -> Content:
        if not self._memory.frozen:
            self._memory.remember(self._names, self._own_names())
        return {}

    def _reset(self, content: Content, _: list[bytes]) -> Content:
        self._handles.clear()
        self._album.forget_calls()
        self._memory.restore(self._names, self._own_names())
        self._reseed(content["seed"])
        return {}

    def _figures(self, content: Content, _: list[bytes]) -> Content:
        return {"value": self._encode(self._album.contents(), content)}

    # --- values -----------------------------------------------------------------------------------------------

    def _encode(self, value: object, content: Content) -> Any:
        encoder = wire.Encoder(content["max_bytes"], self._outgoing)
        tree = encoder.encode(value)
        self._buffers = encoder.buffers
        return tree

    def _outgoing(self, value: Any) -> Any:
        """Send a tensor as an array, and a handle for everything else."""
        module = str(type(value).__module__).partition(".")[0]
        if module in TENSOR_MODULES and hasattr(value, "numpy") and hasattr(value, "shape"):
            return _array((value.detach().cpu() if module == "torch" else value).numpy(), subok=False)
        number = len(self._handles) + 1
        self._handles[number] = value
        kind = value if isinstance(value, type) else type(value)
        name = f"{kind.__module__}.{kind.__qualname__}"
        return {
            "t": "handle",
            "id": number,
            "type": name,
            "callable": callable(value),
            "parameters": parameters(value),
        }

    def _incoming(self, node: Content) -> Any:
        if node["t"] == "handle":
            return self._handles[node["id"]]
        if node["t"] == "path":
            return self._resolve(node["root"], node["path"])
        return eval(node["v"], {"np": numpy})  # noqa: S307 - written by a check's author, read by nobody else

    # --- paths ------------------------------------------------------------------------------------------------

    def _own_names(self) -> list[str]:
        """Names the notebook defined: not those the shell came with, not the private ones."""
        return [
            name
            for name, value in list(self._names.items())
            if not name.startswith("_") and not (name in self._given and self._given[name] is value)
        ][:MAX_NAMES]

    def _resolve(self, root: int | None, path: list[list[Any]]) -> Any:
        value: Any = self._names if root is None else self._handles[root]
        for kind, key in path:
            value = self._step(value, kind, key)
        return value

    def _step(self, value: Any, kind: str, key: Any) -> Any:
        if value is self._names:
            if key not in value:
                raise MissingName(key)
            return value[key]
        if kind == "item":
            return value[key]
        try:
            return getattr(value, key)
        except AttributeError:
            raise MissingName(key) from None

    def _parent(self, root: int | None, path: list[list[Any]]) -> tuple[Any, tuple[str, Any]]:
        parent = self._resolve(root, path[:-1])
        kind, key = path[-1]
        return parent, ("item" if parent is self._names else kind, key)

    # --- errors -----------------------------------------------------------------------------------------------

    def _report(self, error: BaseException) -> Content:
        """Describe an exception in plain data; an exception that cannot describe itself is said to be so."""
        try:
            message = str(error)[:MAX_MESSAGE]
        except BaseException:  # noqa: BLE001 - a student's own __str__
            message = "(its message cannot be shown)"
        kind = "missing" if isinstance(error, MissingName) else "raised"
        if isinstance(error, wire.WireError):
            kind = "unsendable"
        return {
            "kind": kind,
            "type": type(error).__name__,
            "message": message.encode("utf-8", "replace").decode(),
            "frames": list(_frames(error.__traceback__))[-MAX_FRAMES:],
            "names": self._own_names() if kind == "missing" else [],
            "functions": [n for n in self._own_names() if callable(self._names[n])] if kind == "missing" else [],
        }


def _frames(traceback: TracebackType | None) -> Iterator[Content]:
    """Yield the frames that lie in the notebook's own cells."""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith("<cell "):
            line = traceback.tb_lineno
            source = getline(code.co_filename, line).strip()[:200]
            yield {"cell": code.co_filename, "line": line, "function": code.co_name[:80], "source": source}
        traceback = traceback.tb_next
