"""An assignment as `grade new` makes it, in an empty folder, to be graded or broken."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = "my-homework"


def grade(*words, cwd=None, **variables):
    """Run the command in a process of its own; return its exit code, standard output and standard error."""
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "COLUMNS": "200", **variables}
    command = [sys.executable, "-P", "-m", "grader", *map(str, words)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def change(file, *pairs):
    """Replace in a file every first text by the second, which has to be there."""
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
