"""What one student does to names, links and zip files changes nothing about anybody else."""

import os
import shutil

import pytest
from submissions_made import collected, lay, people, reasons, zip_bytes, zipped

from grader.errors import OutputError, SubmissionError
from grader.submissions.unpacking import OWN, Bounds, Spent, unpack

FORGED = ("bob_7_8_hw1.ipynb", "kingada_111_222_hw1.ipynb")
ROSTER = "id,name,canvas id\nbob,Bob Ray,7\nkingada,Ada King,111\nmallory,Mallory May,9\n"
SMALL = Bounds(files=5, total_bytes=10_000, small_bytes=10_000)


def users(collection):
    return {one.identity.canvas_user for one in collection.submissions}


# --- links ----------------------------------------------------------------------------------------------------------


def linked(folder, name, target):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def test_a_notebook_that_is_a_link_to_a_neighbours_is_refused_and_the_neighbour_stays(tmp_path):
    folder = lay(tmp_path / "class", "bob/hw1.ipynb", "cyd/hw1.ipynb")
    linked(folder, "alice/hw1.ipynb", "../bob/hw1.ipynb")
    collection = collected(folder)

    assert {"bob": "bob", "cyd": "cyd"} == people(collection)
    assert {"alice": "hw1.ipynb is a link and was not followed. Hand in the notebook itself."} == reasons(collection)


@pytest.mark.parametrize("target", ["bob.ipynb", "loop.ipynb", "/nonexistent", "/etc/passwd"])
def test_a_link_in_a_flat_folder_is_refused_wherever_it_leads(tmp_path, target):
    folder = lay(tmp_path / "class", "bob.ipynb")
    linked(folder, "loop.ipynb", target)
    collection = collected(folder)

    assert {"bob": "bob"} == people(collection)
    assert ["loop"] == list(reasons(collection))


@pytest.mark.parametrize(
    "name",
    [
        *("smithalice_1_11_{}", "Alice Smith_11_assignsubmission_file/{}", "Alice Smith_11_assignsubmission_file_{}"),
        "submitted/alice/ps1/{}",
    ],
    ids=["Canvas", "Moodle", "Moodle without folders", "nbgrader"],
)
@pytest.mark.parametrize("file", ["hw1.ipynb", "hw1.zip"])
def test_links_in_downloads_are_refused(tmp_path, name, file):
    target = (
        zipped(tmp_path / "secret.zip", ["secret.ipynb"])
        if file.endswith("zip")
        else lay(tmp_path, "secret") / "secret"
    )
    folder = lay(tmp_path / "class", name.replace("lice", "nn").replace("11", "22").format("hw1.ipynb"))
    linked(folder, name.format(file), target)
    collection = collected(folder)

    assert 1 == len(collection.submissions)
    (reason,) = reasons(collection).values()
    assert f"{file} is a link" in reason


def test_a_students_own_notebook_is_graded_beside_a_link_that_is_told(tmp_path):
    folder = lay(tmp_path / "class", "ada/hw1.ipynb", "bob/hw1.ipynb")
    linked(folder, "ada/final.ipynb", "../bob/hw1.ipynb")
    collection = collected(folder)

    assert {"ada": "ada", "bob": "bob"} == people(collection)
    assert ["ada: final.ipynb is a link and was not followed. Hand in the notebook itself."] == list(collection.notes)
    assert () == collection.submissions[0].files


def test_pipes_below_a_folder_are_refused_unopened(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb")
    os.mkfifo(folder / "bob.ipynb")
    os.mkfifo(folder / "cyd.zip")
    said = reasons(collected(folder))

    assert {"bob", "cyd"} == set(said)
    assert "bob.ipynb is not an ordinary file" in said["bob"]


def test_a_folder_with_a_pipe_is_not_put_beside_a_notebook(tmp_path):
    folder = lay(tmp_path / "class", "ada/hw.ipynb", "ada/data/x.csv", "ada/more/y.csv", "bob/hw.ipynb")
    (folder / "ada/data/.hidden").mkdir()
    os.mkfifo(folder / "ada/data/.hidden/pipe")
    collection = collected(folder)

    assert ["more"] == [file.name for file in collection.submissions[0].files]
    assert any("pipe is not an ordinary file" in note and "without data/" in note for note in collection.notes)


def test_a_time_is_not_read_through_a_link(tmp_path):
    (tmp_path / "secret").write_text("password")
    folder = lay(tmp_path / "submitted", "ada/ps1/ps1.ipynb").parent / "submitted"
    linked(folder, "ada/ps1/timestamp.txt", tmp_path / "secret")
    collection = collected(folder)

    assert () == collection.notes
    assert collection.submissions[0].identity.submitted is None


def test_a_link_that_was_typed_is_followed_and_hides_nobody(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb", "bob.ipynb")
    mine = linked(tmp_path, "mine.ipynb", folder / "bob.ipynb")

    assert ["mine"] == list(people(collected(mine, folder / "bob.ipynb")))
    assert ["mine", "ada", "bob"] == list(people(collected(mine, folder)))


def test_a_zip_file_named_twice_is_graded_once(tmp_path):
    folder = tmp_path / "class"
    ada = zipped(folder / "ada.zip", ["hw1.ipynb"])
    zipped(folder / "bob.zip", ["hw1.ipynb"])

    assert ["ada", "bob"] == list(people(collected(ada, folder / ".." / "class" / "ada.zip", folder)))


def test_what_lies_beside_a_notebook_named_before_is_no_submission(tmp_path):
    folder = lay(tmp_path / "class", "ada/hw1.ipynb", "bob/hw1.ipynb")
    zipped(folder / "ada/data.zip", ["x.ipynb"])
    linked(folder, "ada/link.ipynb", "hw1.ipynb")
    collection = collected(folder / "ada/hw1.ipynb", folder)

    assert ["hw1", "bob"] == list(people(collection))
    assert () == collection.refused


# --- zip files of students ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("roster", [None, ROSTER], ids=["", "with a roster"])
def test_a_students_zip_in_a_flat_folder_hands_in_for_nobody_else(tmp_path, roster):
    folder = tmp_path / "class"
    zipped(folder / "mallory.zip", FORGED)
    zipped(folder / "bob.zip", ["hw1.ipynb"])
    collection = collected(folder, roster=roster)

    assert {"bob": "bob"} == people(collection)
    assert [("mallory", "mallory")] == [(one.name, one.student) for one in collection.refused]
    assert "mallory.zip is packed like a download of a class" in reasons(collection)["mallory"]


def test_one_notebook_with_a_name_of_canvas_in_a_students_zip_is_the_students(tmp_path):
    folder = tmp_path / "class"
    zipped(folder / "mallory.zip", FORGED[:1])
    zipped(folder / "bob.zip", ["hw1.ipynb"])
    collection = collected(folder, roster=ROSTER)

    assert {"mallory": "mallory", "bob": "bob"} == people(collection)
    assert {"7", "9"} == users(collection)


def test_a_download_that_is_all_there_is_in_a_folder_is_opened_as_one(tmp_path):
    folder = tmp_path / "class"
    zipped(folder / "submissions.zip", FORGED)

    assert {"bob_7", "kingada_111"} == set(people(collected(folder)))
    lay(folder, "notes.txt")
    assert ["submissions"] == list(reasons(collected(folder)))


def test_a_damaged_download_of_several_named_is_called_damaged(tmp_path):
    good, bad = (zipped(tmp_path / name, FORGED) for name in ("good.zip", "bad.zip"))
    raw = bad.read_bytes()
    bad.write_bytes(raw.replace(b"PK\3\4", b"PK\0\0", 1))
    collection = collected(good, bad)

    assert {"bob_7", "kingada_111"} == set(people(collection))
    assert "bad.zip cannot be unpacked" in reasons(collection)["bad"]


@pytest.mark.parametrize("raw", [b"", zip_bytes(["hw.pdf"])], ids=["broken", "without a notebook"])
def test_the_only_zip_in_a_folder_may_be_a_students_that_fails(tmp_path, raw):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.zip").write_bytes(raw)

    assert ["ada"] == list(reasons(collected(tmp_path / "class")))


def test_a_students_zip_has_a_students_bounds(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb")
    zipped(folder / "bob.zip", ["hw1.ipynb", *(f"{number}_1_{number}_x.txt" for number in range(OWN.files))])

    assert "more than 2,000 files" in reasons(collected(folder))["bob"]


# --- names inside a student's folder --------------------------------------------------------------------------------


@pytest.mark.parametrize("roster", [None, ROSTER], ids=["", "with a roster"])
@pytest.mark.parametrize("below", ["", "hw/", "submitted/"])
def test_names_in_one_students_folder_say_nothing_about_others(tmp_path, roster, below):
    folder = lay(tmp_path / "class", *(f"s{number}00/hw1.ipynb" for number in (2, 3, 4)))
    lay(folder / "s100", *(below + name for name in ("x_1_2_hw1.ipynb", FORGED[1])))
    collection = collected(folder, roster=roster)

    assert {"s100", "s200", "s300", "s400"} == set(people(collection).values())
    assert {""} == users(collection)


def test_a_minority_of_downloads_is_not_believed_where_folders_are_of_no_one(tmp_path):
    folder = lay(tmp_path / "class", "solution.ipynb", *(f"s{number}00/hw1.ipynb" for number in (2, 3, 4)))
    lay(folder / "s100", *FORGED)
    lay(folder / "s500/source", "x.ipynb")
    lay(folder / "s500/submitted/kingada/hw1", "hw1.ipynb", "timestamp.txt")

    assert {""} == users(collected(folder))
    assert "kingada" not in people(collected(folder)).values()


def test_folders_of_downloads_are_believed(tmp_path):
    folder = lay(tmp_path / "class", *(f"hw{part}/download/{name}" for part in (1, 2) for name in FORGED))

    assert {"7", "111"} == users(collected(folder))


def test_a_tower_of_folders_stops_nobody(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb", "m/" * 600 + "hw1.ipynb")

    assert {"ada", "hw1"} == set(people(collected(folder)))


# --- room -----------------------------------------------------------------------------------------------------------


def class_of_zips(tmp_path, **zips):
    folder = lay(tmp_path / "class", "ada/hw1.ipynb", "bob/hw1.ipynb")
    for name, raw in zips.items():
        (folder / "mallory").mkdir(exist_ok=True)
        (folder / "mallory" / f"{name}.zip").write_bytes(raw)
    return folder


def test_all_zip_files_of_a_student_share_one_budget(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.submissions.opening.OWN", SMALL)
    data = zip_bytes({"data.bin": b"\0" * 6_000})
    folder = class_of_zips(tmp_path, a=zip_bytes(["hw1.ipynb"]), b=data, c=data, d=zip_bytes(map(str, range(4))))
    collection = collected(folder)
    said = " ".join(collection.notes)

    assert "mallory" in people(collection).values()
    assert "b.zip" not in said
    assert "c.zip would grow far too large" in said
    assert "d.zip, with the student's other zip files, holds more than 5 files" in said


def test_what_broke_on_the_way_counts_too(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.bin": b"\0" * 6_000, "b.bin": b"1"})
    path.write_bytes(path.read_bytes().replace(b"PK\3\4", b"PK\0\0").replace(b"PK\0\0", b"PK\3\4", 1))
    spent = Spent()
    for _ in range(2):
        with pytest.raises(SubmissionError):
            unpack(path, tmp_path / "out", SMALL, spent)

    assert 6_000 == spent.total_bytes


def test_a_disk_without_room_for_one_students_zip_is_that_students_refusal(tmp_path, monkeypatch):
    folder = class_of_zips(tmp_path, a=zip_bytes(["hw1.ipynb"]), b=zip_bytes({"data.bin": b"\0" * 6_000}))
    usage = type("Usage", (), {"free": 100_005_000})
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    collection = collected(folder)

    assert {"ada": "ada", "bob": "bob"} == people(collection)
    assert "b.zip needs 6" in reasons(collection)["mallory"]
    assert not [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("number", "stops"), [(28, False), (13, True)], ids=["full", "not writable"])
def test_a_disk_that_fills_up_meanwhile_refuses_one_student(tmp_path, monkeypatch, number, stops):
    folder = class_of_zips(tmp_path, a=zip_bytes(["hw1.ipynb"]))

    def fail(archive, info):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("grader.submissions.unpacking._chunks", fail)
    if stops:
        with pytest.raises(OutputError):
            collected(folder)
    else:
        assert ["mallory"] == list(reasons(collected(folder)))
    shutil.rmtree(folder / "mallory")

    assert {"ada": "ada", "bob": "bob"} == people(collected(folder))
