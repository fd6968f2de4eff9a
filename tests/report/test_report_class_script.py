"""What the script of the class page does in a browser, under the page's own policy."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
from base64 import b64encode

import pytest
from class_samples import check, entry, scored, ungraded
from report_reader import read

from grader.entries import Identity
from grader.report import class_html
from grader.results import Status

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PAGE_S = 60
HEAD = "[...document.querySelectorAll('.searchable thead th')].find((th) => th.textContent.startsWith('{}'))"
SEARCH = (
    "const input = document.querySelector('input'); input.value = '{}'; input.dispatchEvent(new Event('input'));"
    "setTimeout(() => document.body.dataset.done = 'yes', 500);"
)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here to open it in")]


@pytest.fixture
def opened(tmp_path):
    """Open a page, do something in it, and return what became of it."""

    def opened(page: str, action: str = "") -> str:
        digest = b64encode(hashlib.sha256(action.encode()).digest()).decode()
        page = page.replace("script-src ", f"script-src 'sha256-{digest}' ")
        path = tmp_path / "page.html"
        path.write_text(page.replace("</body>", f"<script>{action}</script></body>"), encoding="utf-8")
        command = [
            *(BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"),
            *("--no-first-run", "--disable-background-networking", "--virtual-time-budget=3000"),
            *(f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()),
        ]
        variables = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=variables, start_new_session=True
        ) as browser:
            try:
                dom, _ = browser.communicate(timeout=PAGE_S)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(browser.pid, signal.SIGKILL)
        return dom

    return opened


def shown(dom: str) -> list[str]:
    """Return who is in the table of all submissions, without those it hides."""
    body = dom.split('searchable">')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = [row for row in body.split("</tr>")[:-1] if not re.search(r"<tr[^>]* hidden", row)]
    return [" ".join(read(row.split("</th>")[0]).text.split()) for row in rows]


def small_class():
    named = [
        entry(name.casefold(), check("it", Status.FAILED, score), identity=Identity(name=name), seconds=time)
        for name, score, time in (("Zoë", 9, 3), ("Ada", 10, 20), ("Bo", 2, 100), ("Cy", 2.5, 7), ("Émile", 0, 1))
    ]
    return [*named, ungraded("lost", "Why.")]


def test_a_head_sorts_up_then_down_by_number_with_what_is_empty_last(opened):
    click = f"{HEAD.format('Points')}.querySelector('button').click();"
    up, down = opened(class_html(small_class()), click), opened(class_html(small_class()), click * 2)

    assert shown(up) == ["Émile", "Bo", "Cy", "Zoë", "Ada", "lost"]
    assert shown(down) == ["Ada", "Zoë", "Cy", "Bo", "Émile", "lost"]
    assert re.findall(r'aria-sort="(\w+)"', up.split("</style>")[1].split("<script>")[0]) == ["ascending"]
    assert re.findall(r'aria-sort="(\w+)"', down.split("</style>")[1].split("<script>")[0]) == ["descending"]


def test_names_sort_as_people_do(opened):
    dom = opened(class_html(small_class()), f"{HEAD.format('Student')}.querySelector('button').click();")

    assert shown(dom) == ["Ada", "Bo", "Cy", "Émile", "lost", "Zoë"]


def test_searching_ignores_case_and_accents_and_says_how_many(opened):
    dom = opened(class_html(small_class()), SEARCH.format("EMIL"))

    assert shown(dom) == ["Émile"]
    assert "1 of 6 shown" in dom


def test_a_small_table_needs_no_search_and_one_row_no_order(opened):
    dom = opened(class_html(scored([50])))

    assert "<input" not in dom
    assert "<button" not in dom
