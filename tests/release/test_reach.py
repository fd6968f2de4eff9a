"""What stays of checks when the hidden ones are taken out, written down as small folders of checks."""

import ast
import textwrap

import pytest

from grader.errors import AssignmentError
from grader.release.cutting import cut
from grader.release.reach import reach
from grader.release.sources import read_modules


def left(tmp_path, files, keep=("test_open",)):
    """Return the text of every file that stays when the checks of these names are released."""
    for name, text in files.items():
        (tmp_path / name).write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    modules = read_modules(tmp_path)
    checks = {tmp_path / name: set(keep) for name, text in files.items() if "def test_open" in text}
    found = reach(modules, checks)
    texts = {each.path.name: cut(each, found) for each in modules.values() if found.module(each)}
    for text in texts.values():
        ast.parse(text)
    return texts | {path.name: path.read_text(encoding="utf-8") for path in found.whole}


OPEN_AND_HIDDEN = '''
    """Open checks, and a hidden one at 1000."""

    import math
    from helpers import ask, secretly

    LIMIT = 3
    FAR = 1000  # of the hidden check


    # Of both.
    def shared(x):
        return x + LIMIT


    # Only the hidden check needs this.

    def far(x):
        return secretly(x) + FAR


    def test_open(check):
        """An open check"""
        # this comment stays
        ask(check, shared(1))


    def test_hidden(check):
        """A hidden check"""
        ask(check, far(math.pi))
'''
HELPERS = '''
    """Helpers."""

    import itertools


    def ask(check, x):
        return check.same("f", x)


    def secretly(x):
        return list(itertools.repeat(x, 2))
'''


def test_hidden_checks_go_with_all_that_only_they_reach(tmp_path):
    texts = left(tmp_path, {"test_a.py": OPEN_AND_HIDDEN, "helpers.py": HELPERS})

    assert texts["test_a.py"] == textwrap.dedent('''\
        """What the public checks need."""

        from helpers import ask

        LIMIT = 3


        # Of both.
        def shared(x):
            return x + LIMIT


        def test_open(check):
            """An open check"""
            # this comment stays
            ask(check, shared(1))
        ''')
    assert texts["helpers.py"] == textwrap.dedent('''\
        """What the public checks need."""


        def ask(check, x):
            return check.same("f", x)
        ''')


def test_a_file_of_which_all_stays_is_as_it_was(tmp_path):
    source = '''
        """One check."""

        from __future__ import annotations

        import numpy as np  # of all checks


        def test_open(check, rng):
            """An open check"""
            check.same("f", np.ones(3))
    '''

    assert left(tmp_path, {"test_a.py": source})["test_a.py"] == textwrap.dedent(source).lstrip()


def test_a_file_of_which_nothing_stays_is_left_out(tmp_path):
    hidden = "def test_hidden(check):\n    pass\n"

    assert list(left(tmp_path, {"test_a.py": OPEN_AND_HIDDEN, "helpers.py": HELPERS, "test_b.py": hidden})) == [
        "helpers.py",
        "test_a.py",
    ]


def test_fixtures_are_reached_by_the_names_of_parameters(tmp_path):
    conftest = """
        import pytest


        @pytest.fixture
        def memory():
            return {}


        @pytest.fixture
        def network(check, memory):
            return memory


        @pytest.fixture
        def far(check):
            return 1000


        @pytest.fixture(autouse=True)
        def seeded():
            return 1
    """
    check = '''
        def test_open(network):
            """An open check"""


        def test_hidden(far):
            """A hidden check"""
    '''
    texts = left(tmp_path, {"conftest.py": conftest, "test_a.py": check})

    assert [line for line in texts["conftest.py"].splitlines() if line.startswith("def")] == [
        "def memory():",
        "def network(check, memory):",
        "def seeded():",
    ]


def test_modules_are_followed_through_their_dots_and_inside_functions(tmp_path):
    check = '''
        import helpers


        def test_open(check):
            """An open check"""
            from more import third

            helpers.ask(check, third())
    '''
    more = "def third():\n    return 3\n\n\ndef fourth():\n    return 4\n"
    texts = left(tmp_path, {"test_a.py": check, "helpers.py": HELPERS, "more.py": more})

    assert "secretly" not in texts["helpers.py"]
    assert "third" in texts["more.py"]
    assert "fourth" not in texts["more.py"]


def test_what_is_added_to_a_constant_goes_with_it_and_a_name_of_ones_own_does_not(tmp_path):
    check = '''
        NAMES = ("a",)
        NAMES += ("b",)
        far = 1000


        def test_open(check):
            """An open check"""
            far = [near for near in NAMES]
            return far
    '''
    text = left(tmp_path, {"test_a.py": check})["test_a.py"]

    assert 'NAMES = ("a",)\nNAMES += ("b",)\n' in text
    assert "1000" not in text


def test_annotations_that_are_texts_are_read(tmp_path):
    check = '''
        class Work:
            pass


        def test_open(check: "Work | None"):
            """An open check"""
    '''

    assert "class Work" in left(tmp_path, {"test_a.py": check})["test_a.py"]


def test_files_that_the_author_names_go_along_whole(tmp_path):
    check = '''
        from pathlib import Path

        SOURCE = Path(__file__).with_name("inside.py").read_text()  # release: inside.py


        def test_open(check):
            """An open check"""
            return SOURCE
    '''
    inside = '"""Runs in the kernel."""\n\n\ndef look():\n    return 1\n'

    assert left(tmp_path, {"test_a.py": check, "inside.py": inside})["inside.py"] == inside


DYNAMIC = {
    "a file beside it": (
        'X = __file__\n\n\ndef test_open(check):\n    """Open"""\n    return X\n',
        "test_a.py:1: .*may",
    ),
    "importlib": (
        'import importlib\n\n\ndef test_open(check):\n    """Open"""\n    importlib.import_module("helpers")\n',
        r"test_a.py:4: .*importlib.import_module.*# release:",
    ),
    "a module as a value": (
        'import helpers\n\n\ndef test_open(check):\n    """Open"""\n    getattr(helpers, "ask")\n',
        "test_a.py:4: the module `helpers` is used as a value",
    ),
    "__all__": ('__all__ = ["x"]\n\n\ndef test_open(check):\n    """Open"""\n', "test_a.py:1: take `__all__` out"),
    "a star": (
        'from helpers import *\n\n\ndef test_open(check):\n    """Open"""\n    ask(check, 1)\n',
        "test_a.py:1: `import \\*` does not tell",
    ),
    "a statement that runs": (
        'import numpy as np\n\nnp.seterr(all="ignore")\n\n\ndef test_open(check):\n    """Open"""\n',
        "test_a.py:3: this runs whenever",
    ),
    "a fixture by a computed name": (
        'def test_open(request, name):\n    """Open"""\n    request.getfixturevalue(name)\n',
        "test_a.py:1: .*getfixturevalue",
    ),
    "dots": (
        'from . import helpers\n\n\ndef test_open(check):\n    """Open"""\n    helpers.ask(1, 2)\n',
        "without dots",
    ),
    "a constant of hidden checks beside one of public checks": (
        'A, B = 5, 47111\n\n\ndef test_open(check):\n    """Open"""\n    return A\n\n\ndef test_hidden():\n    B\n',
        "test_a.py:1: no public check uses `B`, but it is bound together with `A`.* on a line of its own",
    ),
    "two statements on a line": (
        'def test_open(check):\n    """Open"""\n    return A\n\n\nA = 5; B = 47111\n',
        "test_a.py:6: no public check uses `B`",
    ),
    "a file that is not there": (
        'X = __file__  # release: nowhere.py\n\n\ndef test_open(check):\n    """Open"""\n    return X\n',
        "names 'nowhere.py', which is no file",
    ),
}


@pytest.mark.parametrize("what", DYNAMIC)
def test_what_reading_cannot_tell_is_refused_with_its_place(tmp_path, what):
    source, said = DYNAMIC[what]
    with pytest.raises(AssignmentError, match=said):
        left(tmp_path, {"test_a.py": source, "helpers.py": HELPERS})


def test_what_a_statement_binds_for_itself_or_imports_needs_no_public_check(tmp_path):
    source = '''
        try:
            import json
            import math
        except ImportError:
            math = None
        with open("numbers.txt") as file:
            FIRST, _ = file.read().split(maxsplit=1)


        def test_open(check):
            """An open check"""
            return math, FIRST
    '''

    assert left(tmp_path, {"test_a.py": source})["test_a.py"] == textwrap.dedent(source).lstrip()


def test_a_file_that_goes_along_whole_may_bind_what_it_likes(tmp_path):
    source = "X = __file__  # release: test_a.py\nA, B = 5, 6\n\n\ndef test_open(check):\n    return X, A\n"

    assert left(tmp_path, {"test_a.py": source})["test_a.py"] == source


def test_a_check_in_a_class_is_refused(tmp_path):
    source = "class TestAll:\n    def test_open(self, check):\n        pass\n"
    with pytest.raises(AssignmentError, match="test_open is no function at the top of its file"):
        left(tmp_path, {"test_a.py": source})


def test_what_nothing_public_reaches_may_be_as_it_likes(tmp_path):
    source = '''
        import importlib


        def test_open(check):
            """An open check"""


        def test_hidden(check):
            """A hidden check"""
            importlib.import_module("helpers")
    '''

    assert "importlib" not in left(tmp_path, {"test_a.py": source, "helpers.py": HELPERS})["test_a.py"]
