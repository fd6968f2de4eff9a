"""Network classes of `mlp-numpy` written out: right ones unlike those of `mn_styles`, and odd ones."""

FUNCTIONS = """
import numpy as np

def relu(z): return np.maximum(z, 0)
def relu_grad(z): return (z > 0) * 1.0
def sigmoid(z): return 1 / (1 + np.exp(-np.clip(z, -500, 500)))
def sigmoid_grad(z): return sigmoid(z) * (1 - sigmoid(z))
def linear(z): return z
def linear_grad(z): return 1
def tanh(z): return np.tanh(z)
def tanh_grad(z): return 1 - np.tanh(z) ** 2
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
def softmax_grad(z): return softmax(z) * (1 - softmax(z))
TABLE = {"relu": (relu, relu_grad), "sigmoid": (sigmoid, sigmoid_grad), "linear": (linear, linear_grad),
         "tanh": (tanh, tanh_grad), "softmax": (softmax, softmax_grad)}

def draw(how, shape):
    if how in ("zero", "zeros"):
        return np.zeros(shape)
    if how == "random":
        return np.random.uniform(-0.3, 0.3, shape)
    return np.random.normal(0, 1 / np.sqrt(shape[0]), shape)
"""

MADE_IN_FIT = """
class MyNeuralNetwork:
    def __init__(self, hidden_layer_sizes, activation="relu", learning_rate=0.1, init="normal", batch_size=32,
                 epochs=9):
        self.hidden_layer_sizes, self.activation, self.init = hidden_layer_sizes, activation, init
        self.learning_rate, self.batch_size, self.epochs = learning_rate, batch_size, epochs

    def fit(self, X, y):
        f, g = TABLE[self.activation]
        sizes = [X.shape[1], *self.hidden_layer_sizes, len(np.unique(y))]
        self.coefs = [draw(self.init, pair) for pair in zip(sizes, sizes[1:])]
        self.intercepts = [np.zeros(n) for n in sizes[1:]]
        for _ in range(self.epochs):
            order = np.random.permutation(len(X))
            for i in range(0, len(X), self.batch_size):
                rows = order[i:i + self.batch_size]
                a, z = [X[rows]], []
                for W, b in zip(self.coefs, self.intercepts):
                    z.append(a[-1] @ W + b)
                    a.append(f(z[-1]))
                d = softmax(z[-1])
                d[range(len(rows)), y[rows]] -= 1
                d /= len(rows)
                for k in range(len(self.coefs))[::-1]:
                    below = (d @ self.coefs[k].T) * g(z[k - 1]) if k else None
                    self.coefs[k] = self.coefs[k] - self.learning_rate * a[k].T @ d
                    self.intercepts[k] = self.intercepts[k] - self.learning_rate * d.sum(0)
                    d = below
        return self

    def predict_proba(self, X):
        f, _ = TABLE[self.activation]
        for W, b in zip(self.coefs[:-1], self.intercepts[:-1]):
            X = f(X @ W + b)
        return softmax(X @ self.coefs[-1] + self.intercepts[-1])

    def predict(self, X):
        return self.predict_proba(X).argmax(1)

    def score(self, X, y):
        return float((self.predict(X) == y).mean())
"""

COLUMNS = """
class Network:
    '''Samples are pairs of columns, as in Nielsen's book.'''
    def __init__(self, sizes, activation="relu", weight_init="normal"):
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.fn, self.fn_grad = TABLE[activation]
        self.weights = [draw(weight_init, (b, a)) for a, b in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros((b, 1)) for b in sizes[1:]]

    def feedforward(self, a):
        for k, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = w @ a + b
            a = softmax(z.T).T if k == self.num_layers - 2 else self.fn(z)
        return a

    def fit(self, training_data, epochs=30, mini_batch_size=10, eta=0.1):
        data = list(training_data)
        for _ in range(epochs):
            np.random.shuffle(data) if False else None
            order = np.random.permutation(len(data))
            data = [data[i] for i in order]
            for k in range(0, len(data), mini_batch_size):
                self.update(data[k:k + mini_batch_size], eta)

    def update(self, batch, eta):
        gw = [np.zeros(w.shape) for w in self.weights]
        gb = [np.zeros(b.shape) for b in self.biases]
        for x, y in batch:
            a, zs = [x], []
            for k, (w, b) in enumerate(zip(self.weights, self.biases)):
                zs.append(w @ a[-1] + b)
                a.append(softmax(zs[-1].T).T if k == self.num_layers - 2 else self.fn(zs[-1]))
            d = a[-1] - y
            for k in range(len(self.weights) - 1, -1, -1):
                gw[k] += d @ a[k].T
                gb[k] += d
                if k:
                    d = (self.weights[k].T @ d) * self.fn_grad(zs[k - 1])
        self.weights = [w - eta / len(batch) * g for w, g in zip(self.weights, gw)]
        self.biases = [b - eta / len(batch) * g for b, g in zip(self.biases, gb)]

    def predict_proba(self, x):
        return self.feedforward(x)

    def predict(self, x):
        return int(np.argmax(self.feedforward(x)))

    def score(self, data):
        return sum(self.predict(x) == np.argmax(y) for x, y in data) / len(data)
"""

BACKWARD = """
class ANN:
    # the number of layers counts those with weights; labels are one-hot; nothing is said twice
    def __init__(self, num_layers, layer_dims, act, lr, init, bs, n_epochs):
        assert num_layers == len(layer_dims) - 1
        self.act, self.lr, self.bs, self.n_epochs = act, lr, bs, n_epochs
        self.p = {}
        for i in range(num_layers):
            self.p[f"W{i+1}"] = draw(init, (layer_dims[i], layer_dims[i + 1])).astype(np.float32)
            self.p[f"b{i+1}"] = np.zeros((1, layer_dims[i + 1]), dtype=np.float32)
        self.n = num_layers

    def activation(self, z, name):
        return TABLE[name][0](z)

    def activation_backward(self, dA, Z, name):
        return dA * TABLE[name][1](Z)

    def forward(self, X):
        self.Z, self.A = {}, {0: X}
        for i in range(1, self.n + 1):
            self.Z[i] = self.A[i - 1] @ self.p[f"W{i}"] + self.p[f"b{i}"]
            self.A[i] = self.activation(self.Z[i], "softmax" if i == self.n else self.act)
        return self.A[self.n]

    def train(self, X_train, y_train, X_val=None, y_val=None):
        losses = []
        for e in range(self.n_epochs):
            idx = np.random.permutation(X_train.shape[0])
            for s in range(0, len(idx), self.bs):
                xb, yb = X_train[idx[s:s + self.bs]], y_train[idx[s:s + self.bs]]
                d = (self.forward(xb) - yb) / len(xb)
                g = {}
                for i in range(self.n, 0, -1):
                    g[f"W{i}"], g[f"b{i}"] = self.A[i - 1].T @ d, d.sum(0, keepdims=True)
                    if i > 1:
                        d = self.activation_backward(d @ self.p[f"W{i}"].T, self.Z[i - 1], self.act)
                for k in g:
                    self.p[k] -= (self.lr * g[k]).astype(np.float32)
            losses.append(float(-(y_train * np.log(self.forward(X_train) + 1e-12)).sum(1).mean()))
        return losses

    def predict_proba(self, X):
        return self.forward(X)

    def predict(self, X):
        p = self.forward(X)
        return np.eye(p.shape[1])[p.argmax(1)]

    def score(self, y_true, y_pred):
        return round(100 * float(np.mean(np.argmax(y_true, 1) == np.argmax(y_pred, 1))), 4)
"""

NO_BIASES = """
class MyNN:
    def __init__(self, input_size, hidden_sizes, output_size, **options):
        self.options = {"activation": "relu", "learning_rate": 0.1, "weight_init": "normal", "batch_size": 32,
                        "num_epochs": 10} | options
        self.learning_rate = self.options["learning_rate"]
        self.batch_size = self.options["batch_size"]
        self.num_epochs = self.options["num_epochs"]
        self.activation = self.options["activation"]
        sizes = [input_size] + list(hidden_sizes) + [output_size]
        self.W = [draw(self.options["weight_init"], pair) for pair in zip(sizes[:-1], sizes[1:])]

    @staticmethod
    def relu(z, grad=False):
        return np.where(z > 0, 1.0, 0.0) if grad else np.where(z > 0, z, 0.0)

    def _pass(self, X):
        a, z = [X], []
        for w in self.W:
            z.append(a[-1].dot(w))
            a.append(TABLE[self.activation][0](z[-1]))
        return a, z

    def fit(self, X, y):
        y = np.asarray(y).ravel()
        for _ in range(self.num_epochs):
            o = np.random.permutation(len(X))
            for i in range(0, len(X), self.batch_size):
                r = o[i:i + self.batch_size]
                a, z = self._pass(X[r])
                d = (softmax(z[-1]) - np.eye(self.W[-1].shape[1])[y[r]]) / len(r)
                for k in reversed(range(len(self.W))):
                    old = self.W[k].copy()
                    self.W[k] -= self.learning_rate * a[k].T.dot(d)
                    if k:
                        d = d.dot(old.T) * TABLE[self.activation][1](z[k - 1])

    def predict_proba(self, X):
        return softmax(self._pass(X)[1][-1]).T

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=0).reshape(-1, 1)

    def score(self, X, y):
        return np.mean(self.predict(X).ravel() == np.ravel(y))
"""

PAIRS = (
    FUNCTIONS
    + """
class Activations:
    # value and derivative at once
    @staticmethod
    def relu(z): return relu(z), relu_grad(z)
    @staticmethod
    def sigmoid(z): return sigmoid(z), sigmoid_grad(z)
    @staticmethod
    def linear(z): return z, np.ones_like(z)
    @staticmethod
    def tanh(z): return np.tanh(z), 1 - np.tanh(z) ** 2
    @staticmethod
    def softmax(z): return softmax(z), softmax_grad(z)
"""
)

CLASSES = {
    "weights made by fit, hidden sizes": [FUNCTIONS, MADE_IN_FIT],
    "samples as pairs of columns": [FUNCTIONS, COLUMNS],
    "one-hot labels, train, float32": [FUNCTIONS, BACKWARD],
    "no biases, options by name": [FUNCTIONS, NO_BIASES],
    "value and derivative at once": [PAIRS, MADE_IN_FIT],
}
ODD = {
    "nothing inside": ["class MyNeuralNetwork:\n    def fit(self, X, y): return self\n"
                       "    def predict(self, X): return 1"],
    "raises": ["class MyNeuralNetwork:\n    def __init__(self, n_layers, layer_sizes): raise ValueError('no')\n"
               "    def fit(self, X, y): pass\n    def predict(self, X): pass"],
    "not a class": ["def MyNeuralNetwork(*a):\n    return 3"],
    "ragged": ["import numpy as np\nclass MyNeuralNetwork:\n    def __init__(self, n, layer_sizes, *a, **k):\n"
               "        self.W = [np.ones((a, b)) for a, b in zip(layer_sizes, layer_sizes[1:])]\n"
               "    def relu(self, z): return [1, [2, 'x']]\n    def relu_grad(self, z): return None\n"
               "    def fit(self, X, y): self.W = [w[:, :1] for w in self.W]\n    def predict(self, X): return 'cat'\n"
               "    def predict_proba(self, X): return {'a': object()}\n    def score(self, X, y): return [1j]"],
    "endless": ["class MyNeuralNetwork:\n    def __init__(self, *a, **k): self.w = 0\n    def fit(self, X, y):\n"
                "        while True: pass\n    def predict(self, X): return X"],
}  # fmt: skip
