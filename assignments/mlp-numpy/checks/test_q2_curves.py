"""Question 2: the split, the curves, and weights that went through a file."""

import itertools
import re

import numpy as np
import pytest
from mn_holding import find, pick, read
from mn_tables import ACTIVATIONS, plain
from mn_watched import watched_on_test

from grader import datasets
from grader.checks import NeedsReview, NotAttempted
from grader.compare import show
from grader.errors import StudentError
from grader.plots import Found, all_curves, label_of
from grader.results import Table

SIZES = (784, 256, 128, 64, 10)
OF_ACCURACY = re.compile(r"acc|genauigk|precis", re.IGNORECASE)
OF_LOSS = re.compile(r"loss|verlust|cost|entrop|error", re.IGNORECASE)
IMAGES = 100
SERVED = "fashion_mnist"
TRIED = re.compile(r"\.(fit|train|plot|save|savez|dump)\(")


@pytest.fixture(autouse=True)
def attempted(inside, figures, notebook):
    """Whether anything of this question was done."""
    cells = notebook.cells("q2") or notebook.execution.cells
    tried = any(cell.kind == "code" and TRIED.search(cell.source) for cell in cells)
    if not tried and not inside.networks() and not inside.files() and not figures:
        raise NotAttempted("There are no networks, no figures and no files yet.")


# --- data and architecture -------------------------------------------------------------------------------


def image_arrays(inside):
    """Return path and number of rows of the arrays that hold 28 × 28 images."""
    found = [(tuple(path), shape) for path, shape in inside.shapes() if len(shape) > 1]
    return [(path, shape[0]) for path, shape in found if int(np.prod(shape[1:])) == 784 and shape[0] > 1]


@pytest.mark.check("q2", points=1, hint="Two cuts: at 80 % and at 90 % of the shuffled rows.")
def test_split_80_10_10(check, inside, notebook):
    """images are split 80 / 10 / 10, no image is in two parts, and the test part is kept for the end"""
    watched = watched_on_test(cell.source for cell in notebook.cells("q2") or notebook.execution.cells)
    arrays = image_arrays(inside)
    if not arrays:
        check.fail("There are no arrays of 28 × 28 images (or of 784 pixels) among your variables.")
    triples = [
        triple for triple in itertools.permutations(arrays, 3) if fits(triple) and (triple[1][0] < triple[2][0])
    ][:20]
    if not triples:
        listed = ", ".join(f"`{path[0]}` {n}" for path, n in arrays[:12])
        check.fail(f"No three arrays of images stand 80 : 10 : 10. Your arrays and their numbers of rows: {listed}.")
    for triple in triples:
        parts = [set(np.asarray(inside.prints(list(path))).tolist()) for path, _ in triple]
        shared = [
            (a, b) for a, b in itertools.combinations(range(3), 2) if len(parts[a] & parts[b]) > 0.02 * len(parts[b])
        ]
        if not shared and watched is None:
            return
        if not shared:
            check.score(
                0.5,
                f"`{watched}` is given to `fit` to watch the training, and your networks are judged on it: watching is "
                "what the validation part is for.",
            )
    names = [f"`{triples[0][i][0][0]}`" for i in shared[0]]
    check.fail(f"{' and '.join(names)} share images: what is tested on must not have been seen before.")


def fits(triple):
    """Tell whether three numbers of rows stand 8 : 1 : 1, but for rounding."""
    total = sum(n for _, n in triple)
    return all(
        abs(n - share * total) <= max(2, 0.012 * total) for (_, n), share in zip(triple, (0.8, 0.1, 0.1), strict=True)
    )


def living(inside):
    """Return path and weights of the networks of the wanted architecture that are still there."""
    found = []
    for path in inside.networks():
        leaves = leaves_of(inside.arrays_at(path))
        holders = find(leaves, SIZES)
        if holders:
            found.append((path, pick(holders), read(leaves, pick(holders), SIZES)))
    return found


def leaves_of(told):
    """Return what the kernel told about arrays, as `mn_holding` reads it."""
    return [(tuple((str(kind), key) for kind, key in steps), np.asarray(array)) for steps, array in told]


@pytest.mark.check("q2", points=1, hint="`[784, 256, 128, 64, 10]`: 243,338 weights and biases.")
def test_architecture(check, inside):
    """a network 784-256-128-64-10 was trained"""
    if living(inside) or files_with_weights(inside):
        return
    paths = inside.networks()
    if not paths:
        check.fail("None of your variables holds a network: keep the ones you trained, e.g. in a dictionary.")
    shapes = [str(array.shape) for _, array in leaves_of(inside.arrays_at(paths[-1])) if array.ndim == 2]
    check.fail(
        f"None of your networks has the layers 784-256-128-64-10. That of `{paths[-1][0]}` has matrices of the shapes "
        f"{', '.join(shapes[:8]) or 'none'}."
    )


# --- curves ----------------------------------------------------------------------------------------------


def loss_lines(figures, epochs):
    """Return the curves with one point per epoch that do not show accuracies."""
    return [found for found in all_curves(figures) if found.curve.n in (epochs, epochs + 1) and not of_accuracy(found)]


def of_accuracy(found: Found):
    """Tell whether a curve shows accuracies, by the words nearest to it."""
    near = (label_of(found), found.figure.label_of(found.axes, "y"), found.axes.title, found.figure.title)
    said = [text for text in near if OF_ACCURACY.search(text) or OF_LOSS.search(text)]
    return bool(said) and not OF_LOSS.search(said[0])


def about(found: Found):
    """Return all words around a curve."""
    return plain(
        " ".join((label_of(found), found.axes.title, found.figure.title, found.figure.label_of(found.axes, "y")))
    )


def distinct(curves):
    """Return curves that differ in their values."""
    return list({tuple(np.round(found.curve.y, 12)): found for found in curves}.values())


@pytest.mark.parametrize("epochs", (50, 100))
@pytest.mark.check(
    "q2",
    points=6,
    hint="For each of the four activations two lines, of training and validation loss, one point an epoch.",
)
def test_loss_curves(check, figures, epochs):
    """training and validation loss are drawn for each activation, at 50 and at 100 epochs"""
    curves = distinct(loss_lines(figures, epochs))
    by_name = {name: [f for f in curves if pattern.search(about(f))] for name, pattern in ACTIVATIONS.items()}
    named = {name: len(found) for name, found in by_name.items() if found}
    pairs = min(4, len(curves) // 2)
    full = [name for name, n in named.items() if n >= 2] if named else []
    done = max(len(full), 0 if len(named) > 1 else pairs)
    for found in curves[:1]:
        check.show_figure(found.figure, f"One of your plots over {epochs} epochs")
    below = [found for found in curves if min(found.curve.y) < 0]
    if below:
        check.fail(
            f"One of your losses goes down to {min(below[0].curve.y):.3g}. A cross-entropy is never negative: it is "
            "minus the logarithm of a probability. Is the minus there?"
        )
    if done == 4:
        return
    missing = [name for name in ACTIVATIONS if name not in full] if len(named) > 1 else []
    what = f" Missing, or without one of the two lines: {', '.join(missing)}." if missing else ""
    message = (
        f"Your figures show {len(curves)} different loss curves of {epochs} points; eight are asked for, two for each "
        f"activation.{what}"
    )
    check.score(done / 4, message) if done else check.fail(message)


@pytest.mark.check("q2", points=2, hint="plt.xlabel, plt.ylabel, and plt.legend() with a label for each line.")
def test_curves_are_labelled(check, figures):
    """the plots of the losses name their axes and lines"""
    curves = distinct([found for epochs in (50, 100) for found in loss_lines(figures, epochs)])
    if not curves:
        check.fail("Your figures show no loss curve of 50 or 100 points.")
    plots = list({(id(found.figure), id(found.axes)): found for found in curves}.values())
    wrong = [complaint for found in plots if (complaint := unlabelled(found))]
    if wrong:
        check.score(1 - len(wrong) / len(plots), f"Of {len(plots)} plots {len(wrong)} lack something. {wrong[0]}")


def unlabelled(found: Found):
    """Say what a plot lacks; empty where it lacks nothing."""
    missing = [name for name, letter in (("x", "x"), ("y", "y")) if not found.figure.label_of(found.axes, letter)]
    title = f"“{found.axes.title}”: " if found.axes.title else ""
    if missing:
        return (
            f"{title}the {missing[0]} axis has no label." if len(missing) == 1 else f"{title}the axes have no labels."
        )
    several = len(found.axes.curves) > 1
    if several and len(found.figure.legend_of(found.axes)) < 2:
        return f"{title}nobody can tell the lines apart: there is no legend that names them."
    return "" if several or label_of(found) or found.axes.title else "One line has no name."


# --- saved weights ---------------------------------------------------------------------------------------


def files_with_weights(inside):
    """Return path and weights of every file, or of several together, that hold a network of the architecture."""
    told = [
        (str(path), [(tuple(("item", str(n)) for n in names), np.asarray(a)) for names, a in arrays])
        for path, arrays in inside.saved()
    ]
    found = []
    for path, leaves in told:
        found += [(path, read(leaves, holder, SIZES)) for holder in find(leaves, SIZES)[:1]]
        found += [(path, layers) for layers in several(leaves)]
    if not found:
        together = [((("item", path), *steps), array) for path, leaves in told for steps, array in leaves]
        holders = find(together, SIZES)
        found = [(str(holder.weights[0][0][1]), read(together, holder, SIZES)) for holder in holders[:1]]
    return found


def several(leaves):
    """Return the networks of a file that holds more than one, each below a key of its own."""
    keys = list(dict.fromkeys(steps[0] for steps, _ in leaves if len(steps) > 1))
    groups = [[(steps[1:], array) for steps, array in leaves if len(steps) > 1 and steps[0] == key] for key in keys]
    found = [(group, find(group, SIZES)) for group in groups]
    return [read(group, holders[0], SIZES) for group, holders in found if holders]


def different(layers):
    """Return networks that differ in their weights."""
    return list({each.weights[0].tobytes(): each for each in layers}.values())


@pytest.mark.check(
    "q2", points=3, hint="`np.savez(path, *weights, *biases)` or `pickle.dump`; the file is read in your own kernel."
)
def test_weights_are_saved(check, inside):
    """the weights of each network are in a file"""
    files = files_with_weights(inside)
    if not files:
        paths = ", ".join(inside.files()) or "none"
        check.fail(
            "No file your notebook wrote holds weight matrices of the shapes (784, 256), (256, 128), (128, 64) and "
            f"(64, 10). Files there are: {paths[:400]}."
        )
    kept = different([layers for _, layers in files])
    untrained = [path for path, layers in files if not all(np.isfinite(w).all() for w in layers.weights)]
    rows = tuple((path, f"{np.mean([w.std() for w in layers.weights]):.3g}") for path, layers in files[:20])
    check.show(Table(title="Files with weights", columns=("file", "mean deviation of the weights"), rows=rows))
    if untrained:
        check.remark(f"the weights in `{untrained[0]}` are not finite: this training diverged")
    if len(kept) < 4:
        check.score(
            0.25 * len(kept),
            f"Your files hold the weights of {len(kept)} different network{'s' * (len(kept) > 1)}; there are "
            "four activations. Does each network go to a file of its own?",
        )


@pytest.mark.check("q2", points=3, hint="What comes out of the file has to be what went in: same order, same shapes.")
def test_loaded_weights_give_the_same_accuracy(check, inside, data):
    """a network with weights from a file is right as often as the network they came from"""
    files, networks = files_with_weights(inside), living(inside)
    if not files:
        check.fail("No file your notebook wrote holds the weights of a network 784-256-128-64-10.")
    if not networks:
        check.remark("none of your networks is there any more, so the files were judged by themselves")
        return require_trained(check, files)
    parts = data.training(SERVED), data.testing(SERVED)
    pixels, labels = (np.concatenate(part)[:IMAGES] for part in zip(*parts, strict=True))
    x = pixels.reshape(len(pixels), -1) / 255
    for path, holder, layers in networks:
        same = [
            (name, stored) for name, stored in files if np.allclose(stored.weights[0], layers.weights[0], atol=1e-6)
        ]
        if not same:
            continue
        name, stored = same[-1]
        before = right(check, inside, path, x, labels)
        inside.fill_at(path, holder.pairs(stored))
        after = right(check, inside, path, x, labels)
        if before == after:
            check.remark(
                f"`{name}` holds the weights of `{path[0]}`: right on {after} of {len(x)} images before and after"
            )
            return None
        check.fail(
            f"With the weights of `{name}` your network is right on {after} of {len(x)} images, with its own on "
            f"{before}: not everything it needs is in the file."
        )
    check.fail(
        "The weights in your files are those of none of your networks: were they saved before training ended, or are "
        "they somebody else's?",
        Table(
            title="First weights",
            columns=("where", "W1[0, :4]"),
            rows=tuple(
                [(f"`{path[0]}`", show(layers.weights[0][0, :4])) for path, _, layers in networks[:5]]
                + [(name, show(layers.weights[0][0, :4])) for name, layers in files[:5]]
            ),
        ),
    )


def require_trained(check, files):
    """Require that the weights of a file, with one of the activations, are right more often than chance."""
    if check.reference.offline:
        raise NeedsReview("None of your networks is there any more: your files are judged when the homework is graded.")
    pixels, labels = datasets.testing("garments")
    x = pixels.reshape(len(pixels), -1) / 255
    shares = [
        np.mean(check.reference.predict_proba(layers.weights, layers.biases, x, name).argmax(axis=1) == labels)
        for _, layers in files
        for name in ACTIVATIONS
    ]
    if max(shares) < 0.25:
        check.fail("With the weights in your files a network is right no more often than by chance.")


def right(check, inside, path, x, labels):
    """Return on how many images the network at a path is right, counted here."""
    for rows in (x, x.T):
        try:
            told = np.asarray(inside.guesses_at(path, rows))
        except StudentError:
            continue
        guesses = told if told.size == len(x) else told.argmax(axis=1 if told.shape[0] == len(x) else 0)
        if guesses.size == len(x):
            return int(np.sum(guesses.ravel() == labels))
    check.fail(f"`predict` of `{path[0]}` gives no labels for {len(x)} images.")
