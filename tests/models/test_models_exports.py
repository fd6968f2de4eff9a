"""The package's public face, and that it needs no TensorFlow."""

import subprocess
import sys
import types

from grader import models

NEEDED = "import sys, grader.models; print(sorted({'tensorflow', 'keras', 'matplotlib', 'scipy'} & set(sys.modules)))"


def test_public_names_are_listed():
    names = [n for n, v in vars(models).items() if not n.startswith("_") and not isinstance(v, types.ModuleType)]

    assert sorted(set(names)) == sorted(models.__all__)


def test_no_tensorflow_is_imported_outside_the_kernel():
    done = subprocess.run([sys.executable, "-c", NEEDED], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
