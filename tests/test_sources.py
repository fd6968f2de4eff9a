"""The files a module is made of."""

import sys
import textwrap

import pytest

from grader.sources import imports, sources

PACKAGE = {
    "__init__.py": "",
    "common.py": "import numpy",
    "shapes.py": "",
    "homework.py": "from . import common\nfrom .parts import layer",
    "parts/__init__.py": "",
    "parts/layer.py": "from ..shapes import rows\nimport made_solutions.far.away",
    "far/__init__.py": "",
    "far/away.py": "",
    "unused.py": "",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of solutions that import each other in every way."""
    for name, text in PACKAGE.items():
        path = tmp_path / "made_solutions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in [name for name in sys.modules if name.startswith("made_solutions")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "made_solutions"


def test_every_way_of_importing_is_followed_within_the_package(package):
    found = {path.relative_to(package).as_posix() for path in sources("made_solutions.homework")}

    assert found == set(PACKAGE) - {"unused.py"}


def test_a_module_that_is_not_there_has_no_files():
    assert sources("no_such_package.module") == set()


def test_a_file_that_is_no_python_is_named(package):
    (package / "common.py").write_text("def broken(:")

    with pytest.raises(SyntaxError) as raised:
        sources("made_solutions.homework")

    assert raised.value.filename.endswith("common.py")


def test_imports_are_named_as_they_stand(tmp_path):
    path = tmp_path / "one.py"
    path.write_text(textwrap.dedent("import a.b, c\nfrom d.e import f\ndef g():\n    from h import i"))

    assert set(imports(path)) == {"a.b", "c", "d.e", "d.e.f", "h", "h.i"}
