"""Reports in the output folder: written once, and left as they are while they show what they should."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from grader.batch.outcomes import Outcome
from grader.files import atomic_write
from grader.results import Result

STAMP_BYTES = 100  # the comment at the end of a page


@dataclass(frozen=True, kw_only=True)
class Reports:
    """The reports below `out`; `loads` has every outcome come with its result, also one that is not written again."""

    out: Path
    loads: bool = False

    def write(self, outcome: Outcome) -> Outcome:
        """Write result and page of an outcome unless they are there; OutputError when that is not possible."""
        if outcome.reused:
            return outcome.loaded if self.loads else outcome
        page = self._page(outcome)
        if outcome.result is not None:
            atomic_write(_result_beside(page), outcome.result.model_dump_json(indent=2) + "\n")
            atomic_write(page, (outcome.page or _made(outcome.result)) + _comment(outcome.stamp))
        return outcome

    def are_there(self, outcome: Outcome) -> bool:
        """Whether result and page of an outcome are as they would be written now: the page is written last."""
        page = self._page(outcome)
        if self.loads and outcome.loaded.result is None:
            return False
        try:
            with page.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - STAMP_BYTES))
                return file.read().endswith(_comment(outcome.stamp).encode()) and _result_beside(page).is_file()
        except OSError:
            return False

    def _page(self, outcome: Outcome) -> Path:
        return self.out / f"{outcome.submission.name}.html"


def _made(result: Result) -> str:
    """Return the page of a result that no worker has seen."""
    from grader.report import html

    return html(result)


def _comment(stamp: str) -> str:
    return f"<!-- {stamp} -->\n" if stamp else ""


def _result_beside(page: Path) -> Path:
    return page.with_name(f"{page.name.removesuffix('.html')}.json")
