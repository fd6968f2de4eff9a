"""Right solutions as other students write them: other names, orders, shapes, classes. No Keras, no figures.

`SLIPS` are changes that make them wrong: (check, misconception, what is there, what to put in its place).
"""

from pathlib import Path

import nbformat

SUBMISSIONS = Path(__file__).parents[2] / "submissions"

OTHER_ORDERS = """
import math
import numpy as np

def perceptron_update(x, target, weights, bias, eta):
    guess = (weights.T @ x + bias >= 0) * 1
    return {"w": weights + eta * (target - guess) * x, "b": bias + eta * (target - guess)}

def train_perceptron(data, labels, lr=0.1, n_iter=50):
    theta = np.zeros(data.shape[1] + 1)
    for _ in range(n_iter):
        for row, label in zip(np.hstack([np.ones((len(data), 1)), data]), labels):
            theta += lr * (label - float(theta @ row >= 0)) * row
    return theta

def convolution2d(kernel, img, pad=0, s=1):
    edge = [[0] * (len(img[0]) + 2 * pad)] * pad
    img = edge + [[0] * pad + list(r) + [0] * pad for r in img] + edge
    a, b = len(kernel), len(kernel[0])
    return [[sum(img[i + u][j + v] * kernel[u][v] for u in range(a) for v in range(b))
             for j in range(0, len(img[0]) - b + 1, s)] for i in range(0, len(img) - a + 1, s)]

def pool(x, f, stride, how):
    stride = stride or f
    rows = range(0, x.shape[0] - f + 1, stride)
    cols = range(0, x.shape[1] - f + 1, stride)
    return np.array([how(x[r:r + f, c:c + f]) for r in rows for c in cols]).reshape(len(rows), len(cols))

def max_pooling(x, pool_size, stride=None): return pool(x, pool_size, stride, np.max)
def avg_pooling(x, pool_size, stride=None): return pool(x, pool_size, stride, np.mean)

def rnn_cell(xt, h_prev, params):
    return np.tanh(xt @ params["Wx"] + h_prev @ params["Wh"] + params["b"])

def lstm_cell(xt, state, Wx, Wh, b):
    h, c = state
    i, f, g, o = np.split(xt @ Wx + h @ Wh + b, 4)
    s = lambda v: 1 / (1 + np.exp(-v))
    c = s(f) * c + s(i) * np.tanh(g)
    h = s(o) * np.tanh(c)
    return h, (h, c)

def discriminator_loss(real, fake): return -np.mean(np.log(real + 1e-6) + np.log(1 - fake + 1e-6))
def generator_loss(fake): return -np.mean(np.log(fake + 1e-6))

def sigmoid(x):
    x = np.asarray(x, dtype=float)
    out = np.empty_like(x)
    out[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    out[x < 0] = np.exp(x[x < 0]) / (1 + np.exp(x[x < 0]))
    return out
def d_sigmoid(x): return sigmoid(x) * sigmoid(-x)
tanh = np.tanh
def tanh_derivative(x): return 1 / np.cosh(np.clip(x, -300, 300)) ** 2
relu = lambda x: x * (x > 0)
drelu = lambda x: (x >= 0).astype(int)
def leaky_relu(x, negative_slope): return np.maximum(x, negative_slope * x)
def leaky_relu_grad(x, negative_slope): return np.where(x > 0, 1, negative_slope)
def prelu(alpha, x): return np.maximum(0, x) + alpha * np.minimum(0, x)
def prelu_grad(alpha, x): return (x > 0) + alpha * (x <= 0)
def elu(x, alpha): return np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0)))
def grad_elu(x, alpha): return np.where(x >= 0, 1, elu(x, alpha) + alpha)
def swish(x): return x * sigmoid(x)
def swish_deriv(x): return swish(x) + sigmoid(x) * (1 - swish(x))
def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)
def softmax_jacobian(x):
    s = softmax(x.reshape(1, -1)).reshape(-1, 1)
    return np.diagflat(s) - np.dot(s, s.T)
def linear(x): return x
def linear_derivative(x): return 1

def mean_squared_error(y, y_hat): return ((y_hat - y) ** 2).sum() / len(y)
def mae(pred, target): return np.abs(pred - target).mean()
def bce(p, y, eps=1e-15):
    p = np.clip(p, eps, 1 - eps)
    return np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))
def cross_entropy(y, probs):
    return -np.mean(np.log(probs[np.arange(len(y)), y] + 1e-9))
def huber_loss(y, y_hat, δ):
    e = y - y_hat
    if abs(e) <= δ:
        return 0.5 * e ** 2
    return δ * (abs(e) - 0.5 * δ)
def quantile_loss(q, y, f):
    e = y - f
    return np.mean(np.maximum(q * e, (q - 1) * e))
def weighted_cross_entropy(y, p, w):
    return np.mean([-w[k] * math.log(row[k]) for k, row in zip(y, p)])
def focal_loss(y_true, y_pred, alpha=0.25, gamma=2):
    p_t = y_true * y_pred + (1 - y_true) * (1 - y_pred)
    return np.mean(-(y_true * alpha + (1 - y_true) * (1 - alpha)) * (1 - p_t) ** gamma * np.log(p_t + 1e-7))

def sgd_step(params, grads, lr):
    return {k: params[k] - lr * grads[k] for k in params}
def momentum_step(params, grads, velocity, lr, beta):
    for i in range(len(params)):
        velocity = beta * velocity + lr * grads[i]
        params[i] -= velocity
    return params, velocity
def rmsprop(w, grad, lr, decay_rate, eps, cache):
    cache = decay_rate * cache + (1 - decay_rate) * grad ** 2
    w -= lr * grad / (np.sqrt(cache) + eps)
    return w, cache
def adagrad_update(w, grad, state, lr=0.01, eps=1e-8):
    state["s"] = state["s"] + grad ** 2
    return w - lr * grad / np.sqrt(state["s"] + eps), state
def adam_update(w, grad, state, lr, beta1, beta2, eps):
    state["t"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * grad
    state["v"] = beta2 * state["v"] + (1 - beta2) * grad ** 2
    m_hat, v_hat = state["m"] / (1 - beta1 ** state["t"]), state["v"] / (1 - beta2 ** state["t"])
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), state

def step_decay(initial_lr, drop, epochs_drop):
    return lambda epoch: initial_lr * drop ** math.floor(epoch / epochs_drop)
def exponential_decay(lr0, decay_rate, t): return lr0 * math.exp(-decay_rate * t)
def cosine_annealing(t, T, eta_max, eta_min): return eta_min + 0.5 * (eta_max - eta_min) * (1 + np.cos(t * np.pi / T))
def one_cycle(max_lr, total_steps):
    up = np.linspace(max_lr / 10, max_lr, total_steps // 2 + 1)
    return np.concatenate([up, up[-2::-1]])
def reduce_on_plateau(val_losses, lr, patience, factor):
    history, best, bad = [lr], float("inf"), 0
    for loss in val_losses:
        best, bad = (loss, 0) if loss < best else (best, bad + 1)
        if bad == patience:
            lr, bad = lr * factor, 0
        history.append(lr)
    return history

def forward(params, x):
    h = sigmoid(x @ params["W1"] + params["b1"])
    return {"h": h, "y_hat": sigmoid(h @ params["W2"] + params["b2"])}
def backward(params, x, y):
    out = forward(params, x)
    h, o = out["h"], out["y_hat"]
    d2 = (o - y) * o * (1 - o)
    d1 = d2 @ params["W2"].T * h * (1 - h)
    return {"W1": np.outer(x, d1), "b1": d1, "W2": np.outer(h, d2), "b2": d2}

def xavier_init(shape): return np.random.uniform(-1, 1, shape) * np.sqrt(6 / sum(shape))
def he_init(fan_out, fan_in): return np.random.randn(fan_in, fan_out) * (2 / fan_in) ** 0.5
def he_network(n_input, n_hidden, n_output):
    return [(he_init(b, a), np.zeros((1, b))) for a, b in ((n_input, n_hidden), (n_hidden, n_output))]

def batch_norm(x, gamma, beta, eps=1e-8):
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    cache = (x, x_hat, mean, var, gamma, eps)
    return gamma * x_hat + beta, cache
def bn_backward(dout, cache):
    x, x_hat, mean, var, gamma, eps = cache
    n = x.shape[0]
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(-dx_hat / np.sqrt(var + eps), axis=0) + dvar * np.mean(-2 * (x - mean), axis=0)
    dx = dx_hat / np.sqrt(var + eps) + dvar * 2 * (x - mean) / n + dmean / n
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)

def clip_gradients_by_value(grads, threshold): return [np.clip(g, -threshold, threshold) for g in grads]
def clip_grad_norm(max_norm, g): return g / max(1, np.linalg.norm(g) / max_norm)
def res_block(x, W1, W2): return np.add(np.dot(np.maximum(0, np.dot(x, W1)), W2), x)
def gradient_norms(activation, x, weights):
    f = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu}[activation]
    d = {"sigmoid": d_sigmoid, "tanh": tanh_derivative, "relu": lambda z: (z > 0) * 1.0}[activation]
    a, z = [x.reshape(1, -1)], []
    for W in weights:
        z.append(a[-1] @ W); a.append(f(z[-1]))
    delta, found = a[-1] * d(z[-1]), {}
    for k in reversed(range(len(weights))):
        found[f"layer {k + 1}"] = float(np.linalg.norm(a[k].T @ delta, "fro"))
        if k: delta = (delta @ weights[k].T) * d(z[k - 1])
    return dict(reversed(found.items()))
"""


def without_keras(student: str) -> str:
    """Return the code of a sample that needs neither Keras nor figures."""
    node = nbformat.read(SUBMISSIONS / f"{student}.ipynb", as_version=4)
    code = [cell.source for cell in node.cells if cell.cell_type == "code"]
    others = ("keras", "optimizers.", "plt.", "classification_report", "search()")
    return "\n\n".join(source for source in code if not any(word in source for word in others))


RIGHT = {"other orders": OTHER_ORDERS, "classes": without_keras("kabir")}

SLIPS = {
    "other orders": [
        ("perceptron_step", "perceptron-bias-not-learned", '"b": bias + eta * (target - guess)', '"b": bias'),
        ("convolution", "convolution-mean", "for v in range(b))\n", "for v in range(b)) / (a * b)\n"),
        ("lstm_cell", "lstm-gates-i-f-o-g", "i, f, g, o = np.split", "i, f, o, g = np.split"),
        (
            "gan_losses",
            "gan-generator-wants-to-be-caught",
            "return -np.mean(np.log(fake + 1e-6))",
            "return np.mean(np.log(fake + 1e-6))",
        ),
        (
            "derivative[tanh]",
            "tanh-prime-not-squared",
            "return 1 / np.cosh(np.clip(x, -300, 300)) ** 2",
            "return 1 - np.tanh(x)",
        ),
        (
            "loss[categorical_cross_entropy]",
            "cross-entropy-sign",
            "return -np.mean(np.log(probs",
            "return np.mean(np.log(probs",
        ),
        ("loss[huber]", "huber-half-forgotten", "return 0.5 * e ** 2", "return e ** 2"),
        ("loss[quantile_loss]", "quantile-mirrored", "e = y - f\n", "e = f - y\n"),
        ("loss[focal_loss]", "focal-alpha-for-both", "(y_true * alpha + (1 - y_true) * (1 - alpha))", "alpha"),
        (
            "steps[momentum]",
            "momentum-averaged",
            "beta * velocity + lr * grads[i]",
            "beta * velocity + lr * (1 - beta) * grads[i]",
        ),
        ("steps[adam]", "adam-counts-one-too-many", 'state["t"] += 1', 'state["t"] += 2'),
        ("schedule[step_decay]", "step-decay-smooth", "math.floor(epoch / epochs_drop)", "(epoch / epochs_drop)"),
        ("schedule[one_cycle]", "one-cycle-from-zero", "np.linspace(max_lr / 10, max_lr", "np.linspace(0, max_lr"),
        ("reduce_on_plateau", "plateau-one-late", "if bad == patience:", "if bad == patience + 1:"),
        ("test_backward", "output-derivative-forgotten", "d2 = (o - y) * o * (1 - o)", "d2 = o - y"),
        ("xavier", "uniform-too-narrow", "np.sqrt(6 / sum(shape))", "np.sqrt(2 / sum(shape))"),
        (
            "batch_norm_backward",
            "batch-norm-constant-variance",
            "np.sqrt(var + eps) + dvar * 2 * (x - mean) / n +",
            "np.sqrt(var + eps) +",
        ),
        (
            "clip_by_norm",
            "clip-always-scaled",
            "g / max(1, np.linalg.norm(g) / max_norm)",
            "g / (np.linalg.norm(g) / max_norm)",
        ),
        ("residual_block", "residual-forgotten", "np.dot(x, W1)), W2), x)", "np.dot(x, W1)), W2), 0)"),
        ("gradient_norms", "loss-as-sum", "delta, found = a[-1] * d(z[-1]), {}", "delta, found = d(z[-1]), {}"),
    ],
    "classes": [
        ("perceptron_step", "perceptron-sign", "return w + lr * (y", "return w - lr * (y"),
        ("rnn_cell", "rnn-without-bias", "Wx.dot(x) + Wh.dot(h) + b", "Wx.dot(x) + Wh.dot(h)"),
        ("lstm_cell", "lstm-tanh-missing", '{"h": o * np.tanh(c)', '{"h": o * c'),
        (
            "derivative[leaky_relu]",
            "leaky-relu-slope-zero",
            "return np.where(z > 0, 1.0, self.alpha)",
            "return np.where(z > 0, 1.0, 0.0)",
        ),
        (
            "activation[prelu]",
            "prelu-slope-ignored",
            "return np.where(z > 0, z, self.a * z)",
            "return np.where(z > 0, z, 0.01 * z)",
        ),
        ("derivative[swish]", "swish-prime-one-term", "return s * (1 + z * (1 - s))", "return s"),
        (
            "loss[mse]",
            "mse-root",
            "return np.mean((y_true - y_pred) ** 2)",
            "return np.sqrt(np.mean((y_true - y_pred) ** 2))",
        ),
        ("loss[huber]", "huber-delta-ignored", "self.delta = delta", "self.delta = 1"),
        ("loss[quantile_loss]", "quantile-mirrored", "self.tau = tau", "self.tau = 1 - tau"),
        ("loss[focal_loss]", "focal-wrong-way", "-at * (1 - pt)", "-at * pt"),
        (
            "step[momentum]",
            "momentum-averaged",
            "- self.lr * grads[key]\n            params",
            "- self.lr * (1 - self.momentum) * grads[key]\n            params",
        ),
        (
            "step[adagrad]",
            "adagrad-without-root",
            "w - self.lr * g / (np.sqrt(h) + 1e-8)",
            "w - self.lr * g / (h + 1e-8)",
        ),
        (
            "steps[adam]",
            "adam-without-correction",
            "rate = self.lr * np.sqrt(1.0 - self.beta2 ** self.iter) / (1.0 - self.beta1 ** self.iter)",
            "rate = self.lr",
        ),
        (
            "reduce_on_plateau",
            "plateau-never-resets",
            "self.lr *= self.factor\n            self.wait = 0",
            "self.lr *= self.factor",
        ),
        (
            "test_forward",
            "forward-linear-output",
            "self.a2 = self.sigmoid(self.a1 @ self.W2 + self.b2)",
            "self.a2 = self.a1 @ self.W2 + self.b2",
        ),
        ("he[", "he-without-two", "np.sqrt(2 / n_inputs), (n_inputs", "np.sqrt(1 / n_inputs), (n_inputs"),
        (
            "batch_norm_forward",
            "batch-norm-sample-variance",
            "sigma = np.std(x, axis=0, keepdims=True)",
            "sigma = np.std(x, axis=0, keepdims=True, ddof=1)",
        ),
        ("clip_by_value", "clip-above-only", "np.clip(g, min_value, max_value)", "np.clip(g, None, max_value)"),
        ("residual_block", "residual-without-relu", "np.maximum(0, x @ W1) @ W2", "x @ W1 @ W2"),
        ("gradient_norms", "norm-of-delta", "np.linalg.norm(inp) * np.linalg.norm(g)", "np.linalg.norm(g)"),
    ],
}
