"""Grades every attack of `tests/hostile` and prints what it tried, the verdict it got, and how long that took.

    python bench/hostile.py [WORD ...] [--verbose]

With words, only attacks with one of them in their theme or name are graded. The exit code is 1 when one has succeeded.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LONG = 4_000  # characters


def main() -> None:
    """Grade and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--verbose", action="store_true", help="print what the cells printed, and what a student reads")
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "hostile")]
    warnings.simplefilter("ignore")
    from hostile_attack import School, attempt, themes

    succeeded = 0
    print("| attack | what it tries | verdict | points | seconds |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, School(Path(folder)).open() as school:
        for theme, attacks in themes().items():
            for attack in attacks:
                if options.words and not any(word in f"{theme}-{attack.name}" for word in options.words):
                    continue
                outcome = attempt(attack, school)
                succeeded += bool(outcome.wrongs)
                print(row(f"{theme}: {attack.name}", attack.what, outcome), flush=True)
                if options.verbose:
                    tell(outcome)
    sys.exit(min(succeeded, 1))


def row(name: str, what: str, outcome: Any) -> str:
    """Return an attack as a line of a table."""
    verdict = "**succeeded**" if outcome.wrongs else f"failed ({outcome.result.execution.status})"
    points = f"{outcome.result.score:g} of {outcome.result.max_score:g}"
    cells = [name.replace("_", " "), what, verdict, points, f"{outcome.seconds:.1f}"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def tell(outcome: Any) -> None:
    """Print everything about an attack."""
    from hostile_attack import printed, reading

    for title, text in (
        ("must not be", "\n".join(outcome.wrongs)),
        ("printed", printed(outcome.result)),
        ("the student reads", reading(outcome.result)),
    ):
        print(f"--- {title}\n{text[:LONG]}")
    print()


if __name__ == "__main__":
    main()
