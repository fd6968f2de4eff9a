"""`grade lint`: for each kind of finding an assignment that is broken in this one way."""

import json

import pytest
from made import NAME, change, grade

from grader.authoring import Level, lint, make


@pytest.fixture
def here(tmp_path):
    """An empty folder with a sound assignment in it, whose solution has a name of its own.

    Modules stay imported in this process, so two tests must not share one.
    """
    made = f"made-{abs(hash(tmp_path)):x}"
    make(made, None, tmp_path / "assignments")
    return Made(tmp_path, made)


class Made:
    """Where the files of a made assignment are."""

    def __init__(self, home, name):
        self.home, self.name, self.module = home, name, name.replace("-", "_")
        self.folder = home / "assignments" / name
        self.table, self.master = self.folder / "assignment.toml", self.folder / f"{name}.ipynb"
        self.q1, self.q2 = self.folder / "checks" / "test_q1_loss.py", self.folder / "checks" / "test_q2_gradient.py"
        self.reference = home / "reference" / f"{self.module}.py"
        self.variants = home / "reference" / f"{self.module}_variants.py"
        self.samples = home / "submissions"

    def found(self, **options):
        """Return what lint finds, by rule."""
        return {finding.rule: finding for finding in lint(self.folder, sealed=False, **options)}


# --- what is found by reading ---------------------------------------------------------------------------------------


def test_a_sound_assignment_has_nothing_to_mend(here):
    assert here.found(quick=True) == {}


READ = {
    "points": ("table", ("points = 40", "points = 45"), "q1 is worth 45 points, but its checks (40)"),
    "unknown-question": ("q1", ('"q1"', '"q3"'), "belongs to 'q3', which is no question."),
    "empty-question": ("q1", ('"q1"', '"q2"'), "q1 has no check and no review"),
    "no-docstring": ("q1", ('    """mse is right for five predictions"""\n', ""), "test_mse has no docstring"),
    "no-hint": ("q1", ("hint=HINT)", "hint='')"), "test_mse has no hint"),
    "not-in-master": ("q1", ('needs="mse"', 'needs="mean_squared"'), "needs `mean_squared`"),
    "broken": ("q1", ("import pytest", "import pytest_that_is_not_there"), "test_q1_loss.py"),
}


@pytest.mark.parametrize("rule", sorted(READ))
def test_reading_finds(rule, here):
    file, pair, words = READ[rule]
    change(getattr(here, file), pair)

    finding = here.found(quick=True)[rule]

    assert words in finding.what
    assert finding.level is Level.ERROR
    assert finding.remedy


def test_points_are_found_where_they_are_written(here):
    change(here.table, ("points = 40", "points = 45"))

    finding = here.found(quick=True)["points"]

    assert (finding.file, finding.line) == (here.table, here.table.read_text().splitlines().index('id = "q1"') + 1)


def test_a_check_is_found_where_it_is_written(here):
    change(here.q1, ('    """mse is right for five predictions"""\n', ""))

    finding = here.found(quick=True)["no-docstring"]

    assert finding.file == here.q1
    assert "test_mse" in "".join(here.q1.read_text().splitlines()[finding.line - 1 : finding.line + 1])


def test_a_total_that_is_not_100_is_a_note(here):
    change(here.table, ("points = 60", "points = 40"))
    change(here.q2, ("points=30", "points=20"))

    (finding,) = here.found(quick=True).values()

    assert (finding.rule, finding.level) == ("total", Level.NOTE)
    assert "80 points" in finding.what


def test_two_checks_of_the_same_title_are_found(here):
    change(here.q2, ("@pytest.mark.parametrize", "# @pytest.mark.parametrize"), ("rng, n)", "rng, n=3)"))
    change(here.q2, ("for other numbers of predictions", "for five predictions"))

    finding = here.found(quick=True)["same-title"]

    assert "so is test_gradient" in finding.what


def test_a_file_that_the_notebook_never_names_is_found(here):
    (here.folder / "houses.csv").write_text("1,2")
    change(here.table, ("variants =", 'files = ["houses.csv"]\nvariants ='))

    assert "'houses.csv'" in here.found(quick=True)["unused-file"].what


@pytest.mark.parametrize(
    ("file", "text"),
    [("table", "points ="), ("q2", "def test_("), ("reference", "import nothing_of_that_name"), ("master", "{")],
)
def test_what_cannot_be_read_at_all_is_one_finding(file, text, here):
    getattr(here, file).write_text(text)

    finding = here.found(quick=True)["broken"]

    assert finding.what


# --- what is found by grading -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_reference_that_fails_its_own_check_is_found(here):
    change(here.q1, ('check.same("mse", rng.normal(size=5), rng.normal(size=5))', "check.fail('never right')"))
    (here.samples / f"{here.name}-right.toml").unlink()

    found = here.found()

    assert "test_mse: the reference itself does not pass, nor does a sample" in found["reference-fails"].what
    assert "never right" in found["reference-fails"].what


@pytest.mark.slow
def test_a_check_that_breaks_is_found(here):
    change(here.q1, ('check.same("mse", rng.normal(size=5), rng.normal(size=5))', "1 / 0"))

    assert "ZeroDivisionError" in here.found()["check-breaks"].what


@pytest.mark.slow
def test_samples_that_come_to_another_result_are_found(here):
    change(here.samples / f"{here.name}-wrong.toml", ("score = 40", "score = 70"))
    change(here.samples / f"{here.name}-right.toml", ("[diagnoses]", '[diagnoses]\ntest_mse = "absolute"'))

    found = [finding.what for finding in lint(here.folder, sealed=False) if finding.rule == "sample"]

    assert sorted(found) == [
        f"{here.name}-right.ipynb: diagnoses: test_mse came to nothing, where absolute is expected.",
        f"{here.name}-wrong.ipynb: score is 40.0, where 70 is expected.",
    ]


@pytest.mark.slow
def test_points_for_the_notebook_as_handed_out_are_found(here):
    change(here.q1, ('needs="mse", ', ""), ('check.same("mse", rng.normal(size=5), rng.normal(size=5))', "pass"))

    assert "gives 20 points" in here.found()["passes-unanswered"].what


@pytest.mark.slow
def test_hidden_checks_that_leak_are_found(here):
    """A number of the answer in the hint, and one in the parameter that is part of the title."""
    change(
        here.q1,
        ('check.same("mse", rng.normal(size=n), rng.normal(size=n))', 'check.same("mse", [0.0], [12.5])'),
        ("hint=HINT, hidden=True)", 'hint="It is 156.25.", hidden=True)'),
    )
    change(
        here.q2,
        ('check.same("mse_gradient", rng.normal(size=n), rng.normal(size=n))', 'check.same("mse_gradient", [0], [n])'),
        ('[1, 50], ids=["one", "fifty"]', '[(617)], ids=["1234"]'),
    )

    found = [finding.what for finding in lint(here.folder, sealed=False) if finding.rule == "leak"]

    assert "test_mse_of_any_length[one] is hidden, but its hint has 156.25, a number it expects." in found
    assert "test_gradient_of_any_length[1234] is hidden, but its title has 1234, a number it expects." in found


@pytest.mark.slow
def test_numbers_that_say_nothing_about_the_answer_are_no_leak(here):
    change(here.q1, ("hint=HINT, hidden=True)", 'hint="Try 0.25, 100, 1 and 784 numbers.", hidden=True)'))

    assert "leak" not in here.found()


@pytest.mark.slow
def test_variants_that_no_check_tells_apart_are_found(here):
    change(
        here.variants,
        ("return np.sum((", "return np.mean(("),
        (f"return -{here.module}.mse_gradient(y, y_hat)", f"return {here.module}.mse_gradient(y, y_hat) * 0.5"),
    )

    found = {finding.rule: finding for finding in lint(here.folder, sealed=False) if "variant" in finding.rule}

    assert "`sum-for-mean` answers as the right `mse` does" in found["variant-right"].what
    assert "`sign` and `factor-forgotten` of `mse_gradient` answer alike" in found["variants-alike"].what
    assert found["variant-right"].line is not None


@pytest.mark.slow
def test_a_variant_nobody_asks_for_is_a_note(here):
    change(here.variants, ('    "mse",\n    "absolute"', '    "mae",\n    "absolute"'))

    finding = here.found()["variant-untried"]

    assert finding.level is Level.NOTE
    assert "`mae`" in finding.what


@pytest.mark.slow
def test_an_assignment_without_samples_is_a_note(here):
    for file in here.samples.iterdir():
        file.unlink()

    (finding,) = here.found().values()

    assert (finding.rule, finding.level) == ("no-sample", Level.NOTE)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_place_reason_and_way_out(tmp_path):
    make(NAME, None, tmp_path / "assignments")
    change(tmp_path / "assignments" / NAME / "assignment.toml", ("points = 40", "points = 45"))

    code, out, err = grade("lint", "--quick", NAME, cwd=tmp_path)

    assert (code, err) == (1, "")
    assert out.splitlines()[0].startswith(f"assignments/{NAME}/assignment.toml:10: error: q1 is worth 45 points")
    assert out.splitlines()[1].startswith("  Set `points = 40`")
    assert out.splitlines()[-1] == f"{NAME}: 1 error, 1 note"


def test_findings_as_json(tmp_path):
    make(NAME, None, tmp_path / "assignments")
    change(tmp_path / "assignments" / NAME / "assignment.toml", ("points = 40", "points = 45"))

    code, out, _ = grade("lint", "--quick", "--json", "assignments", cwd=tmp_path)
    first = json.loads(out)[0]

    assert code == 1
    assert set(first) == {"assignment", "rule", "level", "file", "line", "what", "remedy"}
    assert (first["assignment"], first["rule"], first["level"]) == (NAME, "points", "error")


@pytest.mark.parametrize("word", ["nowhere", "empty", ""])
def test_what_is_no_assignment_is_a_wrong_command(word, tmp_path):
    make(NAME, None, tmp_path / "assignments")
    (tmp_path / "empty").mkdir()

    code, out, err = grade("lint", "--quick", word, cwd=tmp_path)

    assert (code, out) == (2, "")
    assert err.startswith("Error: ")


def test_an_assignment_of_an_earlier_name_is_linted_from_inside_its_folder(tmp_path):
    make(NAME, None, tmp_path / "assignments")

    assert grade("lint", "--quick", ".", cwd=tmp_path / "assignments" / NAME)[0] == 0
