"""Empty stand-ins for `google.colab`, so that notebooks from Colab run through.

`google` itself is a namespace other packages live in, so only `google.colab` and below are answered here, and
`google` only where nothing else provides it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.kernels.inside.hooks import StandInFinder
    from grader.kernels.inside.journal import Journal
else:
    from hooks import StandInFinder

ROOT = "google.colab"
SUBMODULES = frozenset(
    [
        "ai",
        "auth",
        "data_table",
        "drive",
        "files",
        "html",
        "output",
        "patches",
        "runtime",
        "sheets",
        "snippets",
        "userdata",
        "widgets",
    ]
)
ANSWERS: dict[str, Callable[[], Any]] = {"files.upload": dict, "userdata.get": str}


class StandIn(ModuleType):
    """A module in which every name is there and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__ == ROOT and name in SUBMODULES:
            return import_module(f"{ROOT}.{name}")
        return self._skipped(f"{self.__name__.removeprefix(ROOT).lstrip('.')}.{name}".lstrip("."))

    def _skipped(self, name: str) -> Callable[..., Any]:
        journal: Journal = self.__dict__["__journal__"]

        def skipped(*arguments: Any, **_: Any) -> Any:
            if name == "patches.cv2_imshow" and arguments:
                return _show(arguments[0])
            journal.note(f"`{name}` was skipped")
            return ANSWERS.get(name, lambda: None)()

        return skipped


class GoogleFinder:
    """The last finder asked: an empty `google` where no package provides one."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for `google` alone."""
        return ModuleSpec(name, None, is_package=True) if name == "google" else None


def install(journal: Journal) -> None:
    """Make `google.colab` importable."""

    def made(name: str) -> StandIn:
        journal.note("`google.colab` is not here: an empty stand-in was used")
        module = StandIn(name)
        module.__dict__["__journal__"] = journal
        return module

    sys.meta_path.insert(0, StandInFinder(ROOT, made))
    sys.meta_path.append(GoogleFinder())


def _show(image: Any) -> None:
    """Show an OpenCV image (blue, green, red) as Colab would."""
    from IPython.display import display
    from PIL import Image

    display(Image.fromarray(image[..., ::-1] if image.ndim == 3 else image))  # type: ignore[no-untyped-call]
