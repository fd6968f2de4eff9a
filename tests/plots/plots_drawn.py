"""Figures for the tests of questions: records put together by hand, as the kernel would tell them."""

from grader.plots import Axes, Bars, Curve, Entry, Figure, Image

COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")


def line(y, x=None, label="", colour=COLOURS[0], **more):
    x = range(len(y)) if x is None else x
    return Curve(x=tuple(x), y=tuple(y), n=len(y), label=label, colour=colour, style="-", **more)


def plot(*lines, xlabel="epoch", ylabel="loss", legend=None, **more):
    """Return axes; `legend` are texts for the lines in order, the lines' own labels where it is None."""
    texts = [one.label for one in lines] if legend is None else legend
    entries = [
        Entry(text=text, colour=one.colour, style=one.style) for text, one in zip(texts, lines, strict=False) if text
    ]
    return Axes(lines=lines, xlabel=xlabel, ylabel=ylabel, legend=tuple(entries), **more)


def chart(heights, *, box=(0.0, 0.0, 1.0, 1.0), horizontal=False, positions=None, **more):
    n = len(heights)
    positions = range(n) if positions is None else positions
    bars = Bars(
        n=n,
        horizontal=horizontal,
        positions=tuple(positions),
        heights=tuple(heights),
        bases=(0,) * n,
        widths=(0.8,) * n,
    )
    return Axes(bars=(bars,), box=box, **more)


def picture(pixels, *, box=(0.0, 0.0, 1.0, 1.0)):
    image = Image(shape=pixels.shape, low=pixels.min(), high=pixels.max(), pixels=pixels.ravel())
    return Axes(images=(image,), box=box)


def figure(*axes, **more):
    return Figure(axes=axes, **more)
