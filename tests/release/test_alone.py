"""Where a bundle is proven, no solution can be imported, wherever it lies."""

import hashlib
import shutil

import pytest

from grader import bundle
from grader.release.alone import checked_alone
from grader.release.answers import Trial


@pytest.mark.slow
def test_a_check_that_imports_the_solution_does_not_find_it(kept, tmp_path):
    folder, made = kept
    place = tmp_path / "bundle"
    shutil.copytree(made.folder, place)
    check, described = place / "selfcheck" / "checks" / "test_q1_loss.py", place / "selfcheck" / bundle.FILE
    right = folder.parent.parent / "submissions" / "my-homework-right.ipynb"
    (before,) = checked_alone(place, "reference", [Trial(name="right", notebook=right)])
    check.write_text(f"{check.read_text(encoding='utf-8')}\n\nimport reference\n", encoding="utf-8")
    about = made.bundle
    files = about.files | {"checks/test_q1_loss.py": hashlib.sha256(check.read_bytes()).hexdigest()}
    described.write_text(about.model_copy(update={"files": files}).sealed.model_dump_json(), encoding="utf-8")
    (after,) = checked_alone(place, "reference", [Trial(name="right", notebook=right)])

    assert before.score == before.max_score == 50
    assert "import of reference halted" in after


@pytest.mark.slow
def test_results_come_one_for_each_notebook_and_refusals_as_sentences(kept, tmp_path):
    _, made = kept
    place = tmp_path / "bundle"
    shutil.copytree(made.folder, place)
    other = tmp_path / "other.ipynb"
    other.write_text("<html>", encoding="utf-8")
    bare, broken = checked_alone(
        place, "reference", [Trial(name=file.stem, notebook=file) for file in (place / "my-homework.ipynb", other)]
    )

    assert (bare.score, bare.max_score) == (0, 50)
    assert bare.notes[0].startswith("These are the public checks of release ")
    assert broken if isinstance(broken, str) else broken.error
