"""What this Python has to have: what the notebook of a bundle imports, and not all that its extras bring."""

import importlib.util

import pytest
from bundles import make_bundle

from grader.errors import UsageError
from grader.selfcheck.desk import Desk


@pytest.fixture
def desk_with(tmp_path, monkeypatch):
    """Return what opens the desk of a bundle whose notebook imports something, in a Python without some modules."""

    def opened(imports, extra, *absent):
        find = importlib.util.find_spec
        monkeypatch.setattr(
            "importlib.util.find_spec", lambda name, *more: None if name in absent else find(name, *more)
        )
        monkeypatch.setattr("bundles.IMPORTS", imports)
        return Desk.at(make_bundle(tmp_path / "homework", extras=[extra]))

    return opened


@pytest.mark.parametrize(
    ("imports", "extra"),
    [
        ("import numpy as np\nfrom tqdm import tqdm", "class"),
        ("from sklearn.datasets import load_iris", "class"),
        ("import tensorflow as tf", "keras"),
    ],
)
def test_what_the_notebook_does_not_import_may_be_missing(desk_with, imports, extra):
    assert desk_with(imports, extra, "py_landlock", "pyseccomp", "sqlalchemy", "alembic", "pandas").bundle


@pytest.mark.parametrize(
    ("imports", "extra", "absent", "said"),
    [
        ("from tqdm.auto import tqdm", "class", "tqdm", r"has no tqdm, .*homework-grader\[class\]"),
        ("import sklearn", "class", "sklearn", r"has no scikit-learn, .*homework-grader\[class\]"),
        ("import keras", "keras", "tensorflow", r"has no TensorFlow, .*homework-grader\[keras\]"),
    ],
)
def test_what_it_imports_is_asked_for_with_the_line_to_type(desk_with, imports, extra, absent, said):
    with pytest.raises(UsageError, match=said):
        desk_with(imports, extra, absent)
