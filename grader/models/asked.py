"""Is a model the one that was asked for? By meaning, and with a sentence that says what differs.

Accepted are all ways to write the same network: `Activation` layers, a `Softmax` layer, logits where the loss knows
(`from_logits=True`), `Input` or `input_shape` or none, `Flatten` or images that are flat already, Sequential,
functional or subclassed, nested models, scaling layers at the front.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from grader.models.steps import Network, Step, network
from grader.models.structure import Model

CROSSENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy")
SPELLED = {"relu": "ReLU", "linear": "no activation"}
ALWAYS = ("dense", "activation", "scaling", "shape")
EXTRAS = {
    "dropout": "a Dropout layer",
    "normalization": "a normalization layer",
    "pooling": "a pooling layer",
    "convolution": "a convolution",
    "recurrent": "a recurrent layer",
    "embedding": "an Embedding layer",
    "augmentation": "an augmentation layer",
    "merge": "a layer that joins branches",
    "own": "a layer class of your own",
    "other": "a layer",
}


class Asked(BaseModel):
    """What an author asks of a model; what is None is not asked for.

    `hidden` are the units of the Dense layers before the output, `convolutions` the filters of the convolutions (None
    in them for any number). `allowed` are kinds of layers that may stand in between: "dropout", "normalization",
    "pooling", "augmentation", "embedding", "merge". Pooling is allowed where convolutions are asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden: tuple[int, ...] | None = None
    min_hidden: int = Field(0, ge=0, description="at least so many Dense layers before the output")
    activation: str | tuple[str, ...] | None = Field(None, description="of all hidden layers; one of several")
    outputs: int | None = None
    probabilities: bool | None = Field(
        None, description="softmax (sigmoid for one output), or logits the loss knows of"
    )
    convolutions: tuple[int | None, ...] | None = None
    min_convolutions: int = Field(0, ge=0)
    kernel_size: tuple[int, ...] | None = Field(None, description="of all convolutions")
    min_pooling: int = Field(0, ge=0)
    input_size: int | None = Field(None, description="numbers per example, e.g. 784, flat or not")
    parameters: int | None = None
    allowed: frozenset[str] = frozenset()
    branches: bool = Field(default=False, description="whether the network may have branches")
    loss: str | tuple[str, ...] | None = Field(None, description='"crossentropy" for either, or names as in Keras')
    optimizer: str | tuple[str, ...] | None = None
    learning_rate: float | None = None


def difference(model: Model, asked: Asked) -> str | None:
    """Return one sentence that says how a model differs from what was asked, None where it does not."""
    return next(differences(model, asked), None)


def differences(model: Model, asked: Asked) -> Iterator[str]:
    """Yield a sentence for everything in which a model differs from what was asked, the most telling first."""
    net = network(model)
    if not net.steps:
        yield "The model has no layers."
        return
    if net.branches and not asked.branches:
        yield "The network has branches or several inputs; asked for is one layer after the other."
    yield from _hidden(net, asked)
    yield from _convolutions(net, asked)
    yield from _activations(net, asked)
    yield from _output(net, model, asked)
    yield from _extras(net, asked)
    yield from _sizes(model, asked)
    yield from _compiled(model, asked)


# --- layers --------------------------------------------------------------------------------------------------------


def _hidden_steps(net: Network) -> tuple[Step, ...]:
    return tuple(step for step in net.of("dense") if step is not net.output)


def _hidden(net: Network, asked: Asked) -> Iterator[str]:
    found = tuple(step.size for step in _hidden_steps(net))
    if asked.hidden is not None and found != asked.hidden:
        has = f"yours {_has(found, 'units')}"
        yield f"Asked for {_are(asked.hidden, 'hidden layer', 'units')}; {has}."
    elif len(found) < asked.min_hidden:
        yield f"Asked for are at least {_layers(asked.min_hidden, 'hidden layer')}; yours {_has(found, 'units')}."


def _convolutions(net: Network, asked: Asked) -> Iterator[str]:
    steps = net.of("convolution")
    found = tuple(step.size for step in steps)
    wanted = asked.convolutions
    if wanted is not None and (
        len(wanted) != len(found) or any(w not in (None, f) for w, f in zip(wanted, found, strict=True))
    ):
        sizes = ", ".join("any number of" if size is None else str(size) for size in wanted) or "no"
        yield f"Asked for are {_layers(len(wanted), 'convolution')} ({sizes} filters); yours {_has(found, 'filters')}."
    elif len(found) < asked.min_convolutions:
        yield f"Asked for are at least {_layers(asked.min_convolutions, 'convolution')}; yours has {len(found)}."
    for step in steps:
        size = step.layer.pair("kernel_size") if step.layer is not None else ()
        if asked.kernel_size is not None and size != asked.kernel_size:
            yield f"The convolution `{step.name}` has a kernel of {_by(size)}; {_by(asked.kernel_size)} is asked for."
    n_pools = len(net.of("pooling"))
    if n_pools < asked.min_pooling:
        yield f"Asked for are at least {_layers(asked.min_pooling, 'pooling layer')}; yours has {n_pools}."


def _activations(net: Network, asked: Asked) -> Iterator[str]:
    if asked.activation is None:
        return
    wanted = (asked.activation,) if isinstance(asked.activation, str) else asked.activation
    for step in net.of("dense", "convolution"):
        if step is not net.output and step.activation not in wanted:
            what = f"has {_spell(step.activation)}" if step.activations else "has no activation"
            yield f"The hidden layer `{step.name}` {what}; {' or '.join(map(_spell, wanted))} is asked for."


def _output(net: Network, model: Model, asked: Asked) -> Iterator[str]:
    last = net.output
    if last is None:
        yield "The model has no layer with weights."
        return
    if asked.outputs is not None and last.size != asked.outputs:
        yield f"The last layer, `{last.name}`, has {last.size} outputs; {asked.outputs} are asked for."
    if asked.probabilities:
        yield from _probabilities(last, model, asked)


def _probabilities(last: Step, model: Model, asked: Asked) -> Iterator[str]:
    """Say why the outputs are not probabilities; logits are accepted where the loss knows of them."""
    single = (asked.outputs or last.size) == 1
    wanted = "sigmoid" if single else "softmax"
    logits = model.compiled is not None and model.compiled.from_logits
    found = last.activation
    if found == wanted and not logits:
        return
    if found == "linear" and logits:
        return
    where = f"The last layer, `{last.name}`,"
    if found == wanted:
        yield f"{where} already has {wanted}, but the loss was told `from_logits=True`: {wanted} is then applied twice."
    elif found == "linear":
        yield (
            f"{where} has no {wanted}, and the loss was not told `from_logits=True`: "
            "the outputs are not probabilities and the loss takes them for such."
        )
    elif found == "sigmoid":
        yield (
            f"{where} has sigmoid: {last.size} separate answers that need not sum to one. "
            f"For one of {last.size} classes, softmax is asked for."
        )
    elif found == "softmax":
        yield f"{where} has softmax over a single output, which is always 1; sigmoid is asked for."
    else:
        yield f"{where} has {_spell(found)}; {wanted} is asked for."


def _extras(net: Network, asked: Asked) -> Iterator[str]:
    allowed = {*ALWAYS, *asked.allowed}
    if asked.convolutions or asked.min_convolutions:
        allowed |= {"convolution", "pooling"}
    if asked.min_pooling:
        allowed.add("pooling")
    if asked.hidden is None and asked.convolutions is None:
        allowed |= (
            {"recurrent", "convolution", "pooling"} if not (asked.min_hidden or asked.min_convolutions) else set()
        )
    for step in net.steps:
        if step.kind not in allowed and not (step.kind == "merge" and asked.branches):
            what = EXTRAS.get(step.kind, "a layer")
            yield f"The model has {what} (`{step.name}`, {step.label}) that was not asked for."


def _sizes(model: Model, asked: Asked) -> Iterator[str]:
    shape = model.input_shape[1:]
    if asked.input_size is not None and shape and None not in shape:
        size = 1
        for n in shape:
            size *= n or 1
        if size != asked.input_size:
            yield f"The model takes {size} numbers per example (shape {_by(shape)}); {asked.input_size} are asked for."
    if asked.parameters is not None and model.parameters != asked.parameters:
        yield f"The model has {model.parameters:,} parameters; {asked.parameters:,} are asked for."


# --- compiling -----------------------------------------------------------------------------------------------------


def _compiled(model: Model, asked: Asked) -> Iterator[str]:
    compiled = model.compiled
    if compiled is None:
        if asked.loss is not None or asked.optimizer is not None:
            yield "The model was never compiled: it has no loss and no optimizer."
        return
    yield from _loss(compiled.losses, asked)
    if asked.optimizer is not None:
        wanted = (asked.optimizer,) if isinstance(asked.optimizer, str) else asked.optimizer
        if compiled.optimizer.lower() not in {name.lower() for name in wanted}:
            yield f"The optimizer is {compiled.optimizer}; {' or '.join(wanted)} is asked for."
    rate = compiled.learning_rate
    if asked.learning_rate is not None and rate is not None and abs(rate / asked.learning_rate - 1) > 1e-4:
        yield f"The learning rate is {rate:g}; {asked.learning_rate:g} is asked for."


def _loss(losses: Sequence[str], asked: Asked) -> Iterator[str]:
    if asked.loss is None:
        return
    wanted = (
        CROSSENTROPIES if asked.loss == "crossentropy" else (asked.loss,) if isinstance(asked.loss, str) else asked.loss
    )
    if not losses:
        yield "The model was compiled without a loss."
    for loss in losses:
        if loss not in wanted:
            spelled = "categorical cross-entropy" if wanted is CROSSENTROPIES else " or ".join(map(_words, wanted))
            yield f"The loss is {_words(loss)}; {spelled} is asked for."


# --- words ---------------------------------------------------------------------------------------------------------


def _words(name: str) -> str:
    return name.replace("_", " ").replace("crossentropy", "cross-entropy")


def _spell(activation: str) -> str:
    return SPELLED.get(activation, activation)


def _by(shape: Sequence[int | None]) -> str:
    return "×".join("?" if n is None else str(n) for n in shape) or "unknown size"


def _layers(n: int, what: str) -> str:
    return f"{n or 'no'} {what}{'s' if n != 1 else ''}"


def _listed(sizes: Sequence[int]) -> str:
    *rest, last = [str(size) for size in sizes]
    return f"{', '.join(rest)} and {last}" if rest else last


def _are(sizes: Sequence[int], what: str, unit: str) -> str:
    if not sizes:
        return f"is no {what}"
    return f"{'is' if len(sizes) == 1 else 'are'} {_layers(len(sizes), what)} with {_listed(sizes)} {unit}"


def _has(sizes: Sequence[int], unit: str) -> str:
    return f"has {len(sizes)}, with {_listed(sizes)} {unit}" if sizes else "has none"
