"""The output folder is looked at before anything is graded."""

import pytest

from grader.batch import require_writable
from grader.errors import OutputError


def test_looking_at_the_output_folder_leaves_nothing_behind(tmp_path):
    require_writable(tmp_path / "new" / "reports")
    require_writable(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_cannot_be_made_is_said_before_anything_is_graded(tmp_path):
    (tmp_path / "reports").write_text("a file")

    with pytest.raises(OutputError, match=r"Cannot write in .*reports: File exists\. Choose another folder"):
        require_writable(tmp_path / "reports")


def test_an_output_folder_that_is_a_link_to_nothing_is_called_so(tmp_path):
    (tmp_path / "reports").symlink_to("nowhere")

    with pytest.raises(OutputError, match="reports: it is a link to 'nowhere', which does not lead to anything"):
        require_writable(tmp_path / "reports")
