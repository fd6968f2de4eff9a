"""What statements load, bind and may change, by names.

A name stands for the object it refers to and all that can be reached from it. Names whose objects may share something
are put in one *group*; changing one of a group is changing all. Names of functions' own are written with their place.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field

from grader.selfcheck import tables
from grader.selfcheck.spelling import root
from grader.selfcheck.tables import WORLD

Names = frozenset[str]
NOTHING: Names = frozenset()


class Unclear(Exception):
    """What a cell does to which names cannot be told."""


@dataclass
class Body:
    """What the bodies of a function, or of a class's methods, do when they are run."""

    loads: set[str] = field(default_factory=set)  # globals
    binds: set[str] = field(default_factory=set)  # globals
    changes: set[str] = field(default_factory=set)
    soft: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)  # names of functions, its own and those around it
    effects: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)  # classes of the notebook whose methods these are, too
    generates: bool = False
    stateful: bool = False


@dataclass
class Doings:
    """What a cell does: `now` it loads what stood there before, `later` its functions load more."""

    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    soft: set[str] = field(default_factory=set)  # changed if they are iterators, or of the world
    imports: set[str] = field(default_factory=set)  # bound by an import before anything else happens


@dataclass
class Knowledge:
    """What is known of a whole notebook's names while its cells are read, and becomes known by it."""

    bound_by: dict[str, set[str]] = field(default_factory=dict)  # how each global is bound: def, class, import NAME, …
    bodies: dict[str, Body] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)  # globals of which an attribute or item is set
    loose: set[str] = field(default_factory=set)  # functions and classes with something that may change
    loud: set[str] = field(default_factory=set)  # functions and classes that change what they are given, or more
    spending: set[str] = field(default_factory=set)  # functions and classes that go through what they are given
    methods: set[str] = field(default_factory=set)  # and whatever else the bodies of classes bind
    handed: set[str] = field(default_factory=set)  # globals whose objects get other names, or into others
    own: set[str] = field(default_factory=set)  # attributes that methods set of their objects
    given: set[str] = field(default_factory=set)  # attributes that are set of anything else
    shared: set[str] = field(default_factory=set)  # attributes of functions and classes that are asked for by name
    groups: list[Names] = field(default_factory=list)
    operators: bool = False  # a class says what operators do
    showing: bool = False  # objects may do something when they are shown
    sets: bool = False  # there may be sets, whose difference has the same objects in it
    growing: bool = False  # looking an item up may add it
    objects: bool = False  # arrays may have objects in them, which others made from them have, too
    drawn: bool = False  # what was drawn before is asked for
    asks_class: bool = False  # the class of an object is asked for

    def is_plain(self, name: str) -> bool:
        """Whether a global is nothing but a function or class of the notebook's own."""
        return name in self.bodies and self.bound_by.get(name, set()) <= {"def", "class"}

    def module(self, name: str) -> str:
        """Return the dotted name that a global is bound to by import and nothing else, "" where it is not."""
        ways = self.bound_by.get(name, set())
        only = next(iter(ways)) if len(ways) == 1 else ""
        return only.removeprefix("import ") if only.startswith("import ") else ""

    def meaning(self, name: str) -> Names:
        """Return what a global's value leads to: nothing where it cannot change."""
        if self.is_plain(name):
            return frozenset({name}) if name in self.loose else NOTHING
        module = self.module(name)
        if module:
            return NOTHING if root(module) in tables.KNOWN | {"sys"} else frozenset({name, WORLD})
        return NOTHING if self.is_builtin(name) else frozenset({name})

    def is_builtin(self, name: str) -> bool:
        """Whether a global is Python's own."""
        return name not in self.bound_by and hasattr(builtins, name)

    def may_be_set(self) -> set[str]:
        """Return the functions and classes of which an attribute may be set, by their own or by another name.

        One that methods set of their objects, that no class has and nobody asks a class or function for, is taken to
        be set of such an object by others, too.
        """
        if not self.given - (self.own - self.methods - self.shared):
            return self.stored
        return self.stored | (self.bodies.keys() if self.asks_class else self.handed)

    def effects(self) -> Names:
        """Return all effects that any body has."""
        return frozenset(effect for body in self.bodies.values() for effect in body.effects)


def join(bodies: dict[str, Body], name: str, body: Body) -> None:
    """Keep a body with those of the same name: any of them may be the one that counts."""
    kept = bodies.setdefault(name, body)
    if kept is not body:
        add(kept, body)


def add(kept: Body, body: Body) -> None:
    """Have one body do what another does, too."""
    for part in ("loads", "binds", "changes", "soft", "free", "effects", "parameters", "bases"):
        getattr(kept, part).update(getattr(body, part))
    kept.generates |= body.generates
    kept.stateful |= body.stateful


def inherit(bodies: dict[str, Body]) -> None:
    """Have every class do what the classes do that it is made from: its own methods may call theirs."""
    for body in bodies.values():
        seen: set[str] = set()
        while waiting := (body.bases & bodies.keys()) - seen:
            for base in waiting:
                add(body, bodies[base])
            seen |= waiting
