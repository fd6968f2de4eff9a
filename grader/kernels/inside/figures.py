"""Every figure a notebook shows, kept as plain data at the moment it is shown.

All ways to show a Matplotlib figure (`plt.show()`, the end of a cell, `display(fig)`, `fig` as a cell's value, and
what seaborn and pandas draw) end in IPython's display machinery, which asks the figure for a `_repr_mimebundle_`.
Matplotlib has none: here it gets one that keeps what the figure shows and says nothing, so that it is drawn as ever.
Nothing of `pyplot` is used. A Plotly figure is read from the JSON it is displayed with.

What is kept is bounded: long lines are thinned to every n-th point, large images to every n-th row and column, with
their true sizes beside; of too many figures the oldest of the cell with the most are dropped.
"""

from __future__ import annotations

import builtins
import warnings
import weakref
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside import plotly_figures
    from grader.kernels.inside.hooks import AfterImport
    from grader.kernels.inside.journal import Journal
    from grader.kernels.inside.room import Room, children, masked, numbers, text
else:
    import plotly_figures
    from room import Room, children, masked, numbers, text

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_FIGURES = 120
MAX_TOTAL = 1_200_000  # numbers in all figures
MAX_AXES = 256
MAX_ARTISTS = 300  # of one kind in one plot
MAX_TEXTS = 100
MAX_TICKS = 100
MAX_BARS = 1_000

Record = dict[str, Any]


class Album:
    """The figures shown so far, each with the index of its cell; None for those a call showed."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._figures: list[tuple[Record, int, Callable[[], Any]]] = []
        self._n_dropped = 0

    def contents(self) -> Record:
        """Return the figures in the order they were shown, and how many more there were."""
        return {"figures": [record for record, _, _ in self._figures], "n_dropped": self._n_dropped}

    def forget_calls(self) -> None:
        """Forget what was shown by calls, after the last cell."""
        self._figures = [entry for entry in self._figures if entry[0]["cell"] is not None]

    def keep(self, figure: Any) -> None:
        """Keep a Matplotlib figure; shown again in the same cell it takes its own former place."""
        cell = self._journal.cell
        same = [i for i, entry in enumerate(self._figures) if entry[2]() is figure and entry[0]["cell"] == cell]
        for index in reversed(same):
            del self._figures[index]
        self._read(read_figure, figure, weakref.ref(figure))

    def hear(self, message: Record) -> Record:
        """Keep a Plotly figure that a display message carries, and let the message go on."""
        data = message["content"].get("data", {})
        if plotly_figures.MIME in data:
            self._read(plotly_figures.read_figure, data[plotly_figures.MIME], lambda: None)
        return message

    def _read(self, read: Callable[[Any, Room], Record], figure: Any, where: Callable[[], Any]) -> None:
        room = Room()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                record = read(figure, room)
        except Exception:  # noqa: BLE001 - showing goes on, whatever a figure is made of
            self._n_dropped += 1
            return
        self._figures.append(({**record, "cell": self._journal.cell, "cut": room.full}, room.used, where))
        self._drop()

    def _drop(self) -> None:
        while len(self._figures) > MAX_FIGURES or sum(used for _, used, _ in self._figures) > MAX_TOTAL:
            cells = [record["cell"] for record, _, _ in self._figures]
            fullest = max(cells, key=cells.count)
            del self._figures[cells.index(fullest)]
            self._n_dropped += 1


def watch(hooks: AfterImport, album: Album) -> None:
    """Have every figure that is shown kept in the album, from the import of Matplotlib or Plotly on."""

    def open_album(module: ModuleType) -> None:
        def keep(figure: Any, include: Any = None, exclude: Any = None) -> Record:
            """Say nothing: the figure is drawn by those who draw figures."""
            album.keep(figure)
            return {}

        module.Figure._repr_mimebundle_ = keep

    hooks.add("matplotlib.figure", open_album)
    hooks.add("plotly.io._renderers", plotly_figures.show_as_json)


# --- a figure -------------------------------------------------------------------------------------------------


def read_figure(figure: Any, room: Room) -> Record:
    """Return what a Matplotlib figure shows."""
    found = list(figure.axes)[:MAX_AXES]
    found += [child for axes in found for child in axes.child_axes if child not in found][: MAX_AXES - len(found)]
    shown = [axes for axes in found if axes.get_visible()]
    return {
        "library": "matplotlib",
        "title": text(figure.get_suptitle()),
        "xlabel": text(figure.get_supxlabel()),
        "ylabel": text(figure.get_supylabel()),
        "texts": _texts(figure.texts, room),
        "legend": _legend(figure.legends, room),
        "axes": children(shown, lambda axes: _axes(axes, shown, room), room, MAX_AXES),
    }


def _axes(axes: Any, others: list[Any], room: Room) -> Record:
    from matplotlib.legend import Legend

    legends = [artist for artist in axes.get_children() if isinstance(artist, Legend)]
    titles = [axes.get_title(loc) for loc in ("left", "center", "right")]
    return {
        "kind": "colorbar" if axes.get_label() == "<colorbar>" else text(axes.name),
        "title": text(" ".join(title for title in titles if title)),
        **_axis(axes, "x", others),
        **_axis(axes, "y", others),
        "box": [float(value) for value in axes.get_position().bounds],
        "legend": _legend(legends, room),
        "texts": _texts(axes.texts, room),
        "lines": children(axes.lines, lambda line: _line(line, axes, room), room, MAX_ARTISTS),
        **_patches(axes, room),
        **_collections(axes, room),
    }


def _axis(axes: Any, letter: str, others: list[Any]) -> Record:
    """Return the label, scale, limits (low, high as shown), named ticks and sharing of the x or y axis."""
    axis = getattr(axes, f"{letter}axis")
    shown = axes.axison and axis.get_visible() and axis.label.get_visible()
    siblings = getattr(axes, f"get_shared_{letter}_axes")().get_siblings(axes)
    return {
        f"{letter}label": text(axis.get_label_text()) if shown else "",
        f"{letter}scale": text(axis.get_scale()),
        f"{letter}lim": [float(value) for value in getattr(axes, f"get_{letter}lim")()],
        f"{letter}ticks": _ticks(axis),
        f"{letter}shared": [index for index, other in enumerate(others) if other is not axes and other in siblings],
    }


def _ticks(axis: Any) -> list[Any]:
    """Return [position, name] of ticks that were given names; those with numbers say nothing new."""
    if type(axis.get_major_locator()).__name__ not in {"FixedLocator", "StrCategoryLocator"}:
        return []
    places = list(axis.get_majorticklocs())[:MAX_TICKS]
    try:
        return [
            [float(place), text(name)]
            for place, name in zip(places, axis.get_major_formatter().format_ticks(places), strict=False)
        ]
    except Exception:  # noqa: BLE001 - a student's own formatter
        return []


def _texts(artists: Iterable[Any], room: Room) -> list[Any]:
    return children(artists, lambda artist: text(artist.get_text()), room, MAX_TEXTS)


def _legend(legends: Iterable[Any], room: Room) -> list[Any]:
    """Return the entries of legends: what they say, and the colour and style they say it of."""
    pairs = [
        pair
        for legend in legends
        if legend.get_visible()
        for pair in zip(legend.get_texts(), legend.legend_handles, strict=False)
    ]
    return children(pairs, lambda pair: {"text": text(pair[0].get_text()), **_look(pair[1])}, room, MAX_TEXTS)


def _look(artist: Any) -> Record:
    """Return colour, line style and marker; "" for what an artist does not have."""
    style, marker = getattr(artist, "get_linestyle", str)(), getattr(artist, "get_marker", str)()
    return {
        "colour": _colour(artist),
        "style": text(style) if isinstance(style, str) and style.lower() != "none" else "",
        "marker": text(marker) if str(marker).lower() != "none" else "",
    }


def _colour(artist: Any) -> str:
    """Return "#rrggbb" of a line, a bar or the first of many dots."""
    from matplotlib.colors import to_hex

    for name in ("get_color", "get_facecolor"):
        try:
            colour = getattr(artist, name)()
            if numpy.ndim(colour) == 2:
                colour = colour[0]
            return str(to_hex(colour))
        except (AttributeError, ValueError, IndexError, TypeError):
            continue
    return ""


# --- what is drawn --------------------------------------------------------------------------------------------


def _line(line: Any, axes: Any, room: Room) -> Record | None:
    if not line.get_visible() or not all(line.get_transform().contains_branch_seperately(axes.transData)):
        return None  # such as `axhline`, whose x says how far across the plot it goes
    x, y = masked(line.get_xdata(orig=False)), masked(line.get_ydata(orig=False))
    return {"label": text(line.get_label()), **room.points(x, y), **_look(line)} if len(y) else None


def _patches(axes: Any, room: Room) -> Record:
    """Return the bars, one record for each call that drew some, and the number of patches that are no bars."""
    from matplotlib.container import BarContainer
    from matplotlib.patches import StepPatch

    containers = [container for container in axes.containers if isinstance(container, BarContainer)]
    stairs = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    bars = children(containers, lambda container: _bars(container, room), room, MAX_ARTISTS)
    bars += children(stairs, lambda patch: _stairs(patch, room), room, MAX_ARTISTS)
    n_bars = sum(len(container.patches) for container in containers) + len(stairs)
    return {"bars": bars, "n_patches": max(0, len(axes.patches) - n_bars)}


def _bars(container: Any, room: Room) -> Record | None:
    patches = [patch for patch in container.patches[:MAX_BARS] if patch.get_visible()]
    horizontal = container.orientation == "horizontal"
    sides = [[patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height()] for patch in patches]
    x, y, width, height = numbers(sides).reshape(-1, 4).T
    if not patches or not room.take(5 * len(patches)):
        return None
    colours = [_colour(patch) for patch in patches]
    return {
        "label": text(container.get_label()),
        "horizontal": horizontal,
        "n": len(container.patches),
        "positions": y + height / 2 if horizontal else x + width / 2,
        "heights": width if horizontal else height,
        "bases": x if horizontal else y,
        "widths": height if horizontal else width,
        "colours": colours if len(set(colours)) > 1 else colours[:1],
    }


def _stairs(patch: Any, room: Room) -> Record | None:
    values, edges, base = patch.get_data()
    heights, edges = numbers(values)[:MAX_BARS], numbers(edges)[: MAX_BARS + 1]
    if not patch.get_visible() or not len(heights) or not room.take(5 * len(heights)):
        return None
    bases = numbers(0.0 if base is None else base) + numpy.zeros(len(values))
    return {
        "label": text(patch.get_label()),
        "horizontal": patch.orientation == "horizontal",
        "n": len(values),
        "positions": (edges[1:] + edges[:-1]) / 2,
        "heights": heights - bases[:MAX_BARS],
        "bases": bases[:MAX_BARS],
        "widths": numpy.diff(edges),
        "colours": [_colour(patch)],
    }


def _collections(axes: Any, room: Room) -> Record:
    """Return the images (also those made of a mesh), the dots, and how many other collections there are."""
    from matplotlib.collections import PathCollection, QuadMesh

    pictures = [*axes.images, *(found for found in axes.collections if isinstance(found, QuadMesh))]
    dots = [found for found in axes.collections if isinstance(found, PathCollection)]
    return {
        "images": children(pictures, lambda picture: _image(picture, room), room, MAX_ARTISTS),
        "scatters": children(dots, lambda found: _scatter(found, room), room, MAX_ARTISTS),
        "n_collections": max(0, len(axes.collections) + len(axes.images) - len(pictures) - len(dots)),
    }


def _image(picture: Any, room: Room) -> Record | None:
    array = picture.get_array()
    if not picture.get_visible() or array is None:
        return None
    mesh = hasattr(picture, "get_coordinates")
    if mesh and array.ndim == 1:
        rows, columns = picture.get_coordinates().shape[:2]
        array = array.reshape(rows - 1, columns - 1)
    return {"mesh": mesh, "colours": text(picture.get_cmap().name), **room.pixels(array)}


def _scatter(dots: Any, room: Room) -> Record | None:
    x, y = masked(dots.get_offsets()).reshape(-1, 2).T
    if not dots.get_visible() or not len(x):
        return None
    return {"label": text(dots.get_label()), **room.points(x, y), **_look(dots), "style": "", "marker": "o"}
