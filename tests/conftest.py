"""What every test starts from: nothing is remembered from other tests."""

import pytest


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch):
    """Keep no results; a test of the cache names a folder of its own."""
    monkeypatch.setenv("GRADE_CACHE", "off")
