"""What a notebook wrote as a class where a function was asked for: made, and asked by the method that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from df_ask import has, role_of

from grader.checks import Check
from grader.errors import NotDefined
from grader.probe import Handle, Missing, is_handle, parameters_of


def class_called(check: Check, names: Sequence[str], methods: Sequence[str]) -> str | None:
    """Return the first of the names that is a class with one of the methods, or whose objects can be called."""
    return next((name for name in names if has(check, name) and is_class(check.student.get(name), methods)), None)


def is_class(value: Any, methods: Sequence[str]) -> bool:
    """Tell whether a value is a class with one of these methods: a function has no such attribute."""
    return is_handle(value) and any(not isinstance(getattr(value, name), Missing) for name in (*methods, "mro"))


def made(check: Check, name: str, settings: Mapping[str, Any]) -> Handle:
    """Return an object of a class; its constructor gets the settings it has parameters for."""
    klass = check.student.get(name)
    known = {
        parameter: settings[role]
        for parameter, _, _ in parameters_of(klass) or ()
        if (role := role_of(parameter, settings)) is not None
    }
    thing = klass(**known)
    if not is_handle(thing):
        raise NotDefined(f"`{name}` of your notebook gives no object.")
    return thing


def method_of(check: Check, thing: Handle, name: str, methods: Sequence[str]) -> Handle:
    """Return the first method that an object has; the object itself where it has none, so that it is called."""
    for method in methods:
        found = getattr(thing, method)
        if not isinstance(found, Missing) and is_handle(found):
            check.remark(f"your class `{name}` was used, by its `{method}`")
            return found
    check.remark(f"your class `{name}` was used, by calling an object of it")
    return thing
