import subprocess
import sys

import numpy as np
import pytest

from grader import datasets
from grader.errors import AssignmentError


@pytest.mark.parametrize("name", datasets.TABLES)
def test_tables_are_those_of_scikit_learn(name):
    import sklearn.datasets

    expected = getattr(sklearn.datasets, f"load_{name}")()
    x, y = datasets.table(name)

    assert np.array_equal(expected.data, x)
    assert np.array_equal(expected.target, y)


def test_scikit_learn_is_not_imported():
    program = "import sys; from grader.datasets import table; table('iris'); sys.exit('sklearn' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_table_names_the_nearest():
    with pytest.raises(AssignmentError, match="Did you mean 'iris'"):
        datasets.table("irises")
