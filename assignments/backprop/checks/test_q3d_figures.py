"""Question 3, the figures: the losses against the epochs, and test images beside their probabilities."""

import numpy as np
import pytest
from q3_network import CLASSES, SERVED, Work
from q3_reported import Results

from grader.models import mismatch, prints_of
from grader.plots import images_beside_bars, loss_curves, loss_plot, row_shown

IMAGES = 3
CLOSE = 0.011  # probabilities printed with two digits, and a little for another order of summation
CURVES_HINT = "plt.plot(epochs, history.history['loss'], label='training'), the same for 'val_loss', and plt.legend()."
BARS_HINT = "For each image: fig, (left, right) = plt.subplots(1, 2); left.imshow(image); right.bar(range(10), p)."


def curves_of(check, models, data):
    """Return the training's series that have both losses; fails where there are none."""
    work = Work(check, models, data)
    found = work.curves()
    if not found:
        work.fail_untrained()
    both = [series for series in found if "val_loss" in series]
    if not both:
        check.fail("There is no validation loss to plot: the training had no validation images.")
    return both


@pytest.mark.check("q3", points=1, hint=CURVES_HINT)
def test_loss_curves(check, models, data, figures):
    """one plot shows the training and the validation loss of every epoch"""
    both = curves_of(check, models, data)
    plots = [plot for series in both if (plot := loss_plot(figures, series)) is not None]
    if not plots:
        check.fail(" ".join(min((loss_curves(figures, series) for series in both), key=len)))
    check.show_figure(plots[-1][0].figure, "Your plot of the losses")


@pytest.mark.check("q3", points=1, hint=CURVES_HINT)
def test_loss_plot_labelled(check, models, data, figures):
    """the plot of the losses has labelled axes and a legend"""
    both = curves_of(check, models, data)
    said = min((loss_curves(figures, series) for series in both), key=len)
    if said:
        check.fail(" ".join(said))


class Shown:
    """The pictures beside bar charts, and which of the served images each one shows; None where it shows none."""

    def __init__(self, work, figures):
        self.found = images_beside_bars(figures, IMAGES, CLASSES)
        x, _ = work.data.testing(SERVED)
        more, _ = work.data.training(SERVED)
        self.images, self.n_test = np.concatenate([x, more]), len(x)
        self.rows = [row_shown(pair.picture.image, self.images) for pair in self.found.pairs]
        fitted = [run.prints for run in work.fits]
        self.trained_on = np.isin(prints_of(self.images), np.concatenate(fitted)) if fitted else np.zeros(0, bool)
        own_split = any(work.is_own_split(run) for run in work.fits)
        self.trained_on = self.trained_on if own_split else np.arange(len(self.images)) >= self.n_test

    def tests(self):
        """Return (pair, row) of every picture of a test image."""
        return [
            (pair, row)
            for pair, row in zip(self.found.pairs, self.rows, strict=True)
            if row is not None and not self.trained_on[row]
        ]


@pytest.mark.check("q3", points=1, hint=BARS_HINT)
def test_three_images_beside_bars(check, models, data, figures):
    """three test images stand beside bar charts of ten probabilities that sum to one"""
    shown = Shown(Work(check, models, data), figures)
    if shown.found.missing:
        check.fail(" ".join(shown.found.missing))
    if len({row for _, row in shown.tests()}) < IMAGES:
        training = sum(row is not None and bool(shown.trained_on[row]) for row in shown.rows)
        if training:
            check.fail(f"{training} of your pictures show training images; three test images are asked for.")
        n = len({row for _, row in shown.tests()})
        check.fail(f"Beside your bar charts we could recognise {n} different test images; three are asked for.")
    check.show_figure(shown.tests()[0][0].picture.figure, "One of your images beside its bars")


@pytest.mark.check(
    "q3", points=1, hidden=True, hint="The same index for image and probabilities, and images scaled as for training."
)
def test_bars_are_what_the_model_says(check, models, data, figures):
    """the bars are what the model says of the image beside them"""
    work = Work(check, models, data)
    work.require_training()
    shown = Shown(work, figures)
    pairs = [(pair, row) for pair, row in zip(shown.found.pairs, shown.rows, strict=True) if row is not None]
    if len(pairs) < IMAGES:
        missing = " ".join(shown.found.missing) or "The pictures beside your bar charts are no images of Fashion-MNIST."
        check.fail(missing)
    results = Results(work, models.measure(work.network, SERVED))
    for pair, row in pairs:
        require_bars(check, results, shown, pair.probabilities, row)


def require_bars(check, results, shown, bars, row):
    """Require that bars are the model's probabilities of an image."""
    slack = 0.25 if "standardized" in results.measured.scale.best else CLOSE

    def are(index, scale=None):
        return np.abs(results.probabilities(shown.images[index], scale) - bars).max(axis=1) <= slack  # (n,)

    if are([row])[0]:
        return
    scales = [scale for scale in results.measured.scale.ways if are([row], scale)[0]]
    sentences = [sentence for scale in scales if (sentence := mismatch(results.measured.scale, scale))]
    if scales and not sentences:
        return
    if sentences:
        check.fail(sentences[0])
    other = int(np.argmin(np.abs(results.probabilities(shown.images) - bars).max(axis=1)))
    if are([other])[0]:
        what = "a training image" if other >= shown.n_test else "another test image"
        check.fail(f"The bars beside one of your pictures are what the model says of {what}: do the indices agree?")
    check.fail("The bars beside one of your pictures are not what your model says of that image.")
