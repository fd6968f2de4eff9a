"""Reads a finished page the way a browser would begin to, and says what could act, fetch or mislead in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAGS = frozenset(
    "html head meta title style body a header main section article p h1 h2 h3 h4 h5 h6 strong em b i s u bdi span div "  # noqa: SIM905
    "table caption colgroup col thead tbody tfoot tr th td ul ol li dl dt dd details summary pre code figure "
    "figcaption br hr img abbr blockquote q cite sub sup small del ins kbd samp var tt mark center dfn wbr "
    "svg desc defs g path use image text tspan clippath pattern rect "
    "math menclose mfrac mi mn mo mover mpadded mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext "
    "mtr munder munderover".split()
)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+\Z")
BARE_STYLE = re.compile(r"width:[\d.]+%\Z")


class Reader(HTMLParser):
    """Collects tags, text, and every reason for concern."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.concerns: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in TAGS:
            self.concerns.append(f"<{tag}>")
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            self._attribute(tag, name, value, given)
        if tag == "svg":
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg" and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def _attribute(self, tag: str, name: str, value: str, given: dict[str, str]) -> None:
        if name == "id":
            self.ids.append(value)
        if name.startswith("on") or name in ("srcset", "srcdoc", "formaction", "action", "background", "ping"):
            self.concerns.append(f"<{tag} {name}>")
        if name in ("href", "src", "xlink:href"):
            self._address(tag, value, given)
        if name == "style" and not self._inside and not BARE_STYLE.match(value):
            self.concerns.append(f"<{tag} style={value!r}>")
        if name in ("style", "fill", "stroke", "filter", "mask", "clip-path") and re.search(r"url\((?!#)", value):
            self.concerns.append(f"<{tag} {name}={value!r}>")

    def _address(self, tag: str, value: str, given: dict[str, str]) -> None:
        if value.startswith("#"):
            self.targets.append(value[1:])
        elif tag in ("img", "image"):
            if not PICTURE.match(value):
                self.concerns.append(f"<{tag}> {value[:60]!r}")
        elif tag != "a" or not re.match(r"https?://", value) or given.get("rel") != "noopener noreferrer":
            self.concerns.append(f"<{tag}> {value[:60]!r}")


def read(page: str) -> Reader:
    """Return what is in a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader
