"""Zip files from strangers: nothing leaves the folder, nothing grows past its bound, nothing stops the class."""

import os
import random
import stat
import struct
import zlib
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from submissions_made import collected, lay, locked, people, reasons, zip_bytes, zipped

from grader.errors import OutputError, SubmissionError, UsageError
from grader.submissions.unpacking import OWN, Bounds, names_in, unpack

SMALL = Bounds(files=20, total_bytes=100_000, ratio=10, small_bytes=5_000)


def there(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def link(name, target="/etc/passwd", kind=stat.S_IFLNK):
    info = ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info, target


ESCAPES = {
    "up": ("../evil.ipynb", "leads out"),
    "up inside": ("a/../../evil.ipynb", "leads out"),
    "up with backslashes": ("..\\..\\evil.ipynb", "leads out"),
    "absolute": ("/var/evil.ipynb", "does not start in the folder"),
    "a share": ("\\\\server\\share\\evil.ipynb", "does not start in the folder"),
    "a drive": ("C:\\evil.ipynb", "does not start in the folder"),
    "a device": ("a/con.ipynb", "like a device"),
    "a device with a space": ("COM1 .txt", "like a device"),
    "deep": ("a/" * 40 + "b.ipynb", "folders deep"),
    "long": ("/".join(["x" * 150] * 12), "too long"),
}


@pytest.mark.parametrize(("name", "reason"), ESCAPES.values(), ids=ESCAPES.keys())
def test_an_entry_that_would_not_stay_inside_is_left_out(tmp_path, name, reason):
    path = zipped(tmp_path / "hw.zip", [name, "hw.ipynb"])
    unpacked = unpack(path, tmp_path / "out" / "in", OWN)

    assert ["hw.ipynb"] == there(tmp_path / "out" / "in") == [Path(p).name for p in there(tmp_path / "out")]
    (sentence,) = unpacked.left_out
    assert reason in sentence


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO], ids=["link", "device", "pipe"])
def test_what_is_no_file_is_left_out(tmp_path, kind):
    path = tmp_path / "hw.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr(*link("hw.ipynb", kind=kind))
        archive.writestr(*link("folder", target="/etc", kind=kind))
        archive.writestr("folder/evil.ipynb", "{}")
    unpacked = unpack(path, tmp_path / "out", OWN)

    assert ["folder/evil.ipynb"] == there(tmp_path / "out")
    assert 2 == len(unpacked.left_out)


NAMES = {
    "backslashes": ("hw\\data\\x.csv", "hw/data/x.csv"),
    "signs Windows forbids": ('a<b>:"c|?*\n.ipynb', "a_b___c____.ipynb"),
    "another script": ("作业/王伟.ipynb", "作业/王伟.ipynb"),
    "a composed accent": ("Zoe\u0308.ipynb", "Zo\u00eb.ipynb"),
    "a dot": ("./a/./b.ipynb", "a/b.ipynb"),
    "two slashes": ("a//b.ipynb", "a/b.ipynb"),
}


@pytest.mark.parametrize(("name", "place"), NAMES.values(), ids=NAMES.keys())
def test_names_are_kept_as_far_as_every_system_takes_them(tmp_path, name, place):
    unpack(zipped(tmp_path / "hw.zip", [name]), tmp_path / "out", OWN)

    assert [place] == there(tmp_path / "out")


def test_a_name_of_300_characters_is_cut_before_its_ending_and_remembered(tmp_path):
    names = [f"{'x' * 300}{last}.ipynb" for last in "ab"]
    unpacked = unpack(zipped(tmp_path / "hw.zip", names), tmp_path / "out", OWN)
    kept = there(tmp_path / "out")

    assert all(len(name) == 200 and name.endswith(".ipynb") for name in kept)
    assert {tmp_path / "out" / name for name in kept} == {path for path, _ in unpacked.renamed}
    assert set(names) == {name for _, name in unpacked.renamed}


@pytest.mark.parametrize(
    ("raw", "flag", "place"),
    [("Zoë.ipynb".encode(), 0, "Zoë.ipynb"), (b"Zo\x89.ipynb", 0, "Zoë.ipynb")],
    ids=["UTF-8 that does not say so", "a code page"],
)
def test_names_that_are_not_marked_as_utf_8_are_read(tmp_path, raw, flag, place):
    path = zipped(tmp_path / "hw.zip", ["?" * len(raw)])
    path.write_bytes(path.read_bytes().replace(b"?" * len(raw), raw))
    unpack(path, tmp_path / "out", OWN)

    assert [place] == there(tmp_path / "out")


def test_a_name_that_says_utf_8_and_is_none_is_a_broken_zip_file(tmp_path):
    path = zipped(tmp_path / "hw.zip", ["ëë.ipynb"])
    path.write_bytes(path.read_bytes().replace("ëë".encode(), b"\xff\xff\xff\xff"))

    with pytest.raises(SubmissionError, match=r"hw\.zip cannot be unpacked"):
        unpack(path, tmp_path / "out", OWN)


def test_of_two_files_in_one_place_the_first_is_kept(tmp_path):
    path = tmp_path / "hw.zip"
    with ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for name, text in (("a.ipynb", "1"), ("a.ipynb", "2"), ("b", "1"), ("b/c", "2")):
            archive.writestr(name, text)
    unpacked = unpack(path, tmp_path / "out", OWN)

    assert ["a.ipynb", "b"] == there(tmp_path / "out")
    assert "1" == (tmp_path / "out" / "a.ipynb").read_text()
    assert 2 == len(unpacked.left_out)


# --- bombs ----------------------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    path = zipped(tmp_path / "hw.zip", {"a.ipynb": b"\0" * 90_000})

    with pytest.raises(SubmissionError, match=r"hw\.zip would grow far too large"):
        unpack(path, tmp_path / "out", SMALL)
    assert not (tmp_path / "out").exists()


def test_a_large_zip_file_is_refused_however_little_it_shrinks(tmp_path):
    path = zipped(tmp_path / "hw.zip", {"a.bin": random.Random(1).randbytes(110_000)})  # noqa: S311 - does not shrink

    with pytest.raises(SubmissionError, match="far too large"):
        unpack(path, tmp_path / "out", SMALL)


def test_a_small_file_may_shrink_as_far_as_it_likes(tmp_path):
    unpack(zipped(tmp_path / "hw.zip", {"zeros.npy": b"\0" * 4_900}), tmp_path / "out", SMALL)

    assert ["zeros.npy"] == there(tmp_path / "out")


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path):
    path = zipped(tmp_path / "hw.zip", {"a.ipynb": b"\0" * 90_000})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 90_000), struct.pack("<I", 10)))

    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out", SMALL)
    assert not (tmp_path / "out").exists()


def test_entries_that_share_their_bytes_count_each(tmp_path):
    data = random.Random(1).randbytes(30_000)  # noqa: S311 - does not shrink
    path = overlapping(tmp_path / "hw.zip", data, copies=15)

    with pytest.raises(SubmissionError, match="far too large"):
        unpack(path, tmp_path / "out", SMALL)
    assert not (tmp_path / "out").exists()


def overlapping(path, data, copies):
    """Write a zip file whose list names one packed file many times."""
    one = ZipInfo("a.bin")
    with ZipFile(path, "w", ZIP_STORED) as archive:
        archive.writestr(one, data)
    raw = path.read_bytes()
    start, end = raw.find(b"PK\1\2"), raw.find(b"PK\5\6")
    listed = raw[start:end]
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, copies, copies, len(listed) * copies, start, 0)
    path.write_bytes(raw[:start] + listed * copies + tail)
    return path


def test_too_many_files_are_refused(tmp_path):
    with pytest.raises(SubmissionError, match="more than 20 files"):
        unpack(zipped(tmp_path / "hw.zip", map(str, range(21))), tmp_path / "out", SMALL)


def test_a_list_of_contents_that_is_too_long_is_not_even_read(tmp_path, monkeypatch):
    path = zipped(tmp_path / "hw.zip", [f"{number:0200}" for number in range(200)])
    monkeypatch.setattr("grader.submissions.unpacking.ZipFile", None)

    with pytest.raises(SubmissionError, match="more than 20 files"):
        names_in(path, SMALL)


def test_the_list_of_a_very_large_zip_file_is_found_too(tmp_path, monkeypatch):
    monkeypatch.setattr("zipfile.ZIP_FILECOUNT_LIMIT", 1)  # writes the records of large files
    path = zipped(tmp_path / "hw.zip", [f"{number:0200}" for number in range(200)])
    assert b"PK\6\6" in path.read_bytes()
    monkeypatch.setattr("grader.submissions.unpacking.ZipFile", None)

    with pytest.raises(SubmissionError, match="more than 20 files"):
        names_in(path, SMALL)


def test_a_disk_without_room_is_the_graders_trouble(tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 0})
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)

    with pytest.raises(OutputError, match=r"hw\.zip needs 2 bytes when unpacked"):
        unpack(zipped(tmp_path / "hw.zip", ["a.ipynb"]), tmp_path / "out", OWN)


def test_a_scratch_folder_that_cannot_be_written_is_the_graders_trouble(tmp_path):
    (tmp_path / "out").write_text("in the way")

    with pytest.raises(OutputError, match="cannot be unpacked into"):
        unpack(zipped(tmp_path / "hw.zip", ["a.ipynb"]), tmp_path / "out" / "in", OWN)


# --- broken ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
def test_a_damaged_zip_file_is_refused_and_nothing_is_left(tmp_path, way):
    path = tmp_path / "hw.zip"
    with ZipFile(path, "w", way) as archive:
        archive.writestr("a.ipynb", "{}" * 500)
    raw = bytearray(path.read_bytes())
    raw[45:60] = bytes(byte ^ 0x55 for byte in raw[45:60])
    path.write_bytes(raw)

    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out", OWN)
    assert not (tmp_path / "out").exists()


def test_an_unknown_way_of_packing_is_said(tmp_path):
    path = zipped(tmp_path / "hw.zip", ["a.ipynb"])
    raw = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        struct.pack_into("<H", raw, raw.find(mark) + place, 99)
    path.write_bytes(raw)

    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out", OWN)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_is_a_crash(tmp_path, data):
    raw = bytearray(zip_bytes({"hw.ipynb": "{}" * 40, "a/b.txt": "text", "ë": "x"}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "hw.zip"
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw)
    folder = fresh(tmp_path)
    try:
        unpack(path, folder, SMALL)
    except SubmissionError:
        assert not folder.exists()


PARTS = st.one_of(
    st.sampled_from(
        ["..", ".", "", "/", "\\", "C:", "con", "a", "a.ipynb", "x" * 300, "é" * 150, "nul.txt", "\0", "~"]
    ),
    st.text(max_size=20),
)
ENTRY_NAMES = st.lists(PARTS, min_size=1, max_size=8).flatmap(
    lambda parts: st.sampled_from(["/", "\\", ""]).map(lambda between: between.join(parts))
)
KINDS = st.sampled_from([0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR, stat.S_IFCHR])
ENTRIES = st.lists(st.tuples(ENTRY_NAMES, KINDS, st.integers(0, 30_000), st.booleans()), max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENTRIES)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_zip_file_writes_outside_or_past_its_bounds(tmp_path, entries):
    path = tmp_path / "hw.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, kind, size, dense in entries:
            info, _ = link(name.encode("utf-8", "replace").decode(), kind=kind)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, os.urandom(size) if dense else b"\0" * size)
    folder = fresh(tmp_path)
    before = outside(tmp_path, folder)
    try:
        unpack(path, folder, SMALL)
    except SubmissionError:
        assert not folder.exists()
    inside = [found for found in folder.rglob("*") if folder.exists()]
    assert before == outside(tmp_path, folder)
    assert not any(found.is_symlink() for found in inside)
    assert sum(found.stat().st_size for found in inside if found.is_file()) <= SMALL.allowed_bytes(path.stat().st_size)
    assert sum(found.is_file() for found in inside) <= SMALL.files


def fresh(tmp_path):
    number = len(list((tmp_path / "outs").iterdir())) if (tmp_path / "outs").exists() else 0
    (tmp_path / "outs" / str(number)).mkdir(parents=True)
    return tmp_path / "outs" / str(number) / "in"


def outside(tmp_path, folder):
    return sorted(path for path in (*tmp_path.iterdir(), *folder.parent.iterdir()) if path != folder)


# --- in a class -----------------------------------------------------------------------------------------------------


def canvas_class(tmp_path, **zips):
    folder = lay(tmp_path / "download", "smithalice_1_11_hw1.ipynb", "okaforben_2_12_hw1.ipynb")
    for number, (who, raw) in enumerate(zips.items()):
        (folder / f"{who}_{number + 3}_{number + 13}_hw1.zip").write_bytes(raw)
    return folder


def test_a_refused_zip_is_its_students_verdict_and_no_one_elses(tmp_path):
    secret = locked(zipped(tmp_path / "secret.zip", ["hw1.ipynb"])).read_bytes()
    nested = zip_bytes({"inner.zip": zip_bytes(["hw1.ipynb"])})
    up = zip_bytes({"../hw1.ipynb": "{}"})
    bomb = zip_bytes({"hw1.ipynb": b"\0" * 60_000_000})
    folder = canvas_class(tmp_path, ann=b"no zip", bo=secret, cy=nested, di=up, ed=bomb, flo=zip_bytes(["hw1.pdf"]))
    collection = collected(folder)
    said = reasons(collection)

    assert {"smithalice_1", "okaforben_2"} == set(people(collection).values())
    assert "no zip file" in said["ann_3"]
    assert "locked with a password" in said["bo_4"]
    assert "holds another zip file, inner.zip" in said["cy_5"]
    assert "no notebook" in said["di_6"]
    assert "far too large" in said["ed_7"]
    assert "no notebook (*.ipynb) in what was handed in: ed" not in said["flo_8"]
    assert "hw1.pdf" in said["flo_8"]
    assert any("leads out of the folder" in note for note in collection.notes)
    assert "3" == collection.refused[0].identity.canvas_user


def test_zip_files_in_a_flat_folder_are_a_students_each(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb")
    zipped(folder / "bob.zip", ["hw/hw1.ipynb", "hw/helper.py"])
    zipped(folder / "cyd.zip", ["one.ipynb", "two.ipynb"])
    (folder / "dan.ZIP").write_bytes(b"")
    collection = collected(folder)

    assert {"ada": "ada", "bob": "bob", "cyd-one": "cyd", "cyd-two": "cyd"} == people(collection)
    assert ["dan"] == list(reasons(collection))
    assert ["helper.py"] == [file.name for one in collection.submissions if one.name == "bob" for file in one.files]


def test_a_download_among_notebooks_is_refused(tmp_path):
    folder = lay(tmp_path / "class", "ada.ipynb")
    zipped(folder / "all.zip", {"smithalice_1_11_hw1.ipynb": "{}", "okaforben_2_12_hw1.zip": zip_bytes(["hw1.ipynb"])})

    assert {"ada": "ada"} == people(collected(folder))
    assert "To grade a download, give the zip file itself." in reasons(collected(folder))["all"]


def test_a_download_inside_a_zip_file_is_refused(tmp_path):
    inner = zip_bytes(["smithalice_1_11_hw1.ipynb", "okaforben_2_12_hw1.ipynb"])
    collection = collected(zipped(tmp_path / "outer.zip", {"inner.zip": inner, "ada.ipynb": "{}", "bob.ipynb": "{}"}))

    assert {"ada": "ada", "bob": "bob"} == people(collection)
    assert "inner.zip is packed like a download of a class" in reasons(collection)["inner"]


def test_a_zip_file_beside_a_notebook_is_data(tmp_path):
    folder = lay(tmp_path / "class", "ada/hw.ipynb", "bob/hw.ipynb")
    (folder / "ada" / "data.zip").write_bytes(b"broken")
    collection = collected(folder)

    assert ["data.zip"] == [file.name for file in collection.submissions[0].files]
    assert () == collection.refused


def test_a_zip_file_of_a_flat_class_is_like_its_folder(tmp_path):
    assert {"ada": "ada", "bob": "bob"} == people(
        collected(zipped(tmp_path / "all.zip", ["x/ada.ipynb", "x/bob.ipynb"]))
    )


def test_a_zip_file_with_one_notebook_is_a_students(tmp_path):
    (one,) = collected(zipped(tmp_path / "ada.zip", ["hw1.ipynb", "x.csv"])).submissions

    assert ("ada", "ada", ["x.csv"]) == (one.name, one.student, [file.name for file in one.files])


BAD = {
    "broken": (b"PK\3\4 and no more", "no zip file"),
    "empty": (b"", "no zip file"),
    "without notebooks": (zip_bytes(["hw.pdf"]), "no notebooks"),
}


@pytest.mark.parametrize(("raw", "reason"), BAD.values(), ids=BAD.keys())
def test_a_zip_file_that_is_all_there_is_and_bad_is_a_wrong_command(tmp_path, raw, reason):
    (tmp_path / "all.zip").write_bytes(raw)

    with pytest.raises(UsageError, match=reason):
        collected(tmp_path / "all.zip")


def test_one_bad_zip_file_of_several_named_is_a_refusal(tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"")
    collection = collected(tmp_path / "bad.zip", zipped(tmp_path / "ada.zip", ["hw1.ipynb"]))

    assert {"ada": "ada"} == people(collection)
    assert ["bad"] == list(reasons(collection))


def test_names_with_dots_300_characters_and_bytes_that_are_no_text(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for raw in (b"..x..ipynb", b"a\xff.ipynb", b"y" * 249 + b".ipynb"):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))).write_text("{}")
    zipped(folder / "z.zip", ["q" * 300 + ".ipynb", "../../../up.ipynb"])
    collection = collected(folder)

    assert ["a", "yyy", "z"] == sorted(name[:3].rstrip("_-") for name in people(collection))
    assert all(student.isprintable() and student.encode() for student in people(collection).values())


def test_the_name_a_file_had_in_the_download_is_kept(tmp_path):
    long = f"smithalice_1_11_{'x' * 250}.ipynb"
    collection = collected(zipped(tmp_path / "all.zip", [long, "okaforben_2_12_hw1.ipynb"]))

    assert long in {one.identity.downloaded_as for one in collection.submissions}


def test_the_checksum_of_a_file_is_looked_at(tmp_path):
    path = zipped(tmp_path / "hw.zip", {"a.ipynb": "{}"})
    wrong = struct.pack("<I", zlib.crc32(b"{}") ^ 1)
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", zlib.crc32(b"{}")), wrong))

    with pytest.raises(SubmissionError, match="CRC"):
        unpack(path, tmp_path / "out", OWN)
