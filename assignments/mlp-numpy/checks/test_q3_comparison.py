"""Question 3: the table of accuracies, whether it holds, and whether the winner is its winner."""

import math

import pytest
from mn_tables import ACTIVATIONS, NAMES, activation_of, claim_in, comparisons, plain, sentences_of, typed
from mn_written import printed, written

from grader.checks import NotAttempted
from grader.errors import StudentError
from grader.results import Table

PRINTED = "what you printed"
CLOSE = 0.0051  # tables are rounded to two digits


@pytest.fixture
def comparison(check, inside, notebook):
    """The student's comparison, read from variables, printed lines or Markdown."""
    found = comparisons(inside.tables(), texts(notebook))
    if found.values:
        rows = [
            (NAMES[owner], activation, f"{value:.4g}") for (owner, activation), value in sorted(found.values.items())
        ]
        check.show(
            Table(title=f"Read from {found.source}", columns=("whose", "activation", "accuracy"), rows=tuple(rows))
        )
        return found
    if not any(cell.kind == "code" and "MLPClassifier(" in cell.source for cell in notebook.execution.cells):
        raise NotAttempted("There is no comparison with `MLPClassifier` yet.")
    return check.fail(
        "No table of accuracies was found: keep it in `comparison`, a dictionary or DataFrame with the four "
        "activations, your accuracy and scikit-learn's; or print one line for each activation."
    )


def texts(notebook):
    """Return where and what was printed or written in question 3, else in all cells."""
    cells = notebook.cells("q3") or notebook.execution.cells
    shown = list(printed(cells))
    return [*shown, *written(cells), (PRINTED, "\n".join(text for _, text in shown))]


@pytest.mark.check(
    "q3", points=3, hint="One row per activation: relu, sigmoid, linear, tanh; your accuracy and scikit-learn's."
)
def test_table_of_accuracies(check, comparison):
    """your accuracies and scikit-learn's are compared for each of the four activations"""
    missing = [
        f"{NAMES[owner]} {name}" for name in ACTIVATIONS for owner in NAMES if (owner, name) not in comparison.values
    ]
    odd = [key for key, value in comparison.values.items() if not 0 <= value <= 1]
    if odd:
        check.fail(f"{comparison.values[odd[0]]:g} is no accuracy: these lie between 0 and 1 (or 0 and 100 %).")
    if missing:
        check.score(1 - len(missing) / 8, f"In your table these are missing: {', '.join(missing)}.")


@pytest.mark.check(
    "q3", points=3, hidden=True, hint="Fill the table from the models themselves, after the last training."
)
def test_table_is_what_the_models_give(check, inside, notebook, comparison):
    """the accuracies in the table are those of the models that are still there, on your test images"""
    if typed(comparison.values.values(), typed_text(notebook)):
        check.remark("the numbers in your table were typed, perhaps from a run on other data: they were not recomputed")
        return
    seen, confirmed = recomputed(inside, comparison)
    wrong = [key for key in seen if key not in confirmed]
    if not seen:
        check.remark("none of the models in the table is there any more: it could not be recomputed")
    if not wrong:
        return
    owner, activation = wrong[0]
    rows = [
        (NAMES[o], a, f"{comparison.values[o, a]:.4g}", f"{share:.4g}", f"`{x[0]}`")
        for o, a in wrong
        for share, x in seen[o, a][:3]
    ]
    columns = ("whose", "activation", "in your table", "what the model gives", "on")
    check.show(Table(title="Recomputed", columns=columns, rows=tuple(rows)))
    message = (
        f"{len(wrong)} of {len(seen)} accuracies in your table are not what the models give on your test images: the "
        f"first is {NAMES[owner]} {activation}, {comparison.values[owner, activation]:.3g} in the table."
    )
    check.score(len(confirmed) / len(seen), message) if confirmed else check.fail(message)


def recomputed(inside, comparison):
    """Return what the models that are still there give, by what they are in the table, and which of it is in there."""
    data = data_sets(inside)
    models = [("sklearn", path, activation_of(plain(kind)), kind) for path, kind in inside.estimators()]
    models += [("mine", path, of_own(inside, path), "") for path in inside.networks()]
    seen, confirmed = {}, set()
    for owner, path, activation, _ in models:
        key = (owner, activation)
        if activation is None or key not in comparison.values:
            continue
        for x, y in data:
            share = agreement(inside, path, x, y)
            if share is not None:
                seen.setdefault(key, []).append((share, x))
                if abs(share - comparison.values[key]) <= CLOSE:
                    confirmed.add(key)
                    break
    return seen, confirmed


def data_sets(inside):
    """Return pairs of paths of images and labels, those called test first."""
    shapes = [(tuple(path), tuple(shape)) for path, shape in inside.shapes()]
    images = [
        (path, shape) for path, shape in shapes if (len(shape) == 2 and shape[1] == 784) or shape == (784, shape[-1])
    ]
    labels = [(path, shape) for path, shape in shapes if len(shape) == 1 or (len(shape) == 2 and shape[1] in (1, 10))]
    pairs = [
        (list(x), list(y))
        for x, x_shape in images
        for y, y_shape in labels
        if x_shape[0] == y_shape[0] and alike(x[0], y[0])
    ]
    return sorted(
        pairs, key=lambda pair: ("test" not in str(pair[0][0]).lower(), "test" not in str(pair[1][0]).lower())
    )[:12]


def alike(x, y):
    """Tell whether the names of images and labels belong together: both of the test part, or neither."""
    words = ("test", "val", "train")
    return [word in str(x).lower() for word in words] == [word in str(y).lower() for word in words]


def of_own(inside, path):
    """Return the activation of a network of the student's: by its name, else by what it keeps."""
    named = activation_of(plain(" ".join(map(str, path))))
    kept = [name for word in inside.field_words(path) if (name := activation_of(word))]
    return named or (kept[0] if kept else None)


def agreement(inside, path, x, y):
    """Return the share of right guesses, None where the model cannot be asked so."""
    try:
        share = inside.agreement(path, x, y)
    except StudentError:
        return None
    return float(share) if isinstance(share, int | float) else None


@pytest.mark.check("q3", points=2, hint="The best model is the one with the largest number in your own table.")
def test_winner_is_the_best_of_the_table(check, inside, notebook, comparison):
    """the model you call the best is the best in your own table"""
    cells = notebook.cells("q3") or notebook.execution.cells
    said = [text for _, text in [*printed(cells), *written(cells)]]
    sentences = [sentence for text in said for sentence in sentences_of(text)]
    claim = claim_in([(str(name), str(text)) for name, text in inside.texts()], sentences, typed_text(notebook))
    if claim is None:
        check.fail('You name no winner: put it into `best_model`, e.g. "sklearn tanh", or say it in a sentence.')
    own = comparisons([], written(cells))
    table = own if claim.typed and len(own.values) > 1 else comparison
    best = table.best()
    if any(claim.names(key) for key in best):
        return
    named = max((table.values[key] for key in table.values if claim.names(key)), default=None)
    if claim.typed and table is comparison and named is not None and chance(inside, table.values[best[0]], named):
        check.remark(
            "your sentence was written with other data: here another model is ahead, by no more than chance allows"
        )
        return
    theirs = "" if named is None else f" (at most {named:.4g})"
    check.fail(
        f"You call the best: “{claim.said}”{theirs}. In your own table it is "
        f"{' and '.join(f'{NAMES[owner]} {activation}' for owner, activation in best)}, with "
        f"{table.values[best[0]]:.4g}."
    )


def chance(inside, best, named):
    """Tell whether two accuracies on the student's test images may differ by chance, being of equally good models."""
    pairs = data_sets(inside)
    n = len(inside.prints(pairs[0][0])) if pairs else 100
    p = min(max((best + named) / 2, 0.1), 0.9)
    return best - named <= 2.5 * math.sqrt(2 * p * (1 - p) / n)


def typed_text(notebook):
    """Return everything the student typed."""
    return "\n".join(cell.source for cell in notebook.execution.cells)
