"""Matplotlib's figures: those that are open are set aside, so that no check draws into them; new ones are closed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

HELPERS, INLINE = "matplotlib._pylab_helpers", "matplotlib_inline.backend_inline"


def keep() -> Callable[[], None]:
    """Set the open figures aside; the function that is returned closes those of meanwhile and brings them back."""
    loaded: dict[str, Any] = dict(sys.modules)
    helpers, matplotlib, inline = (loaded.get(name) for name in (HELPERS, "matplotlib", INLINE))
    aside = dict(helpers.Gcf.figs) if helpers is not None else {}
    settings = dict(matplotlib.rcParams) if matplotlib is not None and hasattr(matplotlib, "rcParams") else None
    drawn = _drawn(inline)
    if helpers is not None:
        helpers.Gcf.figs.clear()

    def undo() -> None:
        managers: Any = sys.modules.get(HELPERS)
        if managers is not None and hasattr(managers, "Gcf"):
            managers.Gcf.destroy_all()
            managers.Gcf.figs.update(aside)
        if matplotlib is not None and settings is not None and dict(matplotlib.rcParams) != settings:
            dict.update(matplotlib.rcParams, settings)
        if inline is not None and drawn is not None:
            inline.show._to_draw, inline.show._draw_called = drawn

    return undo


def _drawn(inline: Any) -> tuple[list[Any], bool] | None:
    """Return what the inline backend still has to draw."""
    show: Any = getattr(inline, "show", object())
    return (list(show._to_draw), show._draw_called) if hasattr(show, "_to_draw") else None
