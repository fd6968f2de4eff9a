"""One homework, written in many hands: every style is right, and must be seen to be right.

Each style is the code of question 4; what they share is the mathematics.
"""

HELPERS = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))

def dsigmoid(z):
    s = sigmoid(z)
    return s * (1 - s)

def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

def cross_entropy_loss(y, y_hat):
    return -np.sum(y * np.log(y_hat + 1e-300))

def integer_to_one_hot(label, classes=10):
    v = np.zeros(classes)
    v[label] = 1
    return v

sizes = [784, 32, 32, 10]
"""

DATASET = """
def feed_forward_dataset(x, y):
    total, right = 0, 0
    for s, t in zip(x, y):
        loss, guess = feed_forward_sample(s, t)
        total += loss
        right += int(np.argmax(guess) == np.argmax(t) if np.size(t) > 1 else np.argmax(guess) == t)
    print(f"average loss {total / len(x):.4f}, accuracy {right / len(x):.2%}")
"""

EPOCH = """
def train_one_epoch(x, y, learning_rate=0.003):
    for s, t in zip(x, y):
        train_one_sample(s, t, learning_rate)
"""

LISTS = """
weights = [np.random.normal(0, np.sqrt(1 / max(a, b)), (a, b)) for a, b in zip(sizes, sizes[1:])]
biases = [np.zeros(b) for b in sizes[1:]]

def forward(x):
    zs, activations = [], [x]
    for w, b in zip(weights[:-1], biases[:-1]):
        zs.append(activations[-1] @ w + b)
        activations.append(sigmoid(zs[-1]))
    zs.append(activations[-1] @ weights[-1] + biases[-1])
    return zs, activations, softmax(zs[-1])

def feed_forward_sample(sample, y):
    _, _, p = forward(np.ravel(sample))
    guess = integer_to_one_hot(int(np.argmax(p)))
    return cross_entropy_loss(integer_to_one_hot(int(y)), p), guess

def train_one_sample(sample, y, learning_rate=0.003):
    zs, activations, p = forward(np.ravel(sample))
    delta = p - integer_to_one_hot(int(y))
    for i in (2, 1, 0):
        d_w, d_b = np.outer(activations[i], delta), delta
        if i:
            delta = (weights[i] @ delta) * dsigmoid(zs[i - 1])
        weights[i] = weights[i] - learning_rate * d_w
        biases[i] = biases[i] - learning_rate * d_b
"""

DICT_COLUMNS = """
rng = np.random.default_rng(1)
params = {}
for i in range(1, 4):
    params[f"W{i}"] = rng.normal(scale=max(sizes[i - 1], sizes[i]) ** -0.5, size=(sizes[i], sizes[i - 1]))
    params[f"b{i}"] = np.zeros((sizes[i], 1))

def feed_forward_sample(sample, y):
    a = np.asarray(sample, dtype=float).reshape(-1, 1)
    for i in (1, 2):
        a = sigmoid(params[f"W{i}"] @ a + params[f"b{i}"])
    p = softmax(params["W3"] @ a + params["b3"])
    guess = integer_to_one_hot(p.argmax()).reshape(-1, 1)
    return -np.log(p[int(y), 0] + 1e-300), guess

def train_one_sample(sample, y, learning_rate=0.003):
    a0 = np.asarray(sample, dtype=float).reshape(-1, 1)
    z1 = params["W1"] @ a0 + params["b1"]
    a1 = sigmoid(z1)
    z2 = params["W2"] @ a1 + params["b2"]
    a2 = sigmoid(z2)
    p = softmax(params["W3"] @ a2 + params["b3"])
    d3 = p - integer_to_one_hot(int(y)).reshape(-1, 1)
    d2 = (params["W3"].T @ d3) * dsigmoid(z2)
    d1 = (params["W2"].T @ d2) * dsigmoid(z1)
    for i, (d, a) in enumerate([(d1, a0), (d2, a1), (d3, a2)], 1):
        params[f"W{i}"] -= learning_rate * (d @ a.T)
        params[f"b{i}"] -= learning_rate * d
"""

NAMES_ROWS = """
W1 = np.random.randn(784, 32) / np.sqrt(784)
W2 = np.random.randn(32, 32) / np.sqrt(32)
W3 = np.random.randn(32, 10) / np.sqrt(32)
b1, b2, b3 = np.zeros((1, 32)), np.zeros((1, 32)), np.zeros((1, 10))
dW1 = dW2 = dW3 = None

def feed_forward_sample(sample, y):
    global z1, a1, z2, a2, p
    x = sample.reshape(1, 784)
    z1 = x @ W1 + b1; a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2; a2 = sigmoid(z2)
    p = softmax(a2 @ W3 + b3)
    guess = np.zeros(10); guess[np.argmax(p)] = 1
    return -np.log(p[0, y] + 1e-300), guess

def train_one_sample(sample, y, lr=0.003):
    global W1, W2, W3, b1, b2, b3, dW1, dW2, dW3
    loss, _ = feed_forward_sample(sample, y)
    x = sample.reshape(1, 784)
    d3 = p.copy(); d3[0, y] -= 1
    d2 = d3 @ W3.T * dsigmoid(z2)
    d1 = d2 @ W2.T * dsigmoid(z1)
    dW1, dW2, dW3 = x.T @ d1, a1.T @ d2, a2.T @ d3
    W1 = W1 - lr * dW1; W2 = W2 - lr * dW2; W3 = W3 - lr * dW3
    b1 = b1 - lr * d1; b2 = b2 - lr * d2; b3 = b3 - lr * d3
    return loss
"""

SCALAR_BIASES = LISTS.replace("biases = [np.zeros(b) for b in sizes[1:]]", "biases = [0, 0, 0]")

OBJECT_ARRAY = LISTS.replace(
    "biases = [np.zeros(b) for b in sizes[1:]]",
    "biases = np.array([np.zeros(b) for b in sizes[1:]], dtype=object)\nweights = np.array(weights, dtype=object)",
)

ALIASES = (
    LISTS.replace("def forward", "W1, W2, W3 = weights\nfirst_bias = biases[0]\n\ndef forward")
    .replace("weights[i] = weights[i] - learning_rate", "weights[i] -= learning_rate")
    .replace("biases[i] = biases[i] - learning_rate", "biases[i] -= learning_rate")
)

PASSED_AND_RETURNED = """
weights = [np.random.normal(0, max(a, b) ** -0.5, (a, b)) for a, b in zip(sizes, sizes[1:])]
biases = [np.zeros(b) for b in sizes[1:]]

def feed_forward_sample(sample, y, weights=None, biases=None):
    weights = globals()["weights"] if weights is None else weights
    biases = globals()["biases"] if biases is None else biases
    a = np.ravel(sample)
    for w, b in zip(weights[:-1], biases[:-1]):
        a = sigmoid(a @ w + b)
    p = softmax(a @ weights[-1] + biases[-1])
    return cross_entropy_loss(integer_to_one_hot(int(y)), p), integer_to_one_hot(int(np.argmax(p)))

def train_one_sample(sample, y, weights, biases, learning_rate=0.003):
    a0 = np.ravel(sample)
    z1 = a0 @ weights[0] + biases[0]; a1 = sigmoid(z1)
    z2 = a1 @ weights[1] + biases[1]; a2 = sigmoid(z2)
    p = softmax(a2 @ weights[2] + biases[2])
    d3 = p - integer_to_one_hot(int(y))
    d2 = weights[2] @ d3 * dsigmoid(z2)
    d1 = weights[1] @ d2 * dsigmoid(z1)
    new_w = [w - learning_rate * np.outer(a, d) for w, a, d in zip(weights, (a0, a1, a2), (d1, d2, d3))]
    return new_w, [b - learning_rate * d for b, d in zip(biases, (d1, d2, d3))]

def train_one_epoch(x, y, learning_rate=0.003):
    global weights, biases
    for s, t in zip(x, y):
        weights, biases = train_one_sample(s, t, weights, biases, learning_rate)
"""

ONE_HOT_LABELS = LISTS.replace("integer_to_one_hot(int(y))", "y")

OBJECT = """
class Network:
    def __init__(self):
        self.W = [np.random.normal(0, max(a, b) ** -0.5, (b, a)) for a, b in zip(sizes, sizes[1:])]
        self.b = [np.zeros(b) for b in sizes[1:]]

    def forward(self, x):
        zs, acts = [], [x]
        for w, b in zip(self.W, self.b):
            zs.append(w @ acts[-1] + b)
            acts.append(sigmoid(zs[-1]))
        return zs, acts, softmax(zs[-1])

net = Network()

def feed_forward_sample(sample, y):
    p = net.forward(np.ravel(sample))[2]
    return cross_entropy_loss(integer_to_one_hot(int(y)), p), integer_to_one_hot(int(np.argmax(p)))

def train_one_sample(sample, y, eta=0.003):
    zs, acts, p = net.forward(np.ravel(sample))
    delta = p - integer_to_one_hot(int(y))
    for i in (2, 1, 0):
        grad = np.outer(delta, acts[i])
        step = delta
        if i > 0:
            delta = (net.W[i].T @ delta) * dsigmoid(zs[i - 1])
        net.W[i] = net.W[i] - eta * grad
        net.b[i] = net.b[i] - eta * step
"""

GLOBAL_DATA = (
    """
x_train = np.random.rand(200, 28, 28)
y_train = np.random.randint(0, 10, 200)
"""
    + LISTS
)
GLOBAL_DATA_EPOCH = """
def train_one_epoch(learning_rate=0.003):
    for i in range(len(x_train)):
        train_one_sample(x_train[i], y_train[i], learning_rate)
"""

PAIRS = (
    LISTS.replace(
        "weights = [np.random.normal(0, np.sqrt(1 / max(a, b)), (a, b)) for a, b in zip(sizes, sizes[1:])]\n"
        "biases = [np.zeros(b) for b in sizes[1:]]",
        "layers = [[np.random.normal(0, np.sqrt(1 / max(p)), p), np.zeros(p[1])] for p in zip(sizes, sizes[1:])]",
    )
    .replace("zip(weights[:-1], biases[:-1])", "layers[:-1]")
    .replace("weights[-1]", "layers[-1][0]")
    .replace("biases[-1]", "layers[-1][1]")
    .replace("weights[i]", "layers[i][0]")
    .replace("biases[i]", "layers[i][1]")
)

SINGLE = LISTS.replace("(a, b)) for", "(a, b)).astype(np.float32) for")

STYLES = {
    "lists": (LISTS, EPOCH),
    "dict, columns, (out, in)": (DICT_COLUMNS, EPOCH),
    "names, rows, gradients in globals": (NAMES_ROWS, EPOCH),
    "scalar biases": (SCALAR_BIASES, EPOCH),
    "object arrays": (OBJECT_ARRAY, EPOCH),
    "aliases": (ALIASES, EPOCH),
    "passed and returned": (PASSED_AND_RETURNED, ""),
    "one-hot labels": (ONE_HOT_LABELS, EPOCH),
    "an object": (OBJECT, EPOCH),
    "data in globals": (GLOBAL_DATA, GLOBAL_DATA_EPOCH),
    "pairs": (PAIRS, EPOCH),
}


def question_4(name: str) -> list[str]:
    """Return the code cells of question 4 in one style."""
    network, epoch = STYLES[name]
    return [HELPERS, network, DATASET + epoch]
