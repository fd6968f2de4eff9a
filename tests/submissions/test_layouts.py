"""The layouts people have are recognised by the names in them."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from submissions_made import collected, lay, people, reasons, zip_bytes, zipped

from grader import bundle
from grader.entries import Identity
from grader.errors import OutputError, UsageError
from grader.submissions import find_notebooks, named
from grader.submissions.places import BUNDLE, MANIFEST

CANVAS = (
    "smithalice_12345_678901_hw1.ipynb",
    "okaforben_LATE_12399_678902_hw1-2.ipynb",
    "王伟_LATE_77_88_作业1.ipynb",
    "LATE_anon_x7Yz1_678903_hw1.ipynb",
)
MOODLE = (
    "Alice Smith_11_assignsubmission_file/hw1.ipynb",
    "Ben Okafor_12_assignsubmission_file/hw1.ipynb",
    "Zoë Ray_13_assignsubmission_file/my solution.ipynb",
)


def identities(collection):
    return {one.name: one.identity for one in collection.submissions}


def files(collection):
    return {one.name: sorted(file.name for file in one.files) for one in collection.submissions}


# --- flat -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ("ada.ipynb", "bob.ipynb", "notes.txt"),
        ("ada.ipynb", "late/cyd.IPYNB", "late/ada.ipynb", "late/index.ipynb", "late/e\u0301.ipynb"),
        ("smithalice_1_2_hw.ipynb", "bob.ipynb", "cyd.ipynb"),
        ("Alice Smith_1_assignsubmission_file_hw.ipynb", "bob.ipynb", "cyd.ipynb"),
        ("hw_01_02_ada.ipynb", "hw_01_03_bob.ipynb"),
        ("ada_1_5_hw.ipynb", "bob_2_5_hw.ipynb"),
        ("ada_3_5_hw.ipynb", "bob_3_6_hw.ipynb", "cyd_4_7_hw.ipynb"),
        ("ada_2024_10_hw.ipynb", "bob_2024_10_hw.ipynb"),
        ("hw_1_2_ada.ipynb", "hw_1_3_bob.ipynb"),
        ("solution.ipynb", "ada/hw.ipynb", "bob/hw.ipynb"),
        ("section1/ada.ipynb", "section1/bob.ipynb", "section2/cyd.ipynb", "section2/dan.ipynb"),
        ("a/x.ipynb", "a.ipynb", "a-b.ipynb", ".hidden.ipynb", ".ipynb_checkpoints/a.ipynb", "__MACOSX/._a.txt"),
    ],
    ids=[
        *(
            "plain",
            "with a folder",
            "one like Canvas",
            "one like Moodle",
            "dates",
            "one attachment",
            "one user, two names",
        ),
        *("years", "one number", "a solution beside folders", "sections", "odd order"),
    ],
)
def test_notebooks_side_by_side_are_named_as_they_are(tmp_path, names):
    folder = lay(tmp_path / "class", *names)

    assert named(find_notebooks([folder])) == list(collected(folder).submissions)


def test_files_named_one_by_one_keep_their_order_and_names(tmp_path):
    folder = lay(tmp_path / "class", "b.ipynb", "a.ipynb", "more/c.ipynb", "more/notes.txt")
    paths = [folder / "b.ipynb", folder / "more" / "c.ipynb", folder / "a.ipynb", folder / "more" / "notes.txt"]

    assert named(paths) == list(collected(*paths).submissions)


def test_nothing_beside_a_notebook_in_a_flat_folder_is_given_to_it(tmp_path):
    collection = collected(lay(tmp_path / "class", "ada.ipynb", "bob.ipynb", "helper.py"))

    assert {"ada": [], "bob": []} == files(collection)


def test_a_notebook_is_graded_once(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb", "bob.ipynb")

    assert ["bob", "ada"] == [one.name for one in collected(folder / "bob.ipynb", folder).submissions]


def test_an_empty_folder_is_a_wrong_command(tmp_path):
    folder = lay(tmp_path / "class", "notes.txt")

    with pytest.raises(UsageError, match=r"class: no notebooks \(\*\.ipynb\)"):
        collected(folder)


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    folder = lay(tmp_path / "class", "ada.ipynb", "closed/bob.ipynb")
    scandir = os.scandir

    def refuse(place):
        if str(place).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr("os.scandir", refuse)
    collection = collected(folder)

    assert ["ada"] == [one.name for one in collection.submissions]
    assert [str(folder / "closed")] == [error.filename for error in collection.unreadable]
    with pytest.raises(UsageError, match="cannot be read"):
        collected(folder / "closed")


def test_pipes_are_not_waited_for(tmp_path):
    folder = lay(tmp_path / "class", "ada/hw.ipynb", "bob/hw.ipynb")
    lay(tmp_path, "submitted/ada/ps1/ps1.ipynb")
    os.mkfifo(folder / "ada" / "pipe")
    os.mkfifo(tmp_path / "submitted" / "ada" / "ps1" / "timestamp.txt")
    (folder / "cyd").mkdir()
    os.mkfifo(folder / "cyd" / "hw.zip")

    assert {"ada": [], "bob": []} == files(collected(folder))
    assert "not an ordinary file" in reasons(collected(folder))["cyd"]
    assert collected(tmp_path / "submitted").submissions[0].identity.submitted is None


def test_a_link_to_a_folder_is_not_followed_and_told(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb")
    (folder / "bob").symlink_to(lay(tmp_path / "elsewhere", "bob.ipynb"))
    (folder / "round").symlink_to(folder)
    collection = collected(folder)

    assert ["ada"] == [one.name for one in collection.submissions]
    assert 2 == sum("link to a folder" in note for note in collection.notes)


# --- a folder per student -------------------------------------------------------------------------------------------


def test_a_folder_per_student(tmp_path):
    folder = lay(
        tmp_path / "class",
        *("s1234/hw1.ipynb", "s1234/helper.py", "s1234/data/x.csv", "s1234/.secret", "Ben Okafor/hw1.ipynb"),
        *("cyd/solution.ipynb", "handouts/sheet.pdf"),
    )
    (folder / "s1234" / "answers").symlink_to("/etc")
    (folder / "s1234" / "passwd").symlink_to("/etc/passwd")
    collection = collected(folder)

    assert {"s1234": "s1234", "Ben_Okafor": "Ben Okafor", "cyd": "cyd"} == people(collection)
    assert {"s1234": ["data", "helper.py"], "Ben_Okafor": [], "cyd": []} == files(collection)
    assert Identity(id="s1234") == identities(collection)["s1234"]
    assert Identity(name="Ben Okafor") == identities(collection)["Ben_Okafor"]
    assert any("handouts: no notebook" in note for note in collection.notes)


def test_students_of_one_folder_name_in_two_groups_are_told_apart(tmp_path):
    folder = lay(tmp_path / "class", *(f"{group}/{who}/hw.ipynb" for group in ("a", "b") for who in ("ada", "bob")))
    collection = collected(folder)

    assert ["ada-hw", "bob-hw", "ada-hw-2", "bob-hw-2"] == list(people(collection).values())


def test_a_students_old_folder_does_not_hide_whose_it_is(tmp_path):
    folder = lay(tmp_path / "class", *(f"{who}/hw.ipynb" for who in ("ada", "bob", "cyd")), "ada/old/hw.ipynb")
    collection = collected(folder)

    assert {"ada-ada-hw": "ada", "ada-old-hw": "ada", "bob": "bob", "cyd": "cyd"} == people(collection)


@pytest.mark.parametrize("name", ["bundle.json", "data/bundle.json", "selfcheck.txt", "own/selfcheck/notes.txt"])
def test_a_file_called_like_one_of_a_bundle_leaves_no_student_out(tmp_path, name):
    folder = lay(tmp_path / "class", f"alice/{name}", "alice/hw.ipynb", "bob/hw.ipynb")
    collection = collected(folder)

    assert ["alice", "bob"] == sorted(one.name for one in collection.submissions)
    assert not any("left out" in note for note in collection.notes)


def test_of_a_bundle_handed_in_whole_the_folder_of_its_checks_is_left_out_and_told(tmp_path):
    folder = lay(tmp_path / "class", "alice/selfcheck/bundle.json", "alice/selfcheck/hw.ipynb", "alice/hw.ipynb")
    lay(folder, "bob/hw.ipynb")
    collection = collected(folder)

    assert ["alice", "bob"] == sorted(one.name for one in collection.submissions)
    assert [folder / "alice" / "hw.ipynb", folder / "bob" / "hw.ipynb"] == [one.path for one in collection.submissions]
    assert 1 == sum(f"{folder / 'alice' / 'selfcheck'} is what" in note for note in collection.notes)


def test_what_tells_a_bundle_is_what_a_bundle_has():
    assert (BUNDLE, MANIFEST) == (bundle.FOLDER, bundle.FILE)


# --- Canvas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "zip"])
def test_a_canvas_download(tmp_path, packed):
    folder = lay(tmp_path / "download", *CANVAS)
    collection = collected(zipped(tmp_path / "submissions.zip", CANVAS) if packed else folder)
    found = identities(collection)

    assert ["anon_x7Yz1", "okaforben_12399", "smithalice_12345", "王伟_77"] == sorted(found)
    assert (
        Identity(
            name="okaforben", canvas_user="12399", late=True, downloaded_as="okaforben_LATE_12399_678902_hw1-2.ipynb"
        )
        == found["okaforben_12399"]
    )
    assert not found["smithalice_12345"].late
    assert Identity(late=True, downloaded_as=CANVAS[3]) == found["anon_x7Yz1"]
    assert sorted(found) == sorted(people(collection).values())


def test_files_of_a_canvas_download_named_one_by_one_are_recognised(tmp_path):
    folder = lay(tmp_path / "download", *CANVAS)

    assert "smithalice_12345" in people(collected(*sorted(folder.iterdir())))


def test_downloads_side_by_side_are_recognised_each(tmp_path):
    folder = lay(tmp_path / "downloads", "hw1/smithalice_1_2_hw1.ipynb", "hw2/smithalice_1_3_hw2.ipynb")
    lay(folder, "hw3/submitted/ada/hw3/hw3.ipynb", "hw4/Ben Okafor_12_assignsubmission_file/hw4.ipynb")

    assert {
        "smithalice_1-hw1": "smithalice_1",
        "smithalice_1-hw2": "smithalice_1",
        "ada-hw3": "ada",
        "Ben_Okafor_12": "Ben Okafor",
    } == people(collected(folder))


def test_a_canvas_student_without_a_notebook_is_listed(tmp_path):
    folder = lay(tmp_path / "download", *CANVAS, "raymia_5_6_report.pdf", "raymia_5_7_text.html")
    collection = collected(folder)

    assert {
        "raymia_5": "There is no notebook (*.ipynb) in what was handed in: raymia_5_6_report.pdf, raymia_5_7_text.html."
    } == reasons(collection)
    assert "5" == collection.refused[0].identity.canvas_user


def test_a_notebook_of_the_instructor_among_a_download_is_a_submission_of_its_own(tmp_path):
    folder = lay(tmp_path / "download", *CANVAS, "solution.ipynb")

    assert "solution" == people(collected(folder))["solution"]


def test_what_a_canvas_student_handed_in_beside_a_notebook_keeps_the_students_names(tmp_path):
    others = ("helper-1.py", "data.csv", "..", ".hidden", "weights.zip")
    names = ["raymia_5_60_hw1-1.ipynb", *(f"raymia_5_{61 + number}_{name}" for number, name in enumerate(others))]
    folder = lay(tmp_path / "download", *CANVAS, *names, **{names[1]: "import numpy"})
    (folder / "raymia_5_70_link.txt").symlink_to("/etc/passwd")
    (mine,) = [one for one in collected(folder).submissions if one.name == "raymia_5"]

    assert folder / names[0] == mine.path
    assert ["data.csv", "helper-1.py", "helper.py", "weights.zip"] == [file.name for file in mine.files]
    assert ["import numpy"] * 2 == [file.read_text() for file in mine.files if file.suffix == ".py"]


def copying_fails(monkeypatch, number):
    def fail(source, target):
        raise OSError(number, os.strerror(number), str(source))

    monkeypatch.setattr("shutil.copyfile", fail)


def test_a_file_that_cannot_be_copied_is_told_and_stops_nobody(tmp_path, monkeypatch):
    folder = lay(tmp_path / "download", *CANVAS, "smithalice_12345_9_helper.py")
    copying_fails(monkeypatch, errno.EACCES)
    collection = collected(folder)

    assert {()} == {one.files for one in collection.submissions}
    assert any("smithalice_12345 is graded without it" in note for note in collection.notes)


def test_a_full_disk_is_the_graders_trouble(tmp_path, monkeypatch):
    folder = lay(tmp_path / "download", *CANVAS, "smithalice_12345_9_helper.py")
    copying_fails(monkeypatch, errno.ENOSPC)

    with pytest.raises(OutputError, match="No space left"):
        collected(folder)


def test_what_a_moodle_student_handed_in_without_folders_keeps_the_students_names(tmp_path):
    names = ["Alice Smith_11_assignsubmission_file_hw.ipynb", "Alice Smith_11_assignsubmission_file_my data.csv"]
    (one,) = collected(lay(tmp_path / "download", *names)).submissions

    assert ["my data.csv"] == [file.name for file in one.files]


def test_a_student_who_only_typed_something_into_canvas_is_listed(tmp_path):
    folder = lay(tmp_path / "download", *CANVAS, "raymia_5_text.html", "leeann_LATE_6_link.html")

    assert ["leeann_6", "raymia_5"] == list(reasons(collected(folder)))


def test_a_students_own_zip_in_a_canvas_download(tmp_path):
    own = zip_bytes({"hw/hw1.ipynb": "{}", "hw/helper.py": "", "hw/data/x.csv": "", "__MACOSX/hw/._hw1.ipynb": ""})
    zips = {**dict.fromkeys(CANVAS, "{}"), "raymia_5_6_hw1.zip": own}
    collection = collected(zipped(tmp_path / "submissions.zip", zips))

    assert ["data", "helper.py"] == files(collection)["raymia_5"]
    assert "raymia_5_6_hw1.zip" == identities(collection)["raymia_5"].downloaded_as
    assert "5" == identities(collection)["raymia_5"].canvas_user


def test_of_two_zips_of_a_student_the_newest_is_opened(tmp_path):
    folder = lay(tmp_path / "download", *CANVAS)
    for number, name in ((6, "hw1.zip"), (7, "hw1-1.zip")):
        (folder / f"raymia_5_{number}_{name}").write_bytes(zip_bytes({"hw1.ipynb": f"[{number}]"}))
    (mine,) = [one for one in collected(folder).submissions if one.name == "raymia_5"]

    assert "[7]" == mine.path.read_text()


# --- Moodle ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", ["", "_"], ids=["since 4.1", "before 4.1"])
@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "zip"])
def test_a_moodle_download_of_folders(tmp_path, packed, old):
    names = [name.replace("_file/", f"_file{old}/") for name in MOODLE]
    names += [
        f"Alice Smith_11_assignsubmission_file{old}/data/x.csv",
        f"Participant_9_assignsubmission_file{old}/a.ipynb",
    ]
    names += ["Alice Smith_11_assignsubmission_onlinetext/onlinetext.html"]
    folder = lay(tmp_path / "download", *names)
    collection = collected(zipped(tmp_path / "course-hw1-12.zip", names) if packed else folder)

    assert {
        "Alice_Smith_11": "Alice Smith",
        "Ben_Okafor_12": "Ben Okafor",
        "Zoë_Ray_13": "Zoë Ray",
        "Participant_9": "Participant 9",
    } == people(collection)
    assert (
        Identity(name="Alice Smith", moodle_participant="11", downloaded_as=names[0])
        == (identities(collection)["Alice_Smith_11"])
    )
    assert "" == identities(collection)["Participant_9"].name
    assert ["data"] == files(collection)["Alice_Smith_11"]


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "zip"])
def test_a_moodle_download_without_folders(tmp_path, packed):
    names = [name.replace("_file/", "_file_") for name in MOODLE]
    folder = lay(tmp_path / "download", *names, "Alice Smith_11_assignsubmission_file_notes.txt")
    collection = collected(zipped(tmp_path / "course-hw1-12.zip", names) if packed else folder)

    assert ["Alice_Smith_11", "Ben_Okafor_12", "Zoë_Ray_13"] == sorted(people(collection))
    assert names[0] == identities(collection)["Alice_Smith_11"].downloaded_as


def test_two_students_of_one_name_keep_their_own_work(tmp_path):
    collection = collected(lay(tmp_path / "download", *MOODLE, "Alice Smith_14_assignsubmission_file/hw1.ipynb"))

    assert "Alice Smith_11" == people(collection)["Alice_Smith_11"]
    assert "Alice Smith_14" == people(collection)["Alice_Smith_14"]


def test_a_student_who_only_wrote_online_text_is_listed(tmp_path):
    folder = lay(tmp_path / "download", *MOODLE, "Mia Ray_15_assignsubmission_onlinetext/onlinetext.html")

    assert {"Mia Ray": "There is no notebook (*.ipynb) in what was handed in: onlinetext.html."} == (
        reasons(collected(folder))
    )


# --- nbgrader -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["course", "course/submitted"])
def test_nbgraders_folders(tmp_path, given):
    stamp = "2025-03-02 14:58:23.948203 UTC"
    names = [f"submitted/{who}/ps1/problem{part}.ipynb" for who in ("ada", "bob") for part in (1, 2)]
    course = lay(tmp_path / "course", *names, "submitted/ada/ps2/ps2.ipynb", "source/ps1/problem1.ipynb")
    lay(course, "submitted/ada/ps1/timestamp.txt", **{"submitted/ada/ps1/timestamp.txt": stamp})
    lay(course, "submitted/ada/ps1/data.csv", "nbgrader_config.py")
    collection = collected(tmp_path / given)
    ada = identities(collection)["ada-ps1-problem1"]

    assert {
        "ada-ps1-problem1": "ada",
        "ada-ps1-problem2": "ada",
        "ada-ps2": "ada",
        "bob-ps1-problem1": "bob",
        "bob-ps1-problem2": "bob",
    } == people(collection)
    assert datetime(2025, 3, 2, 14, 58, 23, 948203, UTC) == ada.submitted
    assert ("ada", "ada/ps1/problem1.ipynb") == (ada.id, ada.downloaded_as)
    assert ["data.csv", "problem2.ipynb"] == files(collection)["ada-ps1-problem1"]


@pytest.mark.parametrize("given", ["ada", "ada/ps1"])
def test_one_student_of_nbgrader_is_known_by_the_folders_above(tmp_path, given):
    lay(tmp_path, "submitted/ada/ps1/ps1.ipynb", "submitted/bob/ps1/ps1.ipynb")
    (one,) = collected(tmp_path / "submitted" / given).submissions

    assert ("ada-ps1", "ada", "ada/ps1/ps1.ipynb") == (one.name, one.student, one.identity.downloaded_as)


def test_a_time_that_is_none_is_told_and_left_open(tmp_path):
    lay(tmp_path, "submitted/ada/ps1/ps1.ipynb", "submitted/ada/ps1/timestamp.txt")
    collection = collected(tmp_path / "submitted")

    assert collection.submissions[0].identity.submitted is None
    assert any("'{}' is no time" in note for note in collection.notes)


def test_nbgraders_folders_in_a_zip_file(tmp_path):
    names = [f"submitted/{who}/ps1/ps1.ipynb" for who in ("ada", "bob")]

    assert {"ada-ps1": "ada", "bob-ps1": "bob"} == people(collected(zipped(tmp_path / "all.zip", names)))


def test_a_student_of_nbgrader_without_a_notebook_is_listed(tmp_path):
    folder = lay(tmp_path / "submitted", "ada/ps1/ps1.ipynb", "bob/ps1/ps1.pdf").parent / "submitted"

    assert ["bob"] == list(reasons(collected(folder)))


# --- nothing is lost ------------------------------------------------------------------------------------------------

FOLDERS = st.sampled_from(
    [
        "a",
        "b",
        "s1",
        "Ann Ray",
        "submitted",
        "hw1",
        "Ann Ray_11_assignsubmission_file",
        "Bo_1_assignsubmission_file_",
    ]
)
FILES = st.sampled_from(
    [
        *(
            "hw1.ipynb",
            "hw2.ipynb",
            "x.IPYNB",
            "hw1-1.ipynb",
            "notes.txt",
            "timestamp.txt",
            "a.zip",
            "bad.zip",
            "two.zip",
        ),
        *("annray_5_50_hw1.ipynb", "annray_5_51_hw1-1.ipynb", "boli_LATE_6_52_hw1.ipynb", "cyd_7_53_x.pdf"),
        *("Ann Ray_11_assignsubmission_file_hw1.ipynb", "Bo_12_assignsubmission_file_a.zip", "cyd_7_54_a.zip"),
    ]
)
ZIPS = {"a.zip": zip_bytes(["in/hw1.ipynb", "x.py"]), "two.zip": zip_bytes(["hw1.ipynb", "hw2.ipynb"])}
TREES = st.lists(st.tuples(st.lists(FOLDERS, max_size=3), FILES), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(TREES)
@example([(["a"], "hw1.ipynb"), (["a"], "a.zip"), (["b"], "hw1.ipynb"), ([], "two.zip")])
def test_whatever_the_folders_no_notebook_is_lost_and_no_two_reports_are_called_alike(tree):
    with TemporaryDirectory() as name:
        folder = Path(name, "class")
        for parents, file in tree:
            path = folder.joinpath(*parents, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(next((raw for end, raw in ZIPS.items() if file.endswith(end)), b"{}"))
        try:
            collection = collected(folder)
        except UsageError:
            assert not list(folder.rglob("*.[iI][pP]*")) and not list(folder.rglob("*.zip"))
            return
        graded = {one.path for one in collection.submissions}
        names = [one.name.casefold() for one in (*collection.submissions, *collection.refused)]
        said = " ".join(collection.notes)

        assert len(names) == len(set(names))
        assert all(one.is_file() for one in graded)
        for notebook in folder.rglob("*.[iI][pP]*"):
            assert notebook in graded or notebook.name in said
        refused = {one.path for one in collection.refused}
        told = said + " ".join(one.reason for one in collection.refused)
        opened = any("scratch" in one.parts for one in graded)
        for archive in folder.rglob("*.zip"):  # beside a notebook it is data
            data = any(set(archive.parents) & set(one.parents) - set(folder.parents) for one in graded)
            assert opened or data or archive.name in told or refused & {archive, *archive.parents}
