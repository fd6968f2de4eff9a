"""What is kept by key: whole or missing, and never more than there is room for."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cache import Cache

KEYS = [f"{number:064x}" for number in range(6)]


def test_what_was_put_is_got(tmp_path):
    cache = Cache(tmp_path / "new")
    cache.put(KEYS[0], b"zero")

    assert [cache.get(KEYS[0]), cache.get(KEYS[1])] == [b"zero", None]


def test_without_a_folder_nothing_is_kept():
    cache = Cache(None)
    cache.put(KEYS[0], b"zero")
    cache.prune()

    assert cache.get(KEYS[0]) is None


@pytest.mark.parametrize(("variable", "keeps"), [("off", False), ("here", True)])
def test_the_environment_says_where(variable, keeps, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "here") if keeps else variable)
    Cache.of_user().put(KEYS[0], b"zero")

    assert (tmp_path / "here").exists() is keeps
    assert Cache.of_user().get(KEYS[0]) == (b"zero" if keeps else None)


def test_what_is_damaged_is_missing(tmp_path):
    cache = Cache(tmp_path)
    for key, damage in zip(KEYS, (b"", b"no zlib", None), strict=False):
        cache.put(key, b"x" * 1000)
        (path,) = [path for path in tmp_path.glob("*/*") if key.endswith(path.name)]
        path.write_bytes(path.read_bytes()[:-3] if damage is None else damage)

    assert [cache.get(key) for key in KEYS[:3]] == [None] * 3


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path):
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file")
    cache.put(KEYS[0], b"zero")

    assert cache.get(KEYS[0]) is None


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    cache = Cache(tmp_path, max_bytes=3000)
    for age, key in enumerate(KEYS):
        cache.put(key, os.urandom(900))
        (path,) = [path for path in tmp_path.glob("*/*") if key.endswith(path.name)]
        os.utime(path, (1000 + age, 1000 + age))
    cache.get(KEYS[0])  # used just now
    cache.prune()

    assert [cache.get(key) is not None for key in KEYS] == [True, False, False, False, False, True]


def test_what_another_user_keeps_stays(tmp_path, monkeypatch):
    cache = Cache(tmp_path, max_bytes=1)
    cache.put(KEYS[0], b"zero")

    def refuse(path, *, missing_ok=False):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    cache.prune()

    assert cache.get(KEYS[0]) == b"zero"


@given(content=st.binary(max_size=300))
def test_every_content_comes_back(content, tmp_path_factory):
    cache = Cache(tmp_path_factory.getbasetemp() / "cache")
    cache.put(KEYS[0], content)

    assert content == cache.get(KEYS[0])
