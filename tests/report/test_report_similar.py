"""Pages of similar notebooks: what they mark, that nothing in them acts, and which of them a class gets."""

from __future__ import annotations

import re

import nbformat
import numpy as np
import pytest
from notebooks import notebook
from report_reader import read

from grader.errors import OutputError
from grader.report.similar import MAX_PAGES, MAX_STRETCHES, Side, similar_html, write_similar
from grader.similarity import fingerprints, similar

GIVEN = "import numpy as np\n\ndef relu(z):\n    return np.maximum(z, 0) * np.ones(3) + sum(range(4)) - 4\n"
SOFTMAX = """def softmax(z):
    # the largest first
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

def train(x, y, rate=0.1):
    for row, label in zip(x, y):
        delta = softmax(row @ weights) - one_hot(label)
        weights[:] = weights - rate * np.outer(row, delta)
    return weights
"""
COPY = SOFTMAX.replace("softmax", "sm").replace("row", "r").replace("delta", "d").replace("0.1", "1e-3")
ALONE = "def area(shape):\n    return shape['w'] * shape['h'] if shape else {k: v for k, v in enumerate('ab')}\n"


def pair_of(first, second):
    (pair,) = similar({"a": fingerprints(first), "b": fingerprints(second)})
    return pair


@pytest.fixture
def page():
    first, second = notebook(ALONE, SOFTMAX), notebook("# nothing", COPY + "print('<i>&')", markdown=[0])
    return similar_html(pair_of(first, second), Side(student="Ana", node=first), Side(student="Bo", node=second))


def test_shared_code_is_marked_on_both_sides_and_each_leads_to_the_other(page):
    seen = read(page)

    assert [] == seen.concerns
    assert {"a1", "b1"} <= set(seen.ids)
    assert set(seen.targets) <= set(seen.ids)
    assert len(seen.ids) == len(set(seen.ids))
    for here, there in (("a", "b"), ("b", "a")):
        mark = re.search(rf'<mark class="tint-1" id="{here}1">(.*?)</mark>', page, re.DOTALL)
        assert f'href="#{there}1"' in mark[1]
        assert "exp" in mark[1] and "outer" in mark[1]


def test_all_code_is_there_and_in_order(page):
    text = read(page).text.replace("1\n    # the largest", "\n    # the largest")

    assert SOFTMAX.strip() in text
    assert ALONE.strip() in text
    assert "print('<i>&')" in text


def test_it_says_that_it_is_a_hint_and_how_much_is_shared(page):
    text = read(page).text
    pair = pair_of(notebook(ALONE, SOFTMAX), notebook(COPY + "print('<i>&')"))

    assert f"{pair.first_share:.0%} of Ana’s".replace("%", " %") in text
    assert f"{pair.second_share:.0%} the other way round".replace("%", " %") in text
    assert "A hint to look, never a verdict" in text
    assert "Innocent explanations" in text
    assert "Cell 1, 2 lines, nothing marked" in text


def test_nothing_a_student_writes_acts():
    evil = "<script>alert(1)</script></mark></code><img src=x onerror=alert(1)>\u202e"
    first = notebook(SOFTMAX + f"'''{evil}'''\n", f"x = '{evil}'")
    second = notebook(f"# {evil}\n{SOFTMAX}", f"{evil}", evil, markdown=[2])

    page = similar_html(pair_of(first, second), Side(student=evil, node=first), Side(student=evil, node=second))

    assert [] == read(page).concerns
    assert "\u202e" not in page
    assert page.count("<mark") == page.count("</mark>")


def test_a_long_cell_is_shown_to_a_bound_and_says_so():
    long = SOFTMAX + "# " + "x" * 70_000
    page = similar_html(
        pair_of(notebook(long), notebook(COPY)),
        Side(student="a", node=notebook(long)),
        Side(student="b", node=notebook(COPY)),
    )

    assert len(page) < 150_000
    assert re.search(r"The last \d\d,\d{3} characters of this cell are not shown", page)


@pytest.mark.slow
def test_of_very_many_pieces_the_longest_are_marked():
    statements = (
        "x = [np.exp(y) for y in z if y > 3]",
        "a.append(b[c] + d - e[f] * g.h())",
        "f(g(h, k=1), m)[0] -= q @ r",
    )
    lines = [np.random.default_rng(seed).choice(statements, 3000) for seed in (1, 2)]
    first, second = (notebook("\n".join(each), SOFTMAX) for each in lines)

    page = similar_html(pair_of(first, second), Side(student="a", node=first), Side(student="b", node=second))

    assert 2 * MAX_STRETCHES == page.count("<mark")
    assert f'id="a{MAX_STRETCHES}"' in page
    assert re.search(r"[\d,]+ shorter pieces more are not marked", page)


def test_the_page_is_the_same_each_time(page):
    first, second = notebook(ALONE, SOFTMAX), notebook("# nothing", COPY + "print('<i>&')", markdown=[0])

    again = similar_html(pair_of(first, second), Side(student="Ana", node=first), Side(student="Bo", node=second))

    assert page == again


def files(out):
    return sorted(path.name for path in (out / "similar").iterdir())


@pytest.fixture
def handed_in(tmp_path):
    """Return what writes notebooks and what `write_similar` takes for them."""

    def write(**cells):
        for name, sources in cells.items():
            nbformat.write(notebook(GIVEN, *sources), tmp_path / f"{name}.ipynb")
        return {name: (name.title(), tmp_path / f"{name}.ipynb") for name in cells}

    return write


def test_a_class_gets_its_pairs_and_their_pages(handed_in, tmp_path):
    told = []
    given = handed_in(cy=[COPY], al=[SOFTMAX], bo=[ALONE])

    rows = write_similar(given, notebook(GIVEN), tmp_path / "out", lambda done, total: told.append((done, total)))

    assert [("Al", "Cy", 1.0, "similar/01-al-cy.html")] == rows
    assert [(1, 3), (2, 3), (3, 3)] == told
    text = read((tmp_path / "out" / "similar" / "01-al-cy.html").read_text("utf-8")).text
    assert "Al and Cy" in text
    assert "nothing marked" in text


def test_handed_out_code_alone_makes_no_pair(handed_in, tmp_path):
    given = handed_in(al=[SOFTMAX], cy=[COPY])

    assert [] == write_similar(given, notebook(GIVEN, SOFTMAX), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_no_notebook_is_passed_over(handed_in, tmp_path):
    (tmp_path / "broken.ipynb").write_bytes(b"\x00 no notebook")
    given = handed_in(al=[SOFTMAX], cy=[COPY]) | {
        "broken": ("Dee", tmp_path / "broken.ipynb"),
        "gone": ("Eve", tmp_path / "gone.ipynb"),
        "folder": ("Fay", tmp_path),
    }

    assert [("Al", "Cy")] == [row[:2] for row in write_similar(given, notebook(GIVEN), tmp_path / "out")]


def test_two_notebooks_of_one_student_are_no_pair(handed_in, tmp_path):
    given = {name: ("Al", path) for name, (_, path) in handed_in(first=[SOFTMAX], second=[COPY]).items()}

    assert [] == write_similar(given, notebook(GIVEN), tmp_path / "out")


def test_pages_of_an_earlier_run_go_and_other_files_stay(handed_in, tmp_path):
    out = tmp_path / "out"
    given = handed_in(al=[SOFTMAX], bo=[SOFTMAX], cy=[COPY])
    write_similar(given, notebook(GIVEN), out)
    (out / "similar" / "notes.html").write_text("mine")
    assert 4 == len(files(out))
    del given["bo"]

    write_similar(given, notebook(GIVEN), out)

    assert ["01-al-cy.html", "notes.html"] == files(out)


@pytest.mark.slow
def test_only_so_many_pages_are_written_and_the_rest_is_named(handed_in, tmp_path):
    count = next(n for n in range(99) if n * (n - 1) / 2 > MAX_PAGES)  # of the same notebook
    rest = {f"z{number:02d}": [ALONE + f"{'x + ' * number}x\n"] for number in range(3 * count)}
    given = handed_in(**{f"a{number:02d}": [SOFTMAX] for number in range(count)}, **rest)

    rows = write_similar(given, notebook(GIVEN, ALONE), tmp_path / "out")

    alike = [row for row in rows if row[0].startswith("A")]
    assert count * (count - 1) / 2 == len(alike)
    assert MAX_PAGES == len(files(tmp_path / "out")) == sum(bool(row[3]) for row in rows)
    assert all(not row[3] for row in rows[MAX_PAGES:])


def test_names_cannot_leave_the_folder(handed_in, tmp_path):
    paths = [path for _, path in handed_in(al=[SOFTMAX], cy=[COPY]).values()]
    given = {"../../../evil": ("<b>Al</b>", paths[0]), "ü" * 300: ("Cy", paths[1])}

    ((_, _, _, link),) = write_similar(given, notebook(GIVEN), tmp_path / "out")

    assert ".." not in link
    assert (tmp_path / "out" / link).parent == tmp_path / "out" / "similar"
    assert [] == read((tmp_path / "out" / link).read_text("utf-8")).concerns


def test_a_folder_that_cannot_be_written_to_is_named(handed_in, tmp_path):
    (tmp_path / "out").write_text("a file")

    with pytest.raises(OutputError, match="Choose another folder"):
        write_similar(handed_in(al=[SOFTMAX], cy=[COPY]), notebook(GIVEN), tmp_path / "out")
