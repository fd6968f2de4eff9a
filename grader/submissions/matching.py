"""Whose submission it is, by a roster: told by numbers first, by a name only where no other student could be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from grader.entries import Identity
from grader.submissions.folding import joined, name_key, runs, words_of
from grader.submissions.layouts import Layout
from grader.submissions.roster import Person, Roster
from grader.submissions.sorting import Handed

LEAST = 4  # characters of an id inside a longer file name; "1" in "hw 1" is nobody's
BY_NAME = "name"


@dataclass(frozen=True, kw_only=True)
class Match:
    """The student of the roster, or the reason why none can be named."""

    person: Person | None = None
    by: str = ""
    reason: str = ""


def match(work: Sequence[Handed], roster: Roster) -> list[Match]:
    """Return the student of each piece of work.

    Nobody is guessed: where two students could be meant, or two pieces of work claim one student by name alone, none
    of them is matched.
    """
    index = _Index(roster.people)
    return _without_disputes(work, [index.find(handed) for handed in work])


def known_by(identity: Identity, person: Person) -> Identity:
    """Return what place and roster tell together; what the place says about the submission itself stands."""
    who = person.identity
    return replace(
        identity,
        id=who.id or identity.id,
        name=who.name or identity.name,
        email=who.email or identity.email,
        section=who.section or identity.section,
        canvas_user=who.canvas_user or identity.canvas_user,
        moodle_participant=identity.moodle_participant or who.moodle_participant,
        submitted=identity.submitted or who.submitted,
    )


class _Index:
    """The students of a roster by everything a submission may say of them."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people
        self._canvas = _table(people, lambda person: [person.identity.canvas_user])
        self._moodle = _table(people, lambda person: [person.identity.moodle_participant])
        self._ids = _table(people, lambda person: [person.identity.id])
        self._emails = _table(people, lambda person: [person.identity.email])
        self._logins = _table(people, lambda person: [person.login])
        self._mailboxes = _table(people, lambda person: [person.identity.email.partition("@")[0]])
        self._names = _table(people, lambda person: [" ".join(name_key(person.identity.name))])
        self._joined = _table(people, lambda person: joined(person.identity.name))

    def find(self, handed: Handed) -> Match:
        """Return the student a piece of work is by."""
        who, text = handed.owner.identity, handed.owner.student
        steps: list[tuple[str, Callable[[], Iterable[Person]]]] = [
            ("Canvas ID", lambda: self._canvas.get(who.canvas_user, ())),
            ("Moodle identifier", lambda: self._moodle.get(who.moodle_participant, ())),
            ("id", lambda: self._ids.get((who.id or text).casefold(), ())),
            ("email", lambda: self._emails.get(text.casefold(), ())),
            ("login", lambda: self._logins.get(text.casefold(), ())),
            ("email", lambda: self._mailboxes.get(text.casefold(), ())),
            (BY_NAME, lambda: self._named(handed)),
            ("a part of the file's name", lambda: self._inside(handed)),
        ]
        for by, look in steps:
            if people := list(look()):
                return self._one(people, by, handed)
        return Match(reason="no student of the roster has this name or number")

    def _one(self, people: Sequence[Person], by: str, handed: Handed) -> Match:
        """Return the one who is meant, a reason where that is not clear."""
        if len(people) > 1:
            those = " and ".join(_called(person) for person in people[:3])
            return Match(reason=f"{len(people)} students of the roster could be meant: {those}; give a column with ids")
        (person,) = people
        if reason := _contradiction(handed.owner.identity, person):
            return Match(reason=reason)
        return Match(person=person, by=by)

    def _named(self, handed: Handed) -> Iterable[Person]:
        name = handed.owner.identity.name or handed.owner.student
        if handed.layout is Layout.CANVAS:
            return self._joined.get("".join(words_of(name)), ())
        return self._names.get(" ".join(name_key(name)), ())

    def _inside(self, handed: Handed) -> Iterable[Person]:
        """Return everybody whose id, login or whole name is a part of the name of a file in a flat folder."""
        if handed.layout is not Layout.FLAT:
            return ()
        found: dict[str, Person] = {}
        for words in runs(handed.owner.student):
            people = list(self._names.get(" ".join(sorted(words)), ())) if len(words) > 1 else []
            if len(words) == 1 and len(words[0]) >= LEAST:
                people += [*self._ids.get(words[0], ()), *self._logins.get(words[0], ())]
            found.update((person.key, person) for person in people)
        return found.values()


def _table(people: Sequence[Person], said: Callable[[Person], Iterable[str]]) -> dict[str, list[Person]]:
    table: dict[str, list[Person]] = {}
    for person in people:
        for text in {text.casefold() for text in said(person)} - {""}:
            table.setdefault(text, []).append(person)
    return table


def _called(person: Person) -> str:
    name = person.identity.name
    return f"{name} ({person.key})" if name and name != person.key else person.key


def _contradiction(identity: Identity, person: Person) -> str:
    """Say which number of a submission differs from the student's; empty when none does."""
    there = person.identity
    pairs = (
        ("Canvas ID", identity.canvas_user, there.canvas_user),
        ("Moodle identifier", identity.moodle_participant, there.moodle_participant),
    )
    for kind, own, other in pairs:
        if own and other and own != other:
            return f"the roster has {_called(person)} with the {kind} {other}, this is {own}"
    return ""


def _without_disputes(work: Sequence[Handed], matches: Sequence[Match]) -> list[Match]:
    """Return the matches without those where a name alone gives one student the work of two."""
    claims: dict[str, list[tuple[Handed, Match]]] = {}
    for handed, found in zip(work, matches, strict=True):
        if found.person is not None:
            claims.setdefault(found.person.key, []).append((handed, found))
    kept = []
    for handed, found in zip(work, matches, strict=True):
        others = [other for other, _ in claims.get(found.person.key, [])] if found.person else []
        disputed = found.by == BY_NAME and any(_another(handed, other) for other in others)
        reason = f"another student's work is by the same name, {found.person.identity.name}" if found.person else ""
        kept.append(Match(reason=reason) if disputed else found)
    return kept


def _another(one: Handed, other: Handed) -> bool:
    """Return whether two pieces of work in one download or folder are by two students, as their layout says."""
    same_place = one.root == other.root and one.layout is other.layout and one.assignment == other.assignment
    return same_place and one.layout is not Layout.FLAT and one.owner.key != other.owner.key
