from __future__ import annotations

import types

from grader import notebook


def test_public_names_are_listed():
    names = [n for n, v in vars(notebook).items() if not n.startswith("_") and not isinstance(v, types.ModuleType)]

    assert sorted(set(names) - {"annotations"}) == notebook.__all__
