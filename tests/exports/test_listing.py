"""The entries of a class as JSON and as Parquet, read back."""

import builtins
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from some_entries import entry, part, verdict

from grader.entries import Entry
from grader.errors import UsageError
from grader.exports.listing import entries_json
from grader.exports.parquet import entries_parquet

SUBMITTED = datetime(2025, 3, 3, 20, 15, tzinfo=UTC)
ADA = entry(
    "ada",
    17.5,
    penalty=2.5,
    late_days=1,
    name="Ada A.",
    submitted=SUBMITTED,
    questions=(part("q1", 10),),
    checks=(verdict("a", 2), verdict("b", 0.5, diagnosis="bias forgotten")),
)
BOB = entry("bob", 3, error="Not a notebook.", checks=(verdict("a"),))
ZOE = entry("zoe", 1)


def rows(*entries):
    return parquet.read_table(io.BytesIO(entries_parquet(entries))).to_pylist()


def test_json_has_every_field_and_what_is_exported():
    ada, bob = json.loads(entries_json([ADA, BOB]))

    assert ada.keys() == {*Entry.__dataclass_fields__, "final"}
    assert (ada["score"], ada["final"], ada["identity"]["name"]) == (17.5, 15, "Ada A.")
    assert ada["identity"]["submitted"] == "2025-03-03T20:15:00+00:00"
    assert [each["status"] for each in ada["checks"]] == ["passed", "failed"]
    assert (bob["final"], bob["error"]) == (None, "Not a notebook.")


@given(st.lists(st.tuples(st.text(), st.floats()), max_size=3))
def test_json_holds_every_text_and_no_number_it_does_not_have(pairs):
    entries = [entry(name, score, name=name) for name, score in pairs]
    read = json.loads(entries_json(entries), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    assert [name.encode("utf-8", "replace").decode() for name, _ in pairs] == [each["student"] for each in read]


def test_parquet_has_a_row_per_student_and_check():
    first, second, *_ = rows(ADA, BOB, ZOE)

    assert [first[name] for name in ("student", "name", "check", "status", "score", "max_score", "final")] == [
        *("ada", "Ada A.", "a", "passed", 2, 2, 15),
    ]
    assert [second[name] for name in ("check", "diagnosis", "late_days", "submitted")] == [
        *("b", "bias forgotten", 1, SUBMITTED),
    ]


def test_parquet_leaves_nobody_out_and_makes_up_no_zero():
    _, _, bob, zoe = rows(ADA, BOB, ZOE)

    assert [bob[name] for name in ("student", "check", "score", "final", "error")] == [
        *("bob", "a", None, None, "Not a notebook."),
    ]
    assert [zoe[name] for name in ("student", "check", "score", "final")] == ["zoe", None, None, 1]


def test_parquet_of_an_empty_class_has_its_columns():
    table = parquet.read_table(io.BytesIO(entries_parquet([])))

    assert table.num_rows == 0
    assert {"student", "question", "check", "score", "max_score", "diagnosis"} <= set(table.column_names)


def test_parquet_takes_half_a_character_and_a_large_seed():
    (row,) = rows(entry("bad\udcff", seed=2**80))

    assert (row["student"], row["seed"]) == ("bad?", None)


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(UsageError, match=r"homework-grader\[parquet\]"):
        entries_parquet([ADA])
