"""A Plotly figure, read from the JSON it is displayed with, in the same form as a Matplotlib figure."""

from __future__ import annotations

import base64
import builtins
import io
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside.room import Room, children, masked, numbers, text
else:
    from room import Room, children, masked, numbers, text

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MIME = "application/vnd.plotly.v1+json"
JSON = "plotly_mimetype"
AS_HTML = ("notebook", "notebook_connected", "colab", "kaggle", "azure", "databricks", "cocalc", "iframe", "browser")
MAX_TRACES = 300
MAX_BARS = 1_000
MAX_TEXTS = 100
DTYPES = ("b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
LINES = {"scatter", "scattergl", "scatter3d"}

Record = dict[str, Any]
Axis = tuple[Any, list[Any]]  # positions of shape (n,), and [position, name] of categories


def show_as_json(module: ModuleType) -> None:
    """Have figures displayed as JSON, also where a notebook asks for a page with a script of megabytes."""
    renderers: Any = module.renderers
    for name in AS_HTML:
        renderers[name] = renderers[JSON]
    renderers.default = JSON


def read_figure(figure: Any, room: Room) -> Record:
    """Return what a Plotly figure {"data": [...], "layout": {...}} shows."""
    layout = figure.get("layout") or {}
    traces = [trace for trace in figure.get("data", [])[:MAX_TRACES] if trace.get("visible", True) is True]
    places = list(dict.fromkeys((trace.get("xaxis", "x"), trace.get("yaxis", "y")) for trace in traces))
    return {
        "library": "plotly",
        "title": _said(layout.get("title")),
        "xlabel": "",
        "ylabel": "",
        "texts": children(layout.get("annotations") or [], lambda found: text(found.get("text")), room, MAX_TEXTS),
        "legend": _legend(traces, layout),
        "axes": children(places, lambda place: _axes(place, traces, layout, room), room, MAX_TRACES),
    }


def _legend(traces: list[Record], layout: Record) -> list[Record]:
    """Return the entries of the legend; there is one by default where there are two traces."""
    listed = [trace for trace in traces if trace.get("showlegend", True) and trace.get("name")]
    if not layout.get("showlegend", len(traces) > 1):
        return []
    return [{"text": text(trace["name"]), **_look(trace)} for trace in listed]


def _axes(place: tuple[str, str], traces: list[Record], layout: Record, room: Room) -> Record:
    found: Record = {"lines": [], "scatters": [], "bars": [], "images": []}
    ticks: dict[str, list[Any]] = {"x": [], "y": []}
    n_others = 0
    for trace in traces:
        if (trace.get("xaxis", "x"), trace.get("yaxis", "y")) != place:
            continue
        kind, record = _trace(trace, ticks, room)
        n_others += record is None
        if record is not None:
            found[kind].append(record)
    x, y = (layout.get(f"{name[0]}axis{name[1:]}") or {} for name in place)
    (left, right), (low, high) = (axis.get("domain") or [0.0, 1.0] for axis in (x, y))
    return {
        "kind": "rectilinear",
        "title": "",
        **_axis("x", x, ticks["x"]),
        **_axis("y", y, ticks["y"]),
        "box": [float(left), float(low), float(right) - float(left), float(high) - float(low)],
        "legend": [],
        "texts": [],
        **found,
        "n_patches": 0,
        "n_collections": n_others,
    }


def _axis(letter: str, axis: Record, ticks: list[Any]) -> Record:
    log = axis.get("type") == "log"
    limits = [float(10**value if log else value) for value in axis.get("range") or () if isinstance(value, int | float)]
    return {
        f"{letter}label": _said(axis.get("title")) if axis.get("visible", True) else "",
        f"{letter}scale": "log" if log else "linear",
        f"{letter}lim": limits if len(limits) == 2 else None,
        f"{letter}ticks": ticks[:MAX_TEXTS],
        f"{letter}shared": [],
    }


def _trace(trace: Record, ticks: dict[str, list[Any]], room: Room) -> tuple[str, Record | None]:
    """Return one trace as lines, scatters, bars or images; None for another kind, or one that cannot be read."""
    kind = trace.get("type", "scatter")
    try:
        if kind in {"heatmap", "image"}:
            return "images", {"mesh": kind == "heatmap", "colours": "", **room.pixels(_picture(trace))}
        if kind not in {*LINES, "bar"}:
            return "", None
        x, y, names = _x_and_y(trace)
        for letter, added in names.items():
            ticks[letter] += added
        if kind == "bar":
            return "bars", _bars(trace, x, y, room)
        mode = trace.get("mode", "lines")
        record = {"label": text(trace.get("name")), **room.points(x, y), **_look(trace)}
        return ("lines" if "lines" in mode else "scatters"), record if len(x) else None
    except Exception:  # noqa: BLE001 - whatever somebody displayed under this name
        return "", None


def _x_and_y(trace: Record) -> tuple[Any, Any, dict[str, list[Any]]]:
    """Return x and y of shape (n,) and the names of categories; a coordinate that is not given counts from 0."""
    (x, x_names), (y, y_names) = _positions(trace.get("x")), _positions(trace.get("y"))
    x = numpy.arange(len(y), dtype=float) if x is None else x
    y = numpy.arange(len(x), dtype=float) if y is None else y
    n = min(len(x), len(y))
    return x[:n], y[:n], {"x": x_names, "y": y_names}


def _positions(values: Any) -> Axis:
    """Return the positions of values; names stand at 0, 1, … in the order they come."""
    if values is None:
        return None, []
    array = _array(values).ravel()
    if array.dtype.kind in "biuf":
        return masked(array), []
    try:
        return numbers([numpy.nan if value is None else value for value in array]), []
    except (TypeError, ValueError):
        places = {name: place for place, name in enumerate(dict.fromkeys(str(value) for value in array))}
        names = [[float(place), text(name)] for name, place in places.items()]
        return numbers([places[str(value)] for value in array]), names[:MAX_TEXTS]


def _array(values: Any) -> Any:
    """Return an array from a list or from Plotly's packed form {"dtype", "bdata", "shape"}."""
    if not isinstance(values, dict):
        return numpy.array(values)
    if values["dtype"] not in DTYPES:
        raise ValueError
    flat = numpy.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    shape = values.get("shape")
    return flat.reshape([int(n) for n in str(shape).split(",")]) if shape else flat


def _picture(trace: Record) -> Any:
    """Return the pixels of an image or a heat map, first row on top."""
    if trace.get("z") is not None:
        return _array(trace["z"])
    from PIL import Image

    _, _, packed = trace["source"].partition("base64,")
    return numpy.asarray(Image.open(io.BytesIO(base64.b64decode(packed))))


def _bars(trace: Record, x: Any, y: Any, room: Room) -> Record | None:
    horizontal = trace.get("orientation", "h" if trace.get("x") is not None and trace.get("y") is None else "v") == "h"
    positions, heights = (y, x) if horizontal else (x, y)
    n, kept = len(x), slice(0, MAX_BARS)
    if not n or not room.take(5 * min(n, MAX_BARS)):
        return None
    bases = trace.get("base")
    return {
        "label": text(trace.get("name")),
        "horizontal": horizontal,
        "n": n,
        "positions": positions[kept],
        "heights": heights[kept],
        "bases": (numpy.zeros(n) + (0.0 if bases is None else numbers(_array(bases))))[kept],
        "widths": numpy.full(n, 0.8)[kept],
        "colours": [_look(trace)["colour"]],
    }


def _look(trace: Record) -> Record:
    line, marker = trace.get("line") or {}, trace.get("marker") or {}
    colour = line.get("color") or marker.get("color") or ""
    lines = "lines" in trace.get("mode", "lines") and trace.get("type", "scatter") in LINES
    return {
        "colour": text(colour) if isinstance(colour, str) else "",
        "style": text(line.get("dash", "solid")) if lines else "",
        "marker": text(marker.get("symbol", "o")) if "markers" in trace.get("mode", "") else "",
    }


def _said(title: Any) -> str:
    return text(title.get("text") if isinstance(title, dict) else title)
