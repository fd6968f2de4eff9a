"""Fixtures of the backprop checks."""

import pytest
from network import Network


@pytest.fixture
def network(check):
    """The student's network, found among the globals."""
    return Network(check)
