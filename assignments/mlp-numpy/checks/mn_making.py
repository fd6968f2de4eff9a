"""How a student's class wants to be made and trained: which argument takes what, and in which form.

Arguments are told apart by their names, in the documented order where the names say nothing. What is left open (does
the number of layers count the input? are the sizes those of the hidden layers? is the activation a word or a
function?) is tried out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.compare import one_hot

Parameters = Sequence[Sequence[Any]]

ROLES = {
    "count": "nlayers|numlayers|nooflayers|noflayers|numberlayers|totallayers|layerno|numberoflayers"
    "|layerscount|layercount|nolayers|l|nlayer|numoflayers|depth",
    "hidden": "hidden|hiddenlayers|hiddensizes|hiddenlayersizes|hiddenunits|hiddendims|hiddenlayerdims|nhidden"
    "|hiddensize|nodeshidden|hiddenneurons|hiddendim",
    "sizes": "layersizes|layerssizes|sizes|layers|layerdims|layersdims|dims|architecture|units|topology|neurons|nodes"
    "|layersize|layernodes|nneurons|layerunits|structure|shape|layerssize|sizeoflayers|layerdimensions|dimensions"
    "|neuronsperlayer|layerneurons|nunits|net|layout|config|arch",
    "inputs": "inputsize|inputdim|ninput|ninputs|nfeatures|inputs|nin|numfeatures|inputlayersize|numinputs|features"
    "|inputlayer|inputunits|inputnodes|dimin|indim",
    "outputs": "outputsize|outputdim|noutput|noutputs|nclasses|outputs|nout|numclasses|classes|outputlayersize"
    "|numoutputs|outputlayer|outputunits|outputnodes|dimout|outdim|c",
    "activation": "activation|activationfunction|act|activ|activationfn|hiddenactivation|actfn|activationfunc|acti"
    "|nonlinearity|activations|func|fn|activationname|actfunc",
    "gradient": "activationgrad|activationgradient|activationprime|gradient|activationderivative|dactivation|grad",
    "rate": "learningrate|lr|alpha|eta|rate|stepsize|learnrate|learningratevalue",
    "init": "weightinit|init|initialization|weightinitialization|initializer|weightsinit|initmethod|weightinitializer"
    "|initialisation|weightinitialisation|initweights|inittype|initialiser|initialweights|initmode|weights",
    "batch": "batchsize|batch|minibatchsize|bs|minibatch|nbatch|sizeofbatch|mbsize|batches",
    "epochs": "numepochs|epochs|nepochs|maxiter|iterations|niter|epoch|numofepochs|numberofepochs|numiterations|nepoch",
    "x": "x|xtrain|data|trainx|inputdata|samples|images|traindata|trainingdata|xs|xdata|training|dataset|a0|inp",
    "y": "y|ytrain|labels|label|targets|target|trainy|ys|trainlabels|ydata|t|yonehot|trainlabel",
    "x_new": "xval|xvalidation|xtest|valx|validx|xvalid|testx|xdev",
    "y_new": "yval|yvalidation|ytest|valy|validy|yvalid|testy|ydev",
    "new": "validationdata|valdata|validation|evalset|testdata",
}
PATTERNS = {role: re.compile(f"({names})") for role, names in ROLES.items()}
ORDER = ("count", "sizes", "activation", "rate", "init", "batch", "epochs")
FIT_ORDER = ("x", "y", "epochs", "rate", "batch")
SYNONYMS = {
    "relu": ("relu", "ReLU"),
    "sigmoid": ("sigmoid", "Sigmoid", "logistic", "sigm"),
    "linear": ("linear", "Linear", "identity"),
    "tanh": ("tanh", "Tanh"),
    "softmax": ("softmax", "Softmax"),
    "zero": ("zero", "zeros", "zero_init", "zeros_init"),
    "random": ("random", "rand", "random_init", "uniform", "random_uniform"),
    "normal": ("normal", "normal_init", "gaussian", "random_normal", "randn"),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The network that is wanted: `sizes` from the number of features to that of classes."""

    sizes: tuple[int, ...]
    activation: str = "relu"
    rate: float = 0.1
    init: str = "normal"
    batch: int = 32
    epochs: int = 1


@dataclass(frozen=True, kw_only=True)
class Making:
    """One way to fill in what names of arguments leave open.

    `less` is what is taken off the number of layers, `hidden` whether the sizes are those of the hidden layers only,
    `form` of the activation "word", "function" or "list", `spelled` the n-th spelling of words, `unnamed` how the
    documented order begins: with the number of layers or with the sizes.
    """

    less: int = 0
    hidden: bool = False
    form: str = "word"
    spelled: int = 0


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Arguments of one call by position and by name, and which roles found no place."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any]
    left: frozenset[str] = frozenset()


def role_of(name: str) -> str | None:
    """Return what an argument or attribute of this name stands for."""
    plain = re.sub(r"[_\d]", "", str(name)).lower()
    return next((role for role, pattern in PATTERNS.items() if pattern.fullmatch(plain)), None)


def makings(parameters: Parameters) -> Iterator[Making]:
    """Yield the ways to make a network that the names of its arguments leave open, the likely ones first."""
    roles = {role_of(p[0]) for p in parameters}
    counts = (0, 1, 2) if "count" in roles or not roles & set(ROLES) else (0,)
    apart = bool(roles & {"inputs", "outputs"}) or ("hidden" in roles and "sizes" not in roles)
    hidden = (True, False) if apart else (False, True)
    for spelled, form, inner, less in itertools.product((0, 1), ("word", "function", "list"), hidden, counts):
        yield Making(less=less, hidden=inner, form=form, spelled=spelled)


def constructor(
    parameters: Parameters,
    wanted: Settings,
    making: Making,
    words: Sequence[str],
    function: Callable[[str], Any],
) -> Bound:
    """Return the arguments of a constructor; `words` are the options its class knows, `function(name)` finds one."""
    activation = spelling(wanted.activation, words, making.spelled)
    forms: dict[str, Callable[[], Any]] = {
        "word": lambda: activation,
        "function": lambda: function(wanted.activation),
        "list": lambda: [*[activation] * (len(wanted.sizes) - 2), spelling("softmax", words, making.spelled)],
    }
    inner = list(wanted.sizes[1:-1])
    values = {
        "count": len(wanted.sizes) - making.less,
        "sizes": inner if making.hidden else list(wanted.sizes),
        "hidden": inner if making.hidden or _has(parameters, "inputs", "outputs") else list(wanted.sizes),
        "inputs": wanted.sizes[0],
        "outputs": wanted.sizes[-1],
        "activation": forms[making.form],
        "gradient": lambda: function(f"{wanted.activation}_grad"),
        "rate": wanted.rate,
        "init": spelling(wanted.init, words, making.spelled),
        "batch": wanted.batch,
        "epochs": wanted.epochs,
    }
    if making.form != "function":
        del values["gradient"]
    return bind(parameters, values, ORDER)


def spelling(word: str, known: Sequence[str], place: int) -> str:
    """Return a word as a class spells it, or the documented or the n-th usual spelling."""
    plain = {re.sub(r"[_\s-]", "", name).lower() for name in (word, *SYNONYMS[word])}
    same = [name for name in known if re.sub(r"[_\s-]", "", name).lower() in plain]
    listed = list(dict.fromkeys([*sorted(same, key=lambda name: name != word), *SYNONYMS[word]]))
    return listed[min(place, len(listed) - 1)]


def bind(parameters: Parameters, values: dict[str, Any], order: Sequence[str]) -> Bound:
    """Hand out values by the roles of arguments, in the documented order where no name says anything.

    A value that is a function is called for the value. `left` are the roles in `order` that found no place.
    """
    named = [p for p in parameters if not str(p[1]).startswith("VAR_")]
    if any(p[1] == "VAR_KEYWORD" for p in parameters) and "epochs" in order:
        taken = {role_of(p[0]) for p in named}
        spare = DOCUMENTED if not named else DOCUMENTED[2:]
        named = [*named, *([name, "KEYWORD_ONLY", True] for name in spare if role_of(name) not in taken)]
    if not any(role_of(p[0]) in values for p in named):
        return Bound(args=tuple(_value(values[role]) for role in order[: len(named)]), kwargs={})
    given = _given(named, values, order)
    first = [name for name, kind, _ in named if kind == "POSITIONAL_ONLY" and name in given]
    return Bound(
        args=tuple(_value(values[given[name]]) for name in first),
        kwargs={name: _value(values[role]) for name, role in given.items() if name not in first},
        left=frozenset(order) - frozenset(given.values()),
    )


def _given(named: Parameters, values: dict[str, Any], order: Sequence[str]) -> dict[str, str]:
    """Return the role of each argument that gets a value; one without a default gets what is left over."""
    given: dict[str, str] = {}
    for name, _, _ in named:
        role = role_of(name)
        if role in values and role not in given.values():
            given[name] = role
    spare = [role for role in order if role not in given.values()]
    for name, _, has_default in named:
        if name not in given and not has_default and spare:
            given[name] = spare.pop(0)
    return given


DOCUMENTED = ("n_layers", "layer_sizes", "activation", "learning_rate", "weight_init", "batch_size", "num_epochs")


def _value(value: Any) -> Any:
    return value() if callable(value) else value


def _has(parameters: Parameters, *roles: str) -> bool:
    return any(role_of(p[0]) in roles for p in parameters)


# --- data ------------------------------------------------------------------------------------------------

CLASSES = 3


@dataclass(frozen=True, kw_only=True)
class Form:
    """How rows and labels go in: as columns or rows, labels as numbers, one-hot or in a column, or all in one."""

    turned: bool = False
    label: str = "number"
    packed: str = ""

    def x(self, rows: np.ndarray) -> np.ndarray:
        """Return rows (n, features) as the student's functions take them."""
        return rows.T.copy() if self.turned else rows

    def y(self, labels: np.ndarray, classes: int) -> Any:
        """Return labels (n,) as the student's functions take them."""
        ways: dict[str, Callable[[], np.ndarray]] = {
            "number": lambda: labels.astype(int),
            "one-hot": lambda: np.array([one_hot(int(label), classes) for label in labels]),
            "column": lambda: labels.astype(int).reshape(-1, 1),
        }
        answer = ways[self.label]()
        return answer.T.copy() if self.turned else answer

    def both(self, rows: np.ndarray, labels: np.ndarray, classes: int) -> Any:
        """Return rows and labels in one argument."""
        if self.packed == "columns":
            return np.column_stack([rows, labels])
        answers = replace(self, turned=False).y(labels, classes)
        if self.packed == "pairs of columns":
            return [(x.reshape(-1, 1), np.reshape(y, (-1, 1))) for x, y in zip(rows, answers, strict=True)]
        return list(zip(rows, answers, strict=True))


APART = (
    Form(),
    Form(label="one-hot"),
    Form(label="column"),
    Form(turned=True, label="one-hot"),
    Form(turned=True, label="column"),
    Form(turned=True),
)
TOGETHER = (
    Form(packed="columns"),
    Form(packed="pairs", label="one-hot"),
    Form(packed="pairs"),
    Form(packed="pairs of columns", label="one-hot"),
)


def forms(parameters: Parameters) -> Sequence[Form]:
    """Return the forms of data that a training method with these arguments may take."""
    plain = [p for p in parameters if not str(p[1]).startswith("VAR_") and not p[2]]
    asked = [p for p in plain if role_of(p[0]) not in {"epochs", "rate", "batch"}]
    return TOGETHER if len(asked) == 1 and not _has(parameters, "y") else APART


def training(parameters: Parameters, form: Form, x: np.ndarray, y: np.ndarray, wanted: Settings) -> Bound:
    """Return the arguments of a training method."""
    classes = wanted.sizes[-1]
    labels = form.y(y, classes) if not form.packed else None
    values: dict[str, Any] = {
        "x": form.both(x, y, classes) if form.packed else form.x(x),
        "y": labels,
        "epochs": wanted.epochs,
        "rate": wanted.rate,
        "batch": wanted.batch,
    }
    needed = {role_of(p[0]) for p in parameters if not p[2]}
    spare = {"x_new": values["x"], "y_new": labels, "new": (values["x"], labels), "activation": wanted.activation}
    values |= {role: value for role, value in spare.items() if role in needed}
    if form.packed:
        del values["y"]
    return bind(parameters, values, [role for role in FIT_ORDER if role in values])
