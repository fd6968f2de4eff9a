"""Question 6: a convolutional network for digits, its layers, its accuracy, and a look at what it learned."""

import numpy as np
import pytest
import vp_pictures
from vp_reading import Row, accuracy_called, compare_tables, read_table

from grader.checks import NeedsReview
from grader.compare import show
from grader.models import Asked, accuracy, count_right, fit_images, shared_rows, was_trained
from grader.probe import Missing
from grader.results import Diagnosis, Table, Text

NAMES = ("cnn", "cnn_model", "model_cnn", "model", "CNN", "convnet")
ASKED = Asked(
    min_convolutions=1,
    min_pooling=1,
    outputs=10,
    probabilities=True,
    loss="crossentropy",
    allowed=frozenset({"dropout", "normalization", "augmentation", "merge"}),
    branches=True,
)
ANY = Asked(min_convolutions=1, branches=True, allowed=frozenset({"own", "other", *ASKED.allowed}))
MARGIN = 0.05
ROUNDED = 0.0055
SMALL = 5_000  # training images that are looked at again
SHOWN = 4
ON_TRAINING = Diagnosis(
    name="evaluated-on-training-data",
    title="measured on the images it was trained on",
    explanation="A network may know its training images by heart. What it can do shows on images it has never seen: "
    "evaluate it on the test images.",
)


def network_of(check, models, asked=ANY):
    """Return the network for digits; says so where there was one and it is gone."""
    if not any(layer.kind == "Conv2D" for network in models.all() for layer in network.model.all_layers()):
        seen = [run for run in models.runs(kind="fit") if np.prod(run.shape[1:]) == 784 and len(run.shape) > 2]
        if seen and "cnn" not in check.student:
            check.fail(
                "A network was trained on images, but at the end of your notebook no convolutional network is left: "
                "was `cnn` deleted or overwritten? It is asked about new images after your last cell."
            )
    return models.fitting(asked, *NAMES)


@pytest.mark.check(
    "q6",
    points=3,
    hint='Conv2D, MaxPooling2D, Flatten, Dense(10, activation="softmax"), and a cross-entropy as loss. Without softmax '
    "tell the loss so: from_logits=True.",
)
def test_cnn_network(check, models):
    """the network has a convolution, pooling, and ten probabilities"""
    check.show(network_of(check, models, ASKED).summary())


@pytest.mark.check(
    "q6",
    points=4,
    hidden=True,
    hint="Was fit called on this model? Pixels in 0..1? Does the loss fall from epoch to epoch?",
)
def test_cnn_accuracy(check, models, trained):
    """the network reads as many unseen digits as a small reference network"""
    network = network_of(check, models)
    training = was_trained(network.model)
    if training.trained is False:
        check.fail(f"{network.label} was not trained. {training.sentence}")
    measured = models.measure(network, "mnist")
    bar = trained("mnist", "cnn").bar(measured.right, margin=MARGIN)
    if not bar.reaches:
        check.fail(
            f"On images it has never seen {network.label} has {measured.accuracy} right. A small convolutional "
            "network, trained as asked, does clearly better."
        )


def rights(models, network, measured, pixels, labels):
    """Return which of the images the network has right, on the scale it expects."""
    images = fit_images(network.model, measured.scale.images(pixels)).astype(np.float32)
    return count_right(models.outputs(network, images), labels)


@pytest.mark.check("q6", points=2, needs="cnn_accuracy", hint="loss, cnn_accuracy = cnn.evaluate(test images, labels)")
def test_cnn_accuracy_reported(check, models, data):
    """`cnn_accuracy` is the accuracy of the network on the test images"""
    reported = accuracy_called(check, "cnn_accuracy", ("accuracy_cnn", "cnn_acc", "test_accuracy_cnn"))
    network = network_of(check, models)
    measured = models.measure(network, "mnist")
    right = rights(models, network, measured, *data.testing("mnist"))
    if abs(reported - right.mean()) <= ROUNDED:
        return
    here = accuracy(int(right.sum()), len(right))
    said = f"`cnn_accuracy` is {reported:.3f}, but on the test images {network.label} has {here} right."
    if measured_on_training(models, network, measured, data, reported):
        check.fail(f"{said} Yours was measured on the training images.", diagnosis=ON_TRAINING)
    came_up = any(abs(value - reported) <= ROUNDED for run in models.runs(network) for value in run.values.values())
    likely = accuracy(int(right.sum()), len(right), confidence=0.9999)
    if not (came_up and likely.low <= reported <= likely.high):
        check.fail(f"{said} Was the network trained further after that, or the number typed in?")
    check.remark(f"your `cnn_accuracy` was measured on other images: on the test images it is {right.mean():.3f}")


def measured_on_training(models, network, measured, data, reported):
    """Tell whether the reported accuracy is that on training images, by what `evaluate` was given, or by its value."""
    runs = models.runs(network)
    learnt = [run for run in runs if run.kind == "fit"]
    for run in runs:
        is_it = any(abs(value - reported) <= ROUNDED for value in run.values.values())
        if run.kind == "evaluate" and is_it and any(shared_rows(fit, run) > 0.9 for fit in learnt):
            return True
    pixels, labels = data.training("mnist")
    if len(labels) > SMALL:
        return False
    return abs(rights(models, network, measured, pixels, labels).mean() - reported) <= 1 / len(labels)


@pytest.mark.check(
    "q6",
    points=3,
    needs="layer_table",
    hint="A convolution of k × k without padding makes rows and columns smaller by k − 1 and has (k · k · channels "
    "+ 1) parameters for each filter; pooling halves rows and columns and has none.",
)
def test_layer_table(check, models):
    """`layer_table` has the output shape and the number of parameters of every layer"""
    value = check.student.get("layer_table", "layers_table", "cnn_table", "table", "layer_summary")
    if isinstance(value, Missing):
        raise value.error()
    network = network_of(check, models)
    rows = read_table(value)
    if rows is None:
        check.fail(
            "`layer_table` has to be a list with one entry `(name, output_shape, parameters)` for each layer.",
            Text(title="What `layer_table` is", text=show(value)),
        )
    layers = [
        Row(name=layer.name, shape=layer.output_shape[1:] or None, parameters=layer.parameters)
        for layer in network.model.layers
        if layer.kind != "InputLayer"
    ]
    compared = compare_tables(rows, layers)
    if compared.left_out and compared.right:
        check.remark(f"layers without parameters are missing in your table: {', '.join(compared.left_out)}")
    if compared.fraction < 1:
        lines = tuple((str(row), "right" if fits else "not a layer of yours") for row, fits in compared.rows)
        check.show(Table(title="Your table", columns=("row", "verdict"), rows=lines), network.summary())
        rows_right = f"{compared.right} of {len(compared.rows)} rows of `layer_table`"
        check.score(
            compared.fraction,
            f"{rows_right} have the shape and the parameters of a layer of {network.label}, which has {len(layers)}.",
        )


@pytest.mark.check(
    "q6",
    points=2,
    hint="filters = cnn.layers[0].get_weights()[0] has the shape (rows, columns, 1, filters): plt.imshow(filters[:, :, "
    "0, i]) for some i, after training.",
)
def test_pictures_of_the_first_layer(check, models, figures, data):
    """pictures show what the first convolution has learned: its filters, or feature maps of a digit"""
    network = network_of(check, models)
    layer = vp_pictures.first_convolution(network.model)
    found = vp_pictures.pictures(figures)
    if not found:
        check.fail("Your notebook shows no picture: filters or feature maps are drawn with plt.imshow.")
    if layer is None:
        raise NeedsReview("The weights of the first convolution are not known. A person looks at your pictures.")
    kernel = np.asarray(layer.weight("kernel"))
    wanted = min(SHOWN, kernel.shape[-1])
    filters = {id(figure): vp_pictures.filters_in(pixels, kernel) for figure, pixels, _ in found}
    for figure, pixels, _ in found:
        filters[id(figure)] |= vp_pictures.filters_in(pixels, kernel)
    if len(set().union(*filters.values())) >= wanted:
        for figure in dict.fromkeys(figure for figure, _, _ in found if filters[id(figure)]):
            check.show_figure(figure, title="The filters of your first convolution")
        return
    require_maps(check, models, network, layer, found, data, wanted)


def require_maps(check, models, network, layer, found, data, wanted):
    """Require that pictures are feature maps of one image; where they may be, and of what is not found, ask."""
    digits = np.concatenate([part[:1500] for part in (data.testing("mnist")[0], data.training("mnist")[0])])
    others = [each for each in found if not vp_pictures.is_digit(each[2], digits)]
    maps = [(figure, pixels) for figure, pixels, _ in others if pixels.shape == layer.output_shape[1:3]]
    measured = models.measure(network, "mnist")
    batches = vp_pictures.in_batches(measured.scale.images(digits))
    shown = [pixels for _, pixels in maps]
    if maps and vp_pictures.maps_in(shown, layer, batches) >= min(wanted, SHOWN):
        check.show_figure(maps[0][0], title="Feature maps of your first convolution")
        return
    if not others:
        check.fail("Your pictures are digits: asked for are filters of the first convolution, or what it makes of one.")
    size = tuple(layer.pair("kernel_size"))
    if all(pixels.shape in (size, size * 2) for _, pixels, _ in others):
        check.fail(
            f"Your {len(others)} pictures of {size[0]} × {size[-1]} pixels do not show {wanted} filters of the first "
            "convolution as they are at the end of your notebook. Were they drawn before the training?"
        )
    for figure in dict.fromkeys(figure for figure, _, _ in others):
        check.show_figure(figure)
    raise NeedsReview("It was not found out what your pictures show. A person looks at them.")
