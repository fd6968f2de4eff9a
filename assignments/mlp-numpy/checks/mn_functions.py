"""Finding a student's activations and their gradients: methods or functions, under any of the usual names.

A gradient is a function of its own (`relu_grad`, `delta_relu`, `relu_prime`, `relu_backward`, …), a mode argument of
the activation (`relu(z, derivative=True)`), or its second answer; both may be one function for all activations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mn_inside import Inside

from grader.probe import Handle, Place, Student

WORDS = {
    "relu": "relu",
    "sigmoid": "sigmoid|logistic|sigm",
    "linear": "linear|identity",
    "tanh": "tanh|hyperbolictangent",
    "softmax": "softmax",
}
AROUND = "forward|activation|activate|function|func|fn|act|apply|f|my"
SLOPE = "gradient|grads|grad|derivative|derivation|deriv|der|prime|backward|backprop|back|delta|diff|dz|dx|slope|d"
GENERIC = "activation|activationfunction|activationfn|activationfunc|activate|applyactivation|act|activ|actfn"
MODES = re.compile(r"(grad|gradient|deriv|derivative|der|derivate|prime|backward|back|isgrad|diff|d)")
UPSTREAM = re.compile(r"(d|dout|da|dy|grad|gradoutput|upstream|error|delta|dz|doutput|outgrad|douts)")
CHOICE = re.compile(r"(name|kind|activation|activationfunction|type|func|act|function|activ|mode|activationname|fn)")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One way to ask for an activation or a gradient: a function, and what goes beside z."""

    label: str
    function: Handle
    before: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    upstream: int | None = None
    part: int | None = None

    def __call__(self, student: Student, z: np.ndarray | Place, shape: tuple[int, ...] = ()) -> Any:
        """Return the answer for z; `shape` is that of z where z is a place."""
        args = [*self.before, z]
        if self.upstream is not None:
            args.insert(self.upstream, np.ones(shape or np.shape(z)))
        value = student.call(self.function, *args, **self.named).value
        if self.part is not None and isinstance(value, tuple | list) and len(value) > self.part:
            return value[self.part]
        return value


class Functions:
    """The functions of a notebook, and the methods of a network in it."""

    def __init__(self, student: Student, inside: Inside, net: Handle | None, home: str = "your_network") -> None:
        self._student, self._inside = student, inside
        sources: list[tuple[str, tuple[Any, ...]]] = [("", ())]
        if net is not None:
            sources.insert(0, ("the method ", (("item", home),)))
        sources += [(f"{name}.", (("item", name),)) for name in inside.helpers()]
        self._found: list[tuple[str, tuple[Any, ...], Sequence[Sequence[Any]]]] = []
        for label, path in sources:
            listed = inside.functions() if not path else inside.members(Place(path))
            for name, parameters in listed:
                step = ("item", name) if not path else ("attr", name)
                self._found.append((f"`{label if label.endswith('.') else ''}{name}`", (*path, step), parameters))

    def activations(self, name: str) -> Iterator[Ask]:
        """Yield the ways to ask for an activation."""
        for label, path, parameters in self._named(rf"({AROUND})*({WORDS[name]})({AROUND})*"):
            handle = self._handle(path)
            if handle is not None and len(_required(parameters)) == 1:
                yield Ask(label=label, function=handle)
                yield Ask(label=label, function=handle, part=0)
        for label, path, parameters in self._named(f"({GENERIC}|forward)"):
            yield from self._general(label, path, parameters, name, {})

    def gradients(self, name: str) -> Iterator[Ask]:
        """Yield the ways to ask for the gradient of an activation."""
        word = WORDS[name]
        for label, path, parameters in self._named(
            rf"({SLOPE}|of|{AROUND})*({SLOPE})({SLOPE}|of|{AROUND})*({word})({AROUND})*"
            rf"|({AROUND})*({word})({AROUND}|{SLOPE})*({SLOPE})({AROUND}|{SLOPE})*"
        ):
            yield from self._own(label, path, parameters)
        for label, path, parameters in self._named(rf"({AROUND})*({word})({AROUND})*"):
            handle = self._handle(path)
            modes = [p[0] for p in parameters if MODES.fullmatch(_plain(p[0])) and p[2]]
            if handle is not None and modes:
                yield Ask(label=f"{label} with {modes[0]}=True", function=handle, named={modes[0]: True})
            if handle is not None and len(_required(parameters)) == 1:
                yield Ask(label=label, function=handle, part=1)
        for label, path, parameters in self._named(rf"({GENERIC})({SLOPE})+|({SLOPE})+(of)?({GENERIC})"):
            yield from self._general(label, path, parameters, name, {})
        for label, path, parameters in self._named(f"({GENERIC})"):
            modes = [p[0] for p in parameters if MODES.fullmatch(_plain(p[0]))]
            if modes:
                yield from self._general(label, path, parameters, name, {modes[0]: True})

    def given(self, name: str) -> Any:
        """Return the student's function for an activation, or for its gradient ("relu_grad"), as an argument."""
        kind, _, slope = name.partition("_")
        ways = self.gradients(kind) if slope else self.activations(kind)
        found = next((way for way in ways if way.part is None and not way.named), None)
        return found.function if found is not None else name

    def _named(self, pattern: str) -> list[tuple[str, tuple[Any, ...], Sequence[Sequence[Any]]]]:
        wanted = re.compile(pattern)
        return [entry for entry in self._found if wanted.fullmatch(_plain(str(entry[1][-1][1])))]

    def _handle(self, path: tuple[Any, ...]) -> Handle | None:
        found = self._student.read(path)
        return found if isinstance(found, Handle) else None

    def _own(self, label: str, path: tuple[Any, ...], parameters: Sequence[Sequence[Any]]) -> Iterator[Ask]:
        """Yield the ways to ask a gradient of its own: of z, or of what comes from above and z."""
        handle, needed = self._handle(path), _required(parameters)
        if handle is None:
            return
        if len(needed) == 2:
            first = 0 if UPSTREAM.fullmatch(_plain(needed[0])) or not UPSTREAM.fullmatch(_plain(needed[1])) else 1
            yield Ask(label=label, function=handle, upstream=first)
        elif len(needed) < 2:
            yield Ask(label=label, function=handle)

    def _general(
        self,
        label: str,
        path: tuple[Any, ...],
        parameters: Sequence[Sequence[Any]],
        name: str,
        modes: dict[str, Any],
    ) -> Iterator[Ask]:
        """Yield the ways to ask a function for all activations: told which one, or of a network that has one."""
        handle = self._handle(path)
        if handle is None:
            return
        choices = [p[0] for p in parameters if CHOICE.fullmatch(_plain(p[0])) and p[0] not in modes]
        needed = [p for p in _required(parameters) if p not in modes]
        if choices:
            first = bool(needed) and needed[0] == choices[0]
            before = (name,) if first else ()
            yield Ask(
                label=label,
                function=handle,
                before=before,
                named=modes if first else {choices[0]: name} | modes,
            )
        elif len(needed) == 1:
            yield Ask(label=label, function=handle, named=modes)


def _required(parameters: Sequence[Sequence[Any]]) -> list[str]:
    return [p[0] for p in parameters if not p[2] and not str(p[1]).startswith("VAR_")]


def _plain(name: str) -> str:
    return re.sub(r"[_\d]", "", str(name)).lower()
