"""Right network classes as students write them: other names, constructors, gradients, labels, answers.

`STYLES` are put together from parts, so that every part occurs in some of them; each is a notebook of two cells.
"""

from __future__ import annotations

from dataclasses import dataclass

FUNCTIONS = """
import numpy as np

def f_relu(z): return np.maximum(z, 0)
def f_sigmoid(z): return 1 / (1 + np.exp(-z))
def f_linear(z): return z
def f_softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)
def g_relu(z): return np.where(z > 0, 1.0, 0.0)
def g_sigmoid(z): return f_sigmoid(z) * (1 - f_sigmoid(z))
def g_linear(z): return np.ones_like(z)
def g_tanh(z): return 1 - np.tanh(z) ** 2
def g_softmax(z): return f_softmax(z) * (1 - f_softmax(z))
F = {"relu": f_relu, "sigmoid": f_sigmoid, "linear": f_linear, "tanh": np.tanh, "softmax": f_softmax}
G = {"relu": g_relu, "sigmoid": g_sigmoid, "linear": g_linear, "tanh": g_tanh, "softmax": g_softmax}

def draw(how, shape):
    if how.startswith("zero"):
        return np.zeros(shape)
    if how.startswith("random"):
        return np.random.rand(*shape) * 0.2 - 0.1
    return np.random.randn(*shape) * 0.1
"""
KINDS = ("relu", "sigmoid", "linear", "tanh", "softmax")

GRADIENTS = {
    "relu_grad": "def {k}(z): return F['{k}'](z)\ndef {k}_grad(z): return G['{k}'](z)",
    "delta_relu": "def {k}(X): return F['{k}'](X)\ndef delta_{k}(X): return G['{k}'](X)",
    "relu_prime": "def {k}(x): return F['{k}'](x)\ndef {k}_prime(x): return G['{k}'](x)",
    "d_relu": "def {k}(x): return F['{k}'](x)\ndef d_{k}(x): return G['{k}'](x)",
    "relu_derivative": "def {k}_activation(x): return F['{k}'](x)\ndef {k}_derivative(x): return G['{k}'](x)",
    "relu_backward": "def {k}(Z): return F['{k}'](Z), Z\ndef {k}_backward(dA, Z): return dA * G['{k}'](Z)",
    "second answer": "def {k}(z): return F['{k}'](z), G['{k}'](z)",
    "mode": "def {k}(x, deriv=False): return G['{k}'](x) if deriv else F['{k}'](x)",
    "one for all": "def activate(z, name): return F[name](z)\ndef activate_grad(z, name): return G[name](z)",
    "one with a mode": "def activation(name, z, derivative=False): return (G if derivative else F)[name](z)",
    "of a class": "class Functions:\n"
    + "".join(
        f"    @staticmethod\n    def {k}(z): return F['{k}'](z)\n"
        f"    @staticmethod\n    def {k}_gradient(z): return G['{k}'](z)\n"
        for k in KINDS
    ),
}  # fmt: skip

CONSTRUCTORS = {
    "layers and sizes": (
        "n_layers, layer_sizes, activation, learning_rate, weight_init, batch_size, num_epochs",
        "assert n_layers == len(layer_sizes)\nsizes, act, init = layer_sizes, activation, weight_init\n"
        "self.lr, self.bs, self.ep = learning_rate, batch_size, num_epochs",
    ),
    "layers without the input": (
        "no_of_layers, layer_sizes, activation='relu', learning_rate=0.1, weight_init='normal', batch_size=32, "
        "num_epochs=100",
        "assert no_of_layers == len(layer_sizes) - 1\nsizes, act, init = list(layer_sizes), activation, weight_init\n"
        "self.lr, self.bs, self.ep = learning_rate, batch_size, num_epochs",
    ),
    "sizes only": (
        "layers, activation='relu', lr=0.1, init='normal', batch=32, epochs=100",
        "sizes, act = tuple(layers), activation\nself.lr, self.bs, self.ep = lr, batch, epochs",
    ),
    "input, hidden, output": (
        "n_inputs, hidden, n_outputs, activation='relu', lr=0.1, weight_init='normal', batch_size=32, epochs=100",
        "sizes, act, init = [n_inputs] + list(hidden) + [n_outputs], activation, weight_init\n"
        "self.lr, self.bs, self.ep = lr, batch_size, epochs",
    ),
    "keywords only": (
        "*, layer_dims, activation_fn='relu', eta=0.1, initialization='normal', minibatch_size=32, n_epochs=100",
        "sizes, act, init = layer_dims, activation_fn, initialization\n"
        "self.lr, self.bs, self.ep = eta, minibatch_size, n_epochs",
    ),
    "other order": (
        "learning_rate, num_epochs, batch_size, activation, weight_init, layer_sizes, n_layers=None",
        "sizes, act, init = layer_sizes, activation, weight_init\n"
        "self.lr, self.bs, self.ep = learning_rate, num_epochs and batch_size, num_epochs",
    ),
    "functions": (
        "layer_sizes, activation, activation_grad, learning_rate=0.1, weight_init='normal', batch_size=32, epochs=100",
        "sizes, init = layer_sizes, weight_init\nact = activation, activation_grad\n"
        "self.lr, self.bs, self.ep = learning_rate, batch_size, epochs",
    ),
    "any keywords": (
        "layer_sizes, **kwargs",
        "sizes = layer_sizes\nact = kwargs.get('activation', 'relu')\ninit = kwargs.get('weight_init', 'normal')\n"
        "self.lr = kwargs.get('learning_rate', 0.1)\nself.bs = kwargs.get('batch_size', 32)\n"
        "self.ep = kwargs.get('num_epochs', 100)",
    ),
    "inputs, outputs, number of hidden layers": (
        "N_inputs, N_outputs, N_layers=2, Layer_sizes=[10, 5], activation='sigmoid', learning_rate=0.1, "
        "weight_init='random', batch_size=1, num_epochs=200",
        "assert N_layers == len(Layer_sizes)\nsizes, act = [N_inputs] + Layer_sizes + [N_outputs], activation\n"
        "init = weight_init\nself.lr, self.bs, self.ep = learning_rate, batch_size, num_epochs",
    ),
    "other words": (
        "layers, act_fn='ReLU', lr=0.1, init='Normal', bs=32, epochs=10",
        "sizes = layers\nact = {'ReLU': 'relu', 'Sigmoid': 'sigmoid', 'Linear': 'linear', 'Tanh': 'tanh'}[act_fn]\n"
        "init = {'Zeros': 'zero', 'Random': 'random', 'Normal': 'normal'}[init]\n"
        "self.lr, self.bs, self.ep = lr, bs, epochs",
    ),
    "an activation for each layer": (
        "layer_sizes, activations, learning_rate=0.1, weight_init='normal', batch_size=32, epochs=10",
        "assert isinstance(activations, list) and len(activations) == len(layer_sizes) - 1\n"
        "sizes, act, init = layer_sizes, activations[0], weight_init\n"
        "self.lr, self.bs, self.ep = learning_rate, batch_size, epochs",
    ),
    "hidden layers and classes": (
        "hidden_layers, n_classes=10, activation='relu', weight_init='normal', input_size=784",
        "sizes, act, init = [input_size, *hidden_layers, n_classes], activation, weight_init",
    ),
    "letters": (
        "L, dims, act, alpha, init, bs, E=5, epochs=100",
        "sizes = dims\nself.lr, self.bs, self.ep = alpha, bs, epochs",
    ),
}

FITS = {  # arguments, rows and one-hot labels from them
    "numbers": ("X, y", "Y = np.eye(self.C)[y]"),
    "one-hot": ("X_train, Y_train, X_val=None, Y_val=None", "X, Y = X_train, Y_train\nassert Y.shape[1] == self.C"),
    "column": ("X, y", "Y = np.eye(self.C)[y[:, 0]]"),
    "packed": ("data", "X, Y = data[:, :-1], np.eye(self.C)[data[:, -1].astype(int)]"),
    "validation needed": ("X, y, X_val, y_val", "Y = np.eye(self.C)[y]"),
    "settings": (
        "X, y, epochs, batch_size, learning_rate",
        "Y = np.eye(self.C)[y]\nself.ep, self.bs, self.lr = epochs, batch_size, learning_rate",
    ),
    "a frame": ("X, y", "import pandas as pd\nX, Y = np.array(X), pd.get_dummies(pd.Series(y)).to_numpy(float)"),
    "columns of samples": ("X, Y", "X, Y = X.T, Y.T\nassert Y.shape[1] == self.C"),
}
RETURNS = {
    "self": "return self",
    "nothing": "pass",
    "losses": "return losses",
    "two lists": "return losses, losses[:]",
    "a dict": "return {'loss': losses}",
}
PREDICTS = {
    "labels": "return P.argmax(axis=1)",
    "one-hot": "return np.eye(self.C)[P.argmax(axis=1)]",
    "probabilities": "return P",
    "a column": "return P.argmax(axis=1).reshape(-1, 1)",
    "a list": "return [int(k) for k in P.argmax(axis=1)]",
    "floats": "return P.argmax(axis=1).astype(float)",
}
PROBAS = {"rows": "return P", "columns": "return P.T", "a list": "return P.tolist()"}
SCORES = {  # arguments and body
    "share": ("X, y", "return np.mean(self.labels(X) == np.asarray(y).ravel())"),
    "percentage": ("X, y", "return 100 * np.sum(self.labels(X) == np.asarray(y).ravel()) / len(np.ravel(y))"),
    "one-hot": ("X, Y", "return float((self.labels(X) == Y.argmax(axis=1)).mean())"),
    "true and predicted": ("y_true, y_pred", "return (np.ravel(y_true) == np.ravel(y_pred)).mean()"),
    "predicted and true": ("y_pred, y_true", "return (np.ravel(y_true) == np.ravel(y_pred)).sum() / len(y_true)"),
    "loss and accuracy": ("X, y", "return 1.7, np.mean(self.labels(X) == np.asarray(y).ravel())"),
    "packed": ("data", "return np.mean(self.labels(data[:, :-1]) == data[:, -1])"),
    "columns": ("X, Y", "return np.mean(self.labels(X.T) == Y.argmax(axis=0))"),
    "rounded percentage": ("X, y", "return round(np.mean(self.labels(X) == np.ravel(y)) * 100, 2)"),
}
HOLDS = {  # how weights are kept: begin, read W and b of a layer, write both
    "lists": ("self.W, self.b = Ws, bs", "self.W[k], self.b[k]", "self.W[k] = W\nself.b[k] = b"),
    "dict": (
        "self.params = {f'W{k + 1}': W for k, W in enumerate(Ws)} | {f'b{k + 1}': b for k, b in enumerate(bs)}",
        "self.params[f'W{k + 1}'], self.params[f'b{k + 1}']",
        "self.params[f'W{k + 1}'] = W\nself.params[f'b{k + 1}'] = b",
    ),
    "turned": (
        "self.weights, self.biases = [W.T.copy() for W in Ws], [b.T.copy() for b in bs]",
        "self.weights[k].T, self.biases[k].T",
        "self.weights[k] = W.T\nself.biases[k] = b.reshape(-1, 1)",
    ),
    "attributes": (
        "for k in range(len(Ws)):\n    setattr(self, f'w{k}', Ws[k])\n    setattr(self, f'bias{k}', bs[k])",
        "getattr(self, f'w{k}'), getattr(self, f'bias{k}')",
        "setattr(self, f'w{k}', W)\nsetattr(self, f'bias{k}', b)",
    ),
    "in place": (
        "self.weights, self.biases = Ws, [b.ravel() for b in bs]",
        "self.weights[k], self.biases[k]",
        "self.weights[k][...] = W\nself.biases[k][...] = b.ravel()",
    ),
    "objects": (
        "self.W, self.B = np.empty(len(Ws), dtype=object), np.empty(len(Ws), dtype=object)\n"
        "for k in range(len(Ws)):\n    self.W[k], self.B[k] = Ws[k], bs[k]",
        "self.W[k], self.B[k]",
        "self.W[k] = W\nself.B[k] = b",
    ),
    "keys from 1": (
        "self.W = {k + 1: W for k, W in enumerate(Ws)}\nself.b = {k + 1: b for k, b in enumerate(bs)}",
        "self.W[k + 1], self.b[k + 1]",
        "self.W[k + 1] = W\nself.b[k + 1] = b",
    ),
    "none for the input": (
        "self.W, self.b = [None] + Ws, [None] + bs",
        "self.W[k + 1], self.b[k + 1]",
        "self.W[k + 1] = W\nself.b[k + 1] = b",
    ),
    "pairs": ("self.layers = [[W, b] for W, b in zip(Ws, bs)]", "self.layers[k]", "self.layers[k] = (W, b)"),
    "biases inside": (
        "self.W = [np.vstack([W, b]) for W, b in zip(Ws, bs)]",
        "self.W[k][:-1], self.W[k][-1:]",
        "self.W[k] = np.vstack([W, b])",
    ),
    "no biases": ("self.coefs_ = Ws", "self.coefs_[k], 0", "self.coefs_[k] = W"),
}

CLASS = """
class {name}:
    def __init__(self, {arguments}):
        {constructor}
        self.f, self.g = (F[act], G[act]) if isinstance(act, str) else act
        self.C, self.n = sizes[-1], len(sizes) - 1
        Ws = [draw(init, pair) for pair in zip(sizes[:-1], sizes[1:])]
        bs = [np.zeros((1, n)) for n in sizes[1:]]
        {begin}

    def layer(self, k):
        return {read}

    def _through(self, X):
        A, Z = [X], []
        for k in range(self.n):
            W, b = self.layer(k)
            Z.append(A[-1] @ W + b)
            A.append(f_softmax(Z[-1]) if k == self.n - 1 else self.f(Z[-1]))
        return A, Z

    def {learn}(self, {given}):
        {taken}
        losses = []
        for epoch in range(self.ep):
            order = np.random.permutation(len(X))
            for start in range(0, len(X), self.bs):
                rows = order[start:start + self.bs]
                A, Z = self._through(X[rows])
                d = (A[-1] - Y[rows]) / len(rows)
                changes = []
                for k in reversed(range(self.n)):
                    W, b = self.layer(k)
                    changes.append((k, W - self.lr * A[k].T @ d, b - self.lr * d.sum(axis=0, keepdims=True)))
                    d = (d @ W.T) * self.g(Z[k - 1]) if k else d
                for k, W, b in changes:
                    {write}
            P = self._through(X)[0][-1]
            losses.append(-np.log((P * Y).sum(axis=1) + 1e-15).mean())
        {returned}

    def labels(self, X):
        return self._through(X)[0][-1].argmax(axis=1)

    def predict_proba(self, X):
        P = self._through({rows})[0][-1]
        {proba}

    def predict(self, X):
        P = self._through({rows})[0][-1]
        {predict}

    def score(self, {scored}):
        {score}
"""


@dataclass(frozen=True, kw_only=True)
class Style:
    """One choice of each part."""

    name: str = "MyNeuralNetwork"
    constructor: str = "layers and sizes"
    gradients: str = "relu_grad"
    learn: str = "fit"
    fit: str = "numbers"
    returned: str = "self"
    predict: str = "labels"
    proba: str = "rows"
    score: str = "share"
    held: str = "lists"

    def cells(self) -> list[str]:
        """Return the code cells of a notebook in this style."""
        gradient = GRADIENTS[self.gradients]
        listed = [gradient.format(k=kind) for kind in KINDS] if "{k}" in gradient else [gradient]
        arguments, constructor = CONSTRUCTORS[self.constructor]
        given, taken = FITS[self.fit]
        scored, score = SCORES[self.score]
        begin, read, write = HOLDS[self.held]
        parts = {
            "constructor": constructor, "begin": begin, "taken": taken, "write": write, "score": score,
            "returned": RETURNS[self.returned], "proba": PROBAS[self.proba], "predict": PREDICTS[self.predict],
        }  # fmt: skip
        deep = {name: text.replace("\n", "\n" + " " * (20 if name == "write" else 8)) for name, text in parts.items()}
        source = CLASS.format(
            name=self.name, arguments=arguments, read=read, learn=self.learn, given=given, scored=scored,
            rows="X.T" if self.fit == "columns of samples" else "X", **deep,
        )  # fmt: skip
        return [FUNCTIONS + "\n".join(listed), source]


STYLES = {
    "MyNN, layers without the input, delta_relu": Style(
        name="MyNN", constructor="layers without the input", gradients="delta_relu", returned="nothing", held="dict"
    ),
    "NeuralNetwork, sizes, relu_prime, one-hot, percentage": Style(
        name="NeuralNetwork", constructor="sizes only", gradients="relu_prime", fit="one-hot", score="one-hot",
        returned="losses", predict="one-hot", held="turned",
    ),
    "NeuralNet, hidden only, relu_backward, train": Style(
        name="NeuralNet", constructor="input, hidden, output", gradients="relu_backward", learn="train",
        returned="two lists", predict="probabilities", score="percentage", held="attributes",
    ),
    "keywords, second answer, true and predicted": Style(
        name="ANN", constructor="keywords only", gradients="second answer", predict="a column",
        score="true and predicted", returned="a dict", held="in place",
    ),
    "another order, mode argument, predicted and true": Style(
        constructor="other order", gradients="mode", score="predicted and true", predict="a list", proba="a list"
    ),
    "functions for activations, no biases": Style(
        constructor="functions", gradients="d_relu", held="no biases", score="loss and accuracy", predict="floats"
    ),
    "any keywords, one function for all": Style(
        name="MLP", constructor="any keywords", gradients="one for all", fit="column", score="rounded percentage"
    ),
    "letters, columns of samples": Style(
        constructor="letters", gradients="one with a mode", fit="columns of samples", score="columns", proba="columns",
        held="turned",
    ),
    "packed data, functions of a class": Style(
        name="Net", gradients="of a class", fit="packed", score="packed", learn="fit_model"
    ),
    "number of hidden layers, arrays of objects": Style(
        constructor="inputs, outputs, number of hidden layers", held="objects"
    ),
    "other words, keys from 1": Style(constructor="other words", held="keys from 1", fit="a frame"),
    "a list of activations, None for the input": Style(
        constructor="an activation for each layer", held="none for the input", fit="validation needed"
    ),
    "settings in fit, layers as pairs": Style(
        constructor="hidden layers and classes", held="pairs", fit="settings"
    ),
    "derivative, probabilities as columns": Style(
        gradients="relu_derivative", proba="columns", constructor="sizes only", fit="column", score="share"
    ),
}  # fmt: skip
