"""Fixtures of the mnist-mlp checks."""

import pytest
from mm_models import Work


@pytest.fixture
def work(check, models, data):
    """The notebook's models with what checks need of them."""
    return Work(check, models, data)
