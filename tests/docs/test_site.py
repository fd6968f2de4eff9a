"""The documentation site: built without a warning, nothing in it comes from elsewhere, nothing is missing."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made import ROOT

from grader.cli.commands import commands

pytest.importorskip("sphinx", reason="the site needs the extra: pip install -e '.[docs]'")
pytestmark = pytest.mark.slow
SAMPLE = "nils"  # trains nothing, so it is graded quickly


def build(place):
    """Build the site by the line in CONTRIBUTING.md, with one report in its gallery; return its folder."""
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "-D", f"gallery_samples={SAMPLE}", "docs", str(place / "site")]
    variables = os.environ | {"GRADE_CACHE": str(place / "cache")}
    done = subprocess.run(words, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return place / "site"


class Loaded(HTMLParser):
    """Keeps what a browser would fetch to show a page, and the text of the page."""

    FETCHES = (("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "srcset"), ("link", "href"))

    def __init__(self, page):
        super().__init__()
        self.places, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.places += [value for name, value in attrs if (tag, name) in self.FETCHES and value]

    def handle_data(self, data):
        self.text += data


def test_the_site_is_built_without_a_warning_and_is_whole(tmp_path):
    """One test, since the workers of pytest-xdist would each build a site for a fixture they share."""
    site = build(tmp_path)
    pages = {page.relative_to(site): Loaded(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}

    assert loaded_from_elsewhere(site, pages) == []
    assert not_there(site, pages) == []
    assert not_said(" ".join(pages[Path("commands.html")].text.split())) == []
    assert {"gradebook", "dask", "receipt"} <= words_found(site)
    assert f'href="gallery/{SAMPLE}.html"' in (site / "gallery.html").read_text(encoding="utf-8")
    assert SAMPLE in pages[Path("gallery") / f"{SAMPLE}.html"].text


def loaded_from_elsewhere(site, pages):
    """Return what a browser would have to fetch over a network."""
    sheets = [sheet.read_text(encoding="utf-8") for sheet in site.rglob("*.css")]
    styles = [place for sheet in sheets for place in re.findall(r"(?:url\(|@import\s+)[\"']?([^)\"';]*)", sheet)]
    places = [place for page in pages.values() for place in page.places]
    assert styles and places

    return [place for place in [*styles, *places] if re.match(r"(?!data:)(\w+:)?//", place)]


def not_there(site, pages):
    """Return the files that pages load and the site has not."""
    return [
        (str(name), place)
        for name, page in pages.items()
        for place in page.places
        if not place.startswith(("data:", "#")) and not (site / name.parent / place.partition("?")[0]).exists()
    ]


def not_said(text):
    """Return the commands whose first paragraph or an option the page of commands lacks."""
    return [
        (path, part)
        for path, command in known(commands)
        for part in (f"{path}¶", *options(command), " ".join(command.help.split("\n\n")[0].split()).replace("`", ""))
        if part not in text
    ]


def options(command):
    return [name for option in command.params for name in option.opts if name.startswith("--")]


def known(group, path="grade"):
    """Yield every command with how it is called, those of a group after it."""
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from known(command, f"{path} {name}")


def words_found(site):
    """Return the words the site's own search knows."""
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    return set(json.loads(index.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))["terms"])
