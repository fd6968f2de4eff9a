"""Asking a student's function, whatever the order and the names of its parameters, and judging what comes back.

`require` is what checks use: the arguments by role in the documented order, and further forms of them (rows, columns)
that mean the same. Parameters whose names are known get what they are named after; else the documented order counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from df_roles import ROLES
from df_values import number_array, readings

from grader.checks import Check, Disagreement, NotAttempted, NotebookView
from grader.compare import compare_arrays, show
from grader.errors import CallTimedOut, KernelDied, StudentError, TimeSpent
from grader.notebook import Attempt
from grader.probe import Handle, is_handle, parameters_of
from grader.results import Text

Given = dict[str, Any]
RTOL = 1e-5  # where ε stands, and how large it is, must not matter


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to write the same question: `send` changes the arguments, `read` brings the answer back."""

    note: str = ""
    send: Callable[[Given], Given] = dict
    read: Callable[[Any], Any] = lambda answer: answer


PLAIN = (Form(),)
DEFINED: WeakKeyDictionary[Check, frozenset[str]] = WeakKeyDictionary()  # each check asks once what there is


def find(check: Check, name: str, *others: str) -> Handle:
    """Return the student's function of that name, or of one of the others; exact names go before similar ones."""
    for candidate in (name, *others):
        if has(check, candidate) and is_handle(value := check.student.get(candidate)):
            if candidate != name:
                check.remark(f"your `{candidate}` was taken as `{name}`")
            return value
    return check.student.function(name)


def has(check: Check, name: str) -> bool:
    """Tell whether the notebook defines exactly this name."""
    if check not in DEFINED:
        DEFINED[check] = frozenset(thing.name for thing in check.student.things())
    return name in DEFINED[check]


def attempted(notebook: NotebookView, *names: str) -> None:
    """End the check as not attempted where one of the names is as it was handed out."""
    untouched = [name for name in names if notebook.attempt(name) is Attempt.UNTOUCHED]
    if untouched:
        raise NotAttempted(f"`{untouched[0]}` is as it was handed out.")


def call(check: Check, function: Handle, given: Given) -> Any:
    """Return the answer for arguments given by role, in the documented order."""
    args, kwargs = bind(parameters_of(function), given)
    return check.student.call(function, *args, **kwargs).value


def bind(parameters: Sequence[tuple[str, str, bool]] | None, given: Given) -> tuple[list[Any], dict[str, Any]]:
    """Return positional and named arguments: by the parameters' names where all needed ones are known, else in order.

    Optional roles come last; what the function has no parameter for is left out.
    """
    named = [p for p in parameters or () if not p[1].startswith("VAR_")]
    if not named:
        return list(given.values()), {}
    values = _by_name(named, given)
    if values is None:
        values = dict(zip((name for name, _, _ in named), given.values(), strict=False))
    args: list[Any] = []
    for name, kind, _ in named:
        if name not in values or kind == "KEYWORD_ONLY":
            break
        args.append(values.pop(name))
    return args, values


def names_tell(function: Handle, given: Given) -> bool:
    """Tell whether the names of a function's parameters say which argument is meant by each."""
    named = [p for p in parameters_of(function) or () if not p[1].startswith("VAR_")]
    return bool(named) and _by_name(named, given) is not None


def _by_name(named: Sequence[tuple[str, str, bool]], given: Given) -> dict[str, Any] | None:
    """Return {parameter: value}, None where a parameter that is needed, or a leading role, finds no partner."""
    values: dict[str, Any] = {}
    left = dict(given)
    for name, _, has_default in named:
        role = role_of(name, left)
        if role is not None:
            values[name] = left.pop(role)
        elif not has_default:
            return None
    needed = list(given)[: sum(not has_default for _, _, has_default in named)]
    return None if any(role in left for role in needed) else values


def role_of(name: str, roles: Mapping[str, Any]) -> str | None:
    """Return which of the roles a parameter of this name has; a role's own name goes before its other names."""
    plain = name.strip("_")
    spellings = (plain, plain.lower(), plain.lower().replace("_", ""))
    exact = next((wanted for wanted in spellings if wanted in roles), None)
    if exact is not None:
        return exact
    return next((role for wanted in spellings for role in roles if wanted in ROLES.get(role, ())), None)


def first_that_holds(check: Check, attempts: Sequence[tuple[str, Callable[[], None]]]) -> None:
    """Return when one attempt does not raise, with its note as a remark.

    Else raise what the first attempt raised that knows the misconception, or simply the first.
    """
    raised: list[Exception] = []
    for note, attempt in attempts:
        before = len(check.remarks)
        try:
            attempt()
        except (CallTimedOut, KernelDied, TimeSpent):
            raise
        except (Disagreement, StudentError) as error:
            del check.remarks[before:]
            raised.append(error)
        else:
            if note:
                check.remark(note)
            return
    if raised:
        raise next((error for error in raised if getattr(error, "diagnosis", None) is not None), raised[0])


def require(
    check: Check,
    name: str,
    given: Given,
    *,
    others: Sequence[str] = (),
    forms: Sequence[Form] = PLAIN,
    of: str = "",
    **options: Any,
) -> None:
    """Require that the student's function answers like the reference's, in one of the forms.

    Where the reference returns a tuple every part has to be in the answer; options go to `compare_arrays`.
    """
    of = of or name
    want = getattr(check.reference, of)(*given.values())
    function = find(check, name, *others)

    def ask(form: Form) -> None:
        got = form.read(call(check, function, form.send(given)))
        judge(check, got, want, asked=spelled(name, given), explain=(of, tuple(given.values())), **options)

    first_that_holds(check, [(form.note, lambda form=form: ask(form)) for form in forms])


def judge(
    check: Check, got: Any, want: Any, *, asked: str, explain: tuple[str, tuple[Any, ...]], **options: Any
) -> None:
    """Require that an answer holds what is wanted: an array or number, or a tuple of them."""
    options = {"rtol": RTOL, **options}
    if not isinstance(want, tuple):
        listed = np.ndim(want) == 0 and isinstance(got, list | np.ndarray) and np.size(number_array(got)) > 1
        alone = [] if listed else [reading[0] for reading in readings(got, [np.asarray(want)])]
        right = [part for part in alone if compare_arrays(part, want, **options) is None]
        check.agree(right[0] if right else got, want, asked=asked, explain=explain, **options)
        return
    parts = [np.asarray(part, dtype=float) for part in want]
    tried = list(readings(got, parts))
    if not tried:
        check.fail(
            f"The answer has to hold {len(parts)} parts of the shapes {', '.join(str(p.shape) for p in parts)}.",
            Text(title="What was asked", text=asked),
            Text(title="What came back", text=show(got)),
        )
    if any(agree(reading, parts, options) for reading in tried):
        if not agree(tried[0], parts, options):
            check.remark("the parts of your answer come in another order")
        return
    _fail_parts(check, tried, parts, asked=asked, got=got, explain=explain, options=options)


def agree(reading: Sequence[np.ndarray], parts: Sequence[Any], options: dict[str, Any]) -> bool:
    """Tell whether every part of an answer is right."""
    return all(compare_arrays(mine, part, **options) is None for mine, part in zip(reading, parts, strict=True))


def _fail_parts(
    check: Check,
    tried: Sequence[Sequence[np.ndarray]],
    parts: Sequence[np.ndarray],
    *,
    asked: str,
    got: Any,
    explain: tuple[str, tuple[Any, ...]],
    options: dict[str, Any],
) -> None:
    def same(variant: Any) -> bool:
        shapes_fit = len(variant) == len(parts)
        return shapes_fit and any(agree(reading, [np.asarray(v) for v in variant], options) for reading in tried)

    differences = [compare_arrays(mine, part, **options) for mine, part in zip(tried[0], parts, strict=True)]
    number, difference = next((i, d) for i, d in enumerate(differences, 1) if d is not None)
    check.fail(
        f"Part {number} of {len(parts)}: {difference.reason}",
        Text(title="What was asked", text=asked),
        Text(title="What came back", text=show(got)),
        Text(title="What was expected", text=show(tuple(parts)), expected=True),
        *difference.evidence,
        diagnosis=check.reference.explain(*explain, same),
    )


def spelled(name: str, given: Given) -> str:
    """Return a call as the student would write it."""
    return f"{name}({', '.join(f'{role}={show(value)}' for role, value in given.items())})"
