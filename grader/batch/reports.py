"""Reports in the output folder: written once, and left as they are while they show what they should."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.batch.outcomes import Outcome
from grader.files import atomic_write
from grader.report import html

STAMP_BYTES = 100  # the comment at the end of a page


@dataclass(frozen=True, kw_only=True)
class Reports:
    """The reports below `out`; `loads` has every outcome come with its result, also one that is not written again."""

    out: Path
    loads: bool = False

    def write(self, outcome: Outcome) -> Outcome:
        """Write result and page of an outcome unless they are there; OutputError when that is not possible."""
        page = self.out / f"{outcome.submission.name}.html"
        if outcome.reused and self._is_there(page, outcome.stamp):
            return outcome.loaded if self.loads else outcome
        outcome = outcome.loaded
        if outcome.result is not None:
            atomic_write(_result_beside(page), outcome.result.model_dump_json(indent=2) + "\n")
            atomic_write(page, (outcome.page or html(outcome.result)) + _comment(outcome.stamp))
        return outcome

    def _is_there(self, page: Path, stamp: str) -> bool:
        """Whether the page is the one of that stamp: it is written last, after the result."""
        try:
            with page.open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - STAMP_BYTES))
                return file.read().endswith(_comment(stamp).encode()) and _result_beside(page).is_file()
        except OSError:
            return False


def _comment(stamp: str) -> str:
    return f"<!-- {stamp} -->\n" if stamp else ""


def _result_beside(page: Path) -> Path:
    return page.with_name(f"{page.name.removesuffix('.html')}.json")
