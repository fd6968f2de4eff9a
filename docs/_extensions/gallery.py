"""`{report} NAME`: a sample graded by the build, as a picture that leads to its report; `index` is the class of them.

Reports are made beside the doctrees of the site, by `grade` as everybody calls it, and copied into the site when it is
done. What has not changed is neither graded nor written again, and a picture is taken of what is newer than it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
FOLDER = "gallery"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PICTURE = (1000, 700)
PICTURE_S = 60
MISSING = "This report is not in this build of the site."


class Report(SphinxDirective):
    """A report's title, its picture and what to look at in it."""

    required_arguments = 1
    option_spec: ClassVar = {"title": directives.unchanged_required}
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a section with a link, where the report was made."""
        self.env.note_reread()
        title = self.options["title"]
        section = nodes.section("", nodes.title(text=title), names=[nodes.fully_normalize_name(title)])
        self.state.document.note_implicit_target(section, section)
        section += self.parse_content_to_nodes()
        section += self._link(self.arguments[0], title)
        return [section]

    def _link(self, name: str, title: str) -> nodes.Node:
        page = _workshop(self.env.doctreedir) / f"{name}.html"
        if not page.is_file():
            return nodes.paragraph(text=MISSING)
        shown = "Open the report"
        if page.with_suffix(".png").is_file():
            width, height = PICTURE
            picture = f'src="{FOLDER}/{escape(name)}.png" width="{width}" height="{height}" loading="lazy"'
            shown = f'<img {picture} alt="The top of the report: {escape(title)}">{shown}'
        return nodes.raw("", f'<p><a class="report" href="{FOLDER}/{escape(name)}.html">{shown}</a></p>', format="html")


def make(app: Sphinx) -> None:
    """Grade the samples before the pages are read."""
    workshop = _workshop(app.doctreedir)
    names = [name for name in app.config.gallery_samples if name]
    for stale in {page.stem for page in workshop.glob("*.html")} - {*names, *(["index"] if len(names) > 1 else [])}:
        (workshop / f"{stale}.html").unlink()
    if not names:
        return
    workshop.mkdir(parents=True, exist_ok=True)
    notebooks = [f"submissions/{name}.ipynb" for name in names]
    options = ("--assignment", app.config.gallery_assignment, "--out", str(workshop), "--quiet")
    command = [sys.executable, "-m", "grader", *notebooks, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ExtensionError(f"The samples of the gallery were not graded: {done.stderr.strip()}")
    for page in workshop.glob("*.html"):
        _photograph(page)


def _photograph(page: Path) -> None:
    """Put a picture of a page's top beside it, where there is a browser to take it."""
    picture = page.with_suffix(".png")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or (picture.is_file() and picture.stat().st_mtime_ns >= page.stat().st_mtime_ns):
        return
    with tempfile.TemporaryDirectory() as profile:
        options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
        size = f"--window-size={PICTURE[0]},{PICTURE[1]}"
        command = [browser, *options, size, f"--user-data-dir={profile}", f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, capture_output=True, timeout=PICTURE_S, check=False)  # noqa: S603


def hand_over(app: Sphinx, exception: Exception | None) -> None:
    """Copy reports and pictures into the finished site."""
    if exception is not None or app.builder.format != "html":
        return
    place = Path(app.outdir) / FOLDER
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for page in _workshop(app.doctreedir).glob("*.html"):
        for file in filter(Path.is_file, (page, page.with_suffix(".png"))):
            shutil.copy2(file, place)


def _workshop(doctrees: str | os.PathLike[str]) -> Path:
    return Path(doctrees) / FOLDER


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known, and what has to be done before and after."""
    app.add_config_value("gallery_assignment", "", "env", str)
    app.add_config_value("gallery_samples", [], "env", list)
    app.add_directive("report", Report)
    app.connect("builder-inited", make)
    app.connect("build-finished", hand_over)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
