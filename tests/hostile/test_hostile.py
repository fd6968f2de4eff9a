"""No attack gains a point, reads a secret, leaves anything behind or harms others, and each gets a clear sentence."""

import csv
import json
import os
import secrets
import subprocess
import sys

import pytest
from hostile_attack import HONEST, attempt, marked_files, marked_processes, replaced, themes, write_notebook
from notebooks import part_of

THEMES = themes()
BATCH = (
    "read_secrets",
    "read_environments",
    "write_outside",
    "daemon",
    "kill_the_grader",
    "exit_at_once",
    "endless_loop",
    "memory_numpy",
)
ATTACKS = [case for found in THEMES.values() for case in part_of(found, every=3)]


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_fails(attack, school):
    assert attempt(attack, school).wrongs == ()


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_an_honest_student_after_an_attack_gets_full_points(theme, school):
    attempt(THEMES[theme][-1], school)
    outcome = attempt(HONEST, school)

    assert outcome.wrongs == ()
    assert outcome.result.score == 15


def test_names_are_unique():
    names = [attack.name for found in THEMES.values() for attack in found]

    assert len(set(names)) == len(names)


@pytest.mark.slow
def test_attackers_in_a_batch_harm_nobody_beside_them(school):
    marker = f"hst{secrets.token_hex(5)}"
    folder, reports = school.folder / "batch", school.folder / "reports"
    folder.mkdir()
    write_notebook(HONEST.host, folder / "honest.ipynb")
    attacks = {attack.name: attack for found in THEMES.values() for attack in found}
    for name in BATCH:
        cells = tuple(
            replaced(cell, school.names | {"marker": marker, "server_pid": "1"}) for cell in attacks[name].cells
        )
        write_notebook((*attacks[name].host, *cells), folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "grader", str(folder), "--assignment", "tiny", "--out", str(reports), "--quiet"]
    with school.surroundings():
        variables = os.environ | {"PYTHONPATH": school.names["reference_folder"]}
        done = subprocess.run(command, cwd=school.folder, env=variables, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    with (reports / "gradebook.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(BATCH) + 1
    results = {name: json.loads((reports / f"{name}.json").read_text()) for name in ("honest", *BATCH)}
    assert results["honest"]["score"] == 15
    assert {name: attacks[name].status for name in BATCH} == {
        name: results[name]["execution"]["status"] for name in BATCH
    }
    written = "".join(path.read_text(errors="replace") for path in reports.iterdir())  # the gradebook too
    assert [kind for kind, secret in school.secrets.items() if secret in written] == []
    assert marked_processes(marker) == []
    assert [path for path in marked_files(marker, school) if str(reports) not in path] == []
