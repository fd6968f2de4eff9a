from __future__ import annotations

import subprocess
import sys
import types

from grader import compare


def test_public_names_are_listed():
    names = [n for n, v in vars(compare).items() if not n.startswith("_") and not isinstance(v, types.ModuleType)]

    assert sorted(set(names) - {"annotations"}) == sorted(compare.__all__)


def test_scipy_is_not_imported():
    code = "import sys, grader.compare; print('scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"
