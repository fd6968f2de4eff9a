"""The benchmarks that measure a student's waiting run through, so that they can be believed when they are needed."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "named"),
    [
        pytest.param(["start.py", "--runs", "1"], "until the verdict", id="start"),
        pytest.param(
            ["selfcheck.py", "--runs", "1", "--cells", "2"], "watch", id="selfcheck", marks=pytest.mark.thorough
        ),
    ],
)
def test_it_runs_through(words, named):
    script, *options = words
    done = subprocess.run([sys.executable, BENCH / script, *options], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert named in done.stdout
