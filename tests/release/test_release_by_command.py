"""`grade release`, typed in."""

import shutil

import pytest
from click.testing import CliRunner

from grader.cli.commands import commands


@pytest.fixture
def grade(tmp_path, monkeypatch):
    """Return what types a command in the folder with the assignments: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def typed(*words):
        done = CliRunner().invoke(commands, words, prog_name="grade", standalone_mode=True)
        return done.exit_code, done.stdout, done.stderr

    return typed


def test_its_help_says_what_it_makes_and_how_it_ends(grade):
    code, out, _ = grade("release", "--help")

    assert code == 0
    for word in ("--out", "--wheel", "--check", "--quick", "--assignments", "exit code"):
        assert word in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "No assignment called 'nowhere'"),
        (["my-homework", "--wheel", "nothing.whl"], "nothing.whl: no wheel"),
        (["my-homework", "--out", "submissions/my-homework-right.toml"], "is no folder"),
        ([], "Missing argument 'PATH...'"),
    ],
)
def test_a_wrong_command_ends_with_two_and_a_reason(grade, homework, words, said):
    code, out, err = grade("release", *words)

    assert (code, out) == (2, "")
    assert said in err


def test_an_assignment_that_is_broken_ends_with_two(grade, homework):
    (homework / "checks" / "test_q1_loss.py").write_text("def test(: pass", encoding="utf-8")
    code, _, err = grade("release", "my-homework")

    assert code == 2
    assert "test_q1_loss.py" in err


@pytest.mark.slow
def test_a_bundle_is_made_and_checked(grade, homework, tmp_path):
    code, out, err = grade("release", "my-homework", "--out", "here", "--quick", "--check")

    assert (code, out.split()) == (0, ["here/my-homework", "here/my-homework.zip"])
    assert "2 of 6 checks, 50 of 100 points" in err
    assert "works without the solution, and gives nothing away" in err


@pytest.mark.slow
def test_a_bundle_that_gives_something_away_ends_with_one(grade, kept, homework, tmp_path):
    _, made = kept
    shutil.copytree(made.folder, tmp_path / "bundle")
    (tmp_path / "bundle" / "notes.txt").write_text("factor-forgotten", encoding="utf-8")
    code, out, _ = grade("release", "--check", "bundle", "--quick")

    assert (code, out) == (1, "notes.txt: has 'factor-forgotten' of the variants\n")


@pytest.mark.slow
def test_a_bundle_alone_is_not_released_again(grade, kept):
    code, _, err = grade("release", str(kept[1].folder))

    assert code == 2
    assert "is a bundle already" in err
