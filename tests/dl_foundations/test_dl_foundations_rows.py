"""The classifier of `dl-foundations` is measured against the reference's, trained on the rows that students get."""

import numpy as np

from grader.training import Trainings
from reference import dl_foundations as df


def test_the_reference_is_trained_on_the_rows_that_students_get():
    rows = Trainings("reference.dl_foundations.training", {"cifar10": "pictures"}).rows("clouds")

    x, y = df.given_rows()
    assert np.array_equal(x, rows["x"])
    assert np.array_equal(y, rows["y"])


def test_and_measured_on_rows_that_no_student_gets():
    rows = Trainings("reference.dl_foundations.training", {}).rows("clouds")

    given = {row.tobytes() for row in rows["x"]}
    assert rows["x_new"].shape == (len(rows["labels"]), 20)
    assert not any(row.tobytes() in given for row in rows["x_new"])
