"""The files a notebook names."""

import pytest
from notebooks import notebook

from grader.selfcheck.beside import elsewhere, named_files


@pytest.fixture
def beside(folder):
    for name in ("weights.npz", "helper.py", "pictures/one.png", "unused.txt", "Üben mit Leerzeichen.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    return folder


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("np.load('weights.npz')", ["weights.npz"]),
        ("np.load('./weights.npz')", ["weights.npz"]),
        ("open(r'pictures\\one.png')", ["pictures"]),
        ("import helper", ["helper.py"]),
        ("from helper import f", ["helper.py"]),
        ("open('Üben mit Leerzeichen.csv')", ["Üben mit Leerzeichen.csv"]),
        ("open('missing.txt')", []),
        ("open('selfcheck/bundle.json')", []),
        ("open('../homework/unused.txt')", []),
        ("'unused'", []),
        ("open('bad\\0name')", []),
        ("x = (", []),
    ],
)
def test_what_is_named_and_lies_beside_the_notebook(desk, beside, source, names):
    found = named_files(notebook(source), beside, desk.assignment)

    assert names == [path.name for path in found]


def test_a_link_is_left_alone(desk, beside):
    (beside / "link.txt").symlink_to(beside / "unused.txt")

    assert () == named_files(notebook("open('link.txt')"), beside, desk.assignment)


def test_files_of_this_computer_only(desk, beside):
    node = notebook(f"open({str(beside / 'weights.npz')!r}); open('../homework/unused.txt'); open('/no/such/file')")

    assert [str(beside / "weights.npz"), "../homework/unused.txt"] == elsewhere(node)
