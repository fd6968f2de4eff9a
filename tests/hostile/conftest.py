"""One school for all attacks of a process: its warm server starts with the secrets around it."""

import pytest
from hostile_attack import School


@pytest.fixture(scope="session")
def school(tmp_path_factory):
    with School(tmp_path_factory.mktemp("school")).open() as school:
        yield school
