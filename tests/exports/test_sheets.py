"""A CSV file comes back byte for byte but for the cells that were changed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.exports.sheets import decimal_comma, parse, read_sheet

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=4)

FILES = {
    "plain": b"a,b\n1,2\n",
    "no end of the last line": b"a,b\n1,2",
    "Windows": b'a,"b, c"\r\n1,\r\n',
    "an old Mac's": b"a,b\r1,2\r",
    "mixed ends": b"a,b\r\n1,2\n3,4\r",
    "blank lines": b"a,b\n\n1,2\n\n",
    "short rows": b"a,b,c\n1\n",
    "quotes in quotes": b'a,"say ""hi"""\n',
    "quotes inside a cell": b'a,b "c" d\n',
    "text behind quotes": b'"a"b,c\n',
    "line in a cell": b'a,"b\r\nc"\n1,2\n',
    "spaces": b" a , b \n",
    "semicolons": b'a;"b,c;d"\n1;2\n',
    "tabs": b"a\tb,c\n",
    "one column": b"a\n1\n",
    "byte-order mark": b"\xef\xbb\xbfa,b\n",
    "not UTF-8": b"a,M\xfcller\n",
    "bytes of no encoding": b"a,\x81\n",
    "UTF-16": "a,b\nž,2\n".encode("utf-16"),
    "nothing": b"",
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_what_is_not_changed_comes_back_as_it_was(data):
    assert data == parse(data).content()


@given(TABLES, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_cells_mean_what_the_csv_module_reads(table, delimiter, end, quoted):
    file = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([["x", "y", "z"], *table])
    sheet = parse(file.getvalue().encode())

    assert [["x", "y", "z"], *table] == [row.values for row in sheet.rows]
    assert file.getvalue().encode() == sheet.content()


@given(TABLES, CELLS, st.integers(0, 3), st.integers(0, 5))
def test_a_changed_cell_reads_back_and_no_other_is_touched(table, value, row, column):
    file = io.StringIO()
    csv.writer(file).writerows([["x", "y", "z"], *table])
    row = min(row, len(table))
    changed = parse(file.getvalue().encode()).changed({(row, column): value})
    again = [one.values for one in parse(changed.content()).rows]
    wanted = [["x", "y", "z"], *map(list, table)]
    wanted[row] += [""] * (column + 1 - len(wanted[row]))
    wanted[row][column] = value

    assert wanted == again


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (b"a,b\r\n1,2\r\n", "17.50", b"a,b\r\n1,17.50\r\n"),
        (b'a,b\n1,"2"\n', "17.50", b'a,b\n1,"17.50"\n'),
        (b"a,b\n1,2\n", "x,y", b'a,b\n1,"x,y"\n'),
        (b"a;b\n1;2\n", "17,50", b"a;b\n1;17,50\n"),
        (b"a,b\n1\n", "3", b"a,b\n1,3\n"),
        (b"a,M\xfcller\n1,2\n", "σ ü", b"a,M\xfcller\n1,? \xfc\n"),
    ],
    ids=["line's end", "quotes", "a comma", "decimal comma", "short row", "a character the file cannot hold"],
)
def test_a_cell_is_written_in_the_manner_of_the_file(before, value, after):
    assert after == parse(before).changed({(1, 1): value}).content()


BROKEN = {
    "an open quote": (b'a,b\n1,"2\n', "the quote in line 2 is never closed"),
    "a spreadsheet": (b"PK\x03\x04...", "it is a spreadsheet or a zip file"),
    "half of UTF-16": (b"\xff\xfea", "not a CSV file"),
}


@pytest.mark.parametrize(("data", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_is_no_table_is_refused_by_name(data, reason, tmp_path):
    path = tmp_path / "grades.csv"
    path.write_bytes(data)

    with pytest.raises(UsageError, match=reason) as error:
        read_sheet(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nowhere\.csv: cannot be read \(No such file"):
        read_sheet(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("numbers", "comma"),
    [(["17,50", "", "Yes"], True), (["17.50", "3,5"], False), (["17.50"], False), (["17"], False), ([], False)],
)
def test_a_decimal_comma_is_one_that_no_point_contradicts(numbers, comma):
    assert decimal_comma(numbers) is comma
