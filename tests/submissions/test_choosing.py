"""Several notebooks of one student: the one that is meant, or all of them; what is left out is said."""

from submissions_made import collected, lay, people, zip_bytes

from grader.submissions import collect


def canvas(*files):
    """Return names as Canvas gives them, for (student, file)."""
    users = {who: 100 + number for number, who in enumerate(dict.fromkeys(who for who, _ in files))}
    return [f"{who}_{users[who]}_{number + 1}_{file}" for number, (who, file) in enumerate(files)]


def test_of_attempts_in_canvas_the_newest_is_graded(tmp_path):
    names = canvas(("ada", "hw1.ipynb"), ("ada", "hw1-2.ipynb"), ("ada", "hw1-1.ipynb"), ("bob", "hw1.ipynb"))
    collection = collected(lay(tmp_path / "download", *names))

    assert {names[1], names[3]} == {one.path.name for one in collection.submissions}
    assert ["ada_100", "bob_101"] == list(people(collection))
    assert any(f"ada_100 handed in 3 notebooks: {names[1]} is graded, not " in note for note in collection.notes)


def test_numbers_that_the_whole_class_uses_are_parts_not_attempts(tmp_path):
    names = canvas(*((who, f"hw1-{part}.ipynb") for who in ("ada", "bob", "cyd") for part in (1, 2)))
    collection = collected(lay(tmp_path / "download", *names))

    assert 6 == len(collection.submissions)
    assert {"ada_100-hw1-1", "ada_100-hw1-2"} < set(people(collection))
    assert {"ada_100", "bob_101", "cyd_102"} == set(people(collection).values())


def test_the_notebook_that_others_handed_in_too_is_graded(tmp_path):
    folder = lay(tmp_path / "class", *(f"{who}/hw1.ipynb" for who in ("ada", "bob", "cyd")))
    lay(folder, "ada/scratch.ipynb", "ada/hw1-Copy1.ipynb")
    collection = collected(folder)

    assert ["ada", "bob", "cyd"] == list(people(collection))
    assert ["ada handed in 3 notebooks: hw1.ipynb is graded, not hw1-Copy1.ipynb, scratch.ipynb."] == list(
        collection.notes
    )
    assert {"scratch.ipynb", "hw1-Copy1.ipynb"} == {file.name for file in collection.submissions[0].files}


def test_the_notebook_called_like_the_assignment_is_graded(tmp_path):
    folder = lay(tmp_path / "class", "ada/first.ipynb", "ada/Backprop.ipynb", "bob/x.ipynb", "cyd/y.ipynb")
    collection = collect([folder], tmp_path / "scratch", assignment="backprop")

    assert ["Backprop.ipynb", "x.ipynb", "y.ipynb"] == [one.path.name for one in collection.submissions]


def test_the_notebook_called_like_nbgraders_assignment_is_graded(tmp_path):
    lay(tmp_path, "submitted/ada/ps1/ps1.ipynb", "submitted/ada/ps1/try.ipynb", "submitted/bob/ps1/other.ipynb")
    collection = collected(tmp_path / "submitted")

    assert ["ps1.ipynb", "other.ipynb"] == [one.path.name for one in collection.submissions]


def test_what_stays_unclear_is_all_graded_and_said(tmp_path):
    folder = lay(tmp_path / "class", "ada/one.ipynb", "ada/two.ipynb", "bob/hw.ipynb", "cyd/hw.ipynb")
    collection = collected(folder)

    assert {"ada-one": "ada", "ada-two": "ada", "bob": "bob", "cyd": "cyd"} == people(collection)
    assert ["ada has 2 notebooks, and each is graded under a report of its own: one.ipynb, two.ipynb."] == list(
        collection.notes
    )


def test_two_notebooks_of_one_student_of_the_roster_are_both_graded(tmp_path):
    folder = lay(tmp_path / "flat", "asmith.ipynb", "hw1 asmith.ipynb", "bob.ipynb")
    collection = collected(folder, roster="login,name\nasmith,Alice Smith\nbob,Bob Ray\n")

    assert {"asmith": "asmith", "hw1_asmith": "asmith", "bob": "bob"} == people(collection)
    assert any("asmith handed in 2 times" in note for note in collection.notes)


def test_students_of_a_flat_folder_share_nothing(tmp_path):
    collection = collected(lay(tmp_path / "flat", "ada.ipynb", "ada-1.ipynb", "ada-2.ipynb"))

    assert ["ada-1", "ada-2", "ada"] == list(people(collection).values())
    assert () == collection.notes


def test_notebooks_in_students_own_zip_files_are_chosen_alike(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for who in ("ada", "bob", "cyd"):
        (folder / f"{who}.zip").write_bytes(zip_bytes(["hw1.ipynb", f"{who}s notes.ipynb"]))
    collection = collected(folder)

    assert {"ada": "ada", "bob": "bob", "cyd": "cyd"} == people(collection)
    assert {"hw1.ipynb"} == {one.path.name for one in collection.submissions}
