"""Question 4: what was built on VGG16, what of it is trained, and how good it is class by class."""

import itertools
import re

import numpy as np
import pytest
from mn_transfer import BLOCKS, CLASSES, changed, described, frozen, predicted, transfer_of

from grader.models import prints_of, shared_rows
from grader.results import Table

NUMBER = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+|nan)(?:e-?\d+)?\s*%?", re.IGNORECASE)
CLOSE = 0.0051
MIN_FROZEN = BLOCKS[2]  # the lower three blocks
MAX_SHARED = 0.02  # of two parts: some images look the same
MAX_SETS = 2  # sets of images are predicted


@pytest.fixture
def transfer(check, models, notebook):
    """What the student built on VGG16."""
    sources = "\n".join(cell.source for cell in notebook.execution.cells if cell.kind == "code")
    return transfer_of(check, described(models), sources)


def layers(transfer):
    """Return the layers with weights as evidence."""
    parts = (transfer.base,) if transfer.whole else (transfer.base, transfer.top)
    rows = [
        (layer.name, layer.kind, f"{layer.parameters:,}", f"{layer.trainable_parameters:,}")
        for part in parts
        for layer in part.model.all_layers()
        if layer.parameters
    ]
    return Table(
        title="Layers with weights", columns=("layer", "class", "parameters", "trained"), rows=tuple(rows[:40])
    )


@pytest.mark.check(
    "q4", points=3, hint="`VGG16(weights=…, include_top=False)`, flattened or pooled, dense layers, Dense(10)."
)
def test_transfer_structure(check, transfer):
    """the model is VGG16's convolutions with dense layers of your own on top"""
    check.show(layers(transfer))
    head = transfer.top.head
    if any(layer.number("units") == 4096 for layer in head) and len(head) > 2 and head[-1].number("units") == 1000:
        check.fail("VGG16 still has its own top: leave it off with `include_top=False`.")
    last = head[-1]
    compiled = transfer.top.model.compiled
    logits = compiled is not None and compiled.from_logits
    if last.number("units") != CLASSES:
        check.fail(f"The last layer has {last.number('units')} units; there are ten classes.")
    softmax = last.activation == "softmax" or any(layer.kind == "Softmax" for layer in transfer.top.model.all_layers())
    if not softmax and not logits:
        check.score(
            0.5, f"The last layer has the activation {last.activation}, not softmax: it gives no probabilities."
        )


@pytest.mark.check("q4", points=3, hint="`base.trainable = False`, or that of single layers, before you compile.")
def test_convolutions_are_frozen(check, transfer):
    """the lower convolutions are frozen and are those that came with VGG16, the new layers are trained"""
    convolutions = transfer.base.convolutions
    still = frozen(convolutions) if transfer.whole else len(convolutions)
    trained = sum(layer.trainable_parameters for layer in transfer.top.head)
    check.show(layers(transfer))
    if still < MIN_FROZEN:
        first = convolutions[still].name
        check.fail(f"`{first}` is trained: the lower convolutional layers are to be frozen, {still} of 13 are.")
    if trained == 0:
        check.fail("Your new dense layers are frozen, too: nothing is trained.")
    wrong = changed(convolutions[:still])
    if wrong:
        check.fail(
            f'The kernel of `{wrong[0]}` is not the one `VGG16(weights="imagenet")` came with: was it made with '
            "`weights=None`, or trained before it was frozen?"
        )
    if not any(
        np.any(weight.value) for layer in transfer.top.head for weight in layer.weights if weight.name == "bias"
    ):
        check.score(0.5, "The biases of your new layers are all zero: was the model trained?")


def pictures(inside, shape):
    """Return path and number of rows of the arrays of images that a model takes."""
    wanted = tuple(shape)
    found = [(tuple(path), tuple(size)) for path, size in inside.shapes()]
    return [
        (path, size[0])
        for path, size in found
        if len(size) == 4 and size[0] > 1 and all(w in (None, n) for w, n in zip(wanted, size[1:], strict=False))
    ]


@pytest.mark.check("q4", points=1, hint="`train_test_split(images, labels, test_size=0.2)`.")
def test_split_80_20(check, inside, models, transfer, notebook):
    """the images are split 80 / 20, and no image is in both parts"""
    arrays = pictures(inside, transfer.base.model.input_shape[1:]) or pictures(inside, (None, None, 3))
    pairs = [
        (one, other)
        for one, other in itertools.permutations(arrays, 2)
        if abs(other[1] - 0.2 * (one[1] + other[1])) <= max(2, 0.012 * (one[1] + other[1]))
    ]
    for one, other in pairs[:6]:
        seen, new = (set(np.asarray(inside.prints(list(path))).tolist()) for path, _ in (one, other))
        if len(seen & new) <= MAX_SHARED * len(new):
            return
    if kept_apart(inside, models, arrays):
        return
    sources = "\n".join(cell.source for cell in notebook.cells("q4"))
    if re.search(r"validation_split\s*=\s*0?\.20?\b", sources):
        check.remark("the split was taken from `validation_split`")
        return
    if pairs:
        check.fail(f"`{pairs[0][0][0][0]}` and `{pairs[0][1][0][0]}` share images: what is tested on must be new.")
    listed = ", ".join(f"`{path[0]}` {n}" for path, n in arrays[:10]) or "none"
    check.fail(f"No two arrays of images stand 80 : 20. Your arrays and their numbers of rows: {listed}.")


def kept_apart(inside, models, arrays):
    """Tell whether an array is a fifth of another one, of which no model was trained on this part."""
    trained = [run for run in models.runs(kind="fit") if len(run.prints)]
    for whole, part in itertools.permutations(arrays, 2) if trained else ():
        if abs(part[1] - 0.2 * whole[1]) > max(2, 0.012 * whole[1]):
            continue
        everything, fifth = (prints_of(np.asarray(inside.rows(list(path)))) for path, _ in (whole, part))
        seen = max(shared_rows(run, fifth) for run in trained)
        if shared_rows(everything, fifth) > 1 - MAX_SHARED and seen <= MAX_SHARED:
            return True
    return False


@pytest.mark.check(
    "q4", points=3, hint="For each class: of the images with this label, the share with the right prediction."
)
def test_class_accuracies(check, inside, transfer, notebook):
    """the ten class accuracies are those your model gives on your test images"""
    claimed = list(claims(inside, notebook))
    sets = labelled(inside, transfer)
    if not sets:
        check.fail(
            "No array of test images for your model was found with labels of the same length: keep both, images of "
            f"shape (n, {', '.join(str(n or 'n') for n in transfer.base.model.input_shape[1:])}) and labels (n,)."
        )
    if not claimed:
        check.fail("Ten class accuracies were found nowhere: keep them in `class_accuracy`, or print one line a class.")
    first, guesses = None, {}
    for path, labels_path in sets[:6]:
        if path not in guesses and len(guesses) < MAX_SETS:
            guesses[path] = predicted(check, transfer, np.asarray(inside.rows(list(path))).astype(np.float32))
        if path not in guesses:
            continue
        y = np.asarray(inside.labels_of(inside.rows(list(labels_path)))).ravel()
        want = accuracies(guesses[path], y.astype(int))
        if any(agrees(numbers, want) for numbers in claimed):
            return
        first = first or (path, want)
    near = min(claimed, key=lambda numbers: float(np.nansum(np.abs(np.asarray(numbers) - first[1]))))
    rows = tuple(
        (str(k), f"{own:.4g}", f"{want:.4g}") for k, (own, want) in enumerate(zip(near, first[1], strict=True))
    )
    check.fail(
        f"Your class accuracies are not those your model gives on `{first[0][0]}`.",
        Table(title="Class by class", columns=("class", "yours", "recomputed"), rows=rows),
    )


def labelled(inside, transfer):
    """Return pairs of paths: images the model takes, and labels of the same length; the smaller parts first."""
    shapes = [(tuple(path), tuple(shape)) for path, shape in inside.shapes()]
    images = pictures(inside, transfer.base.model.input_shape[1:])
    labels = [(p, s) for p, s in shapes if (len(s) == 1 or (len(s) == 2 and s[1] in (1, CLASSES))) and is_label(p[0])]
    found = [(n, x, y) for x, n in images for y, shape in labels if shape[0] == n]
    return [(x, y) for n, x, y in sorted(found, key=lambda one: (one[0], "test" not in str(one[1][0])))]


def is_label(name):
    """Tell whether a name may be that of true labels."""
    plain = str(name).lower()
    return not any(word in plain for word in ("pred", "guess", "prob", "hat", "acc"))


def accuracies(guesses, labels):
    """Return the accuracy of each class, NaN for one that does not occur."""
    hits = [guesses[labels == k] == k for k in range(CLASSES)]
    return np.array([each.mean() if each.size else np.nan for each in hits])


def agrees(numbers, want):
    """Tell whether ten numbers are the accuracies, perhaps rounded, or in percent; a class without images may be 0."""
    got = np.asarray(numbers, dtype=float)
    for scale in (1.0, 0.01):
        close = np.abs(got * scale - want) <= CLOSE
        if np.all(close | (np.isnan(want) & (np.isnan(got) | (got == 0)))):
            return True
    return False


def claims(inside, notebook):
    """Yield what may be ten class accuracies: of variables, then of what was printed, one line a class or in a row."""
    for _, cells in inside.tables():
        numbers = [number for _, number in cells]
        if len(numbers) == CLASSES:
            yield numbers
        yield from (numbers[i::n] for n in (2, 3, 4) if len(numbers) == n * CLASSES for i in range(n))
    for cell in notebook.cells("q4") or notebook.execution.cells:
        for output in cell.outputs:
            if output.mime.startswith("text/plain"):
                yield from printed(output.data)


def printed(text):
    """Yield ten numbers that stand below each other in ten lines, or in one."""
    rows = [[value(m.group()) for m in NUMBER.finditer(line)] for line in text.splitlines()]
    rows = [row for row in rows if row]
    flat = [number for row in rows for number in row]
    if len(flat) == CLASSES:
        yield flat
    for start in range(len(rows) - CLASSES + 1):
        part = rows[start : start + CLASSES]
        width = min(map(len, part))
        yield from ([row[i] for row in part] for i in range(width))
        yield from ([row[-1 - i] for row in part] for i in range(width))


def value(text):
    """Return a written number, a percentage as a share."""
    stripped = text.strip()
    return float(stripped.rstrip("% ")) / (100 if stripped.endswith("%") else 1)
