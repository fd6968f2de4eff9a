"""Right solutions as other students write them: other names, orders, shapes, classes. No Keras, no figures."""

OTHER_ORDERS = '''
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
    img = [[0] * (len(img[0]) + 2 * pad)] * pad + [[0] * pad + list(r) + [0] * pad for r in img] + [[0] * (len(img[0]) + 2 * pad)] * pad
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
'''

CLASSES = '''
import numpy as np

class Perceptron:
    def __init__(self, input_size, learning_rate=1.0, epochs=1000):
        self.w, self.b, self.lr, self.epochs = np.zeros(input_size), 0.0, learning_rate, epochs
    def predict(self, x):
        return 1 if np.dot(self.w, x) + self.b >= 0 else 0
    def train(self, X, y):
        for _ in range(self.epochs):
            for xi, yi in zip(X, y):
                self.w, self.b = perceptron_step(np.append(self.w, self.b), np.append(xi, 1.0), yi, self.lr)[:-1], \\
                    perceptron_step(np.append(self.w, self.b), np.append(xi, 1.0), yi, self.lr)[-1]

def perceptron_step(w, x, y, lr=1.0):
    return w + lr * (y - int(w @ x >= 0)) * x

def conv2d(x, w, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, height, width = x.shape
    f, _, kh, kw = w.shape
    out = np.zeros((n, f, (height - kh) // stride + 1, (width - kw) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = x[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw]
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3]))
    return out

def _windows(x, size, stride):
    stride = stride or size
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
def max_pool2d(x, size=2, stride=None): return _windows(x, size, stride).max(axis=(-1, -2))
def avg_pool2d(x, size=2, stride=None): return _windows(x, size, stride).mean(axis=(-1, -2))

def rnn_step(x, h, Wx, Wh, b): return np.tanh(Wx.dot(x) + Wh.dot(h) + b)
def lstm_step(x, h, c, params):
    n = h.shape[0]
    z = params["Wx"] @ x + params["Wh"] @ h + params["b"]
    s = lambda v: 1 / (1 + np.exp(-v))
    i, f, g, o = s(z[:n]), s(z[n:2 * n]), np.tanh(z[2 * n:3 * n]), s(z[3 * n:])
    c = f * c + i * g
    return {"h": o * np.tanh(c), "c": c}
def gan_loss(D_real, D_fake):
    bce = lambda y, p: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return bce(1, D_real) + bce(0, D_fake), bce(1, D_fake)

class Sigmoid:
    def forward(self, z):
        self.out = 0.5 * (1 + np.tanh(z / 2))
        return self.out
    def backward(self, grad): return grad * self.out * (1 - self.out)
class Tanh:
    def __call__(self, z): return np.tanh(z)
    def derivative(self, z): return 1 - np.tanh(z) ** 2
class ReLU:
    def __call__(self, z): return np.maximum(z, 0)
    def gradient(self, z): return np.heaviside(z, 0.5)
class LeakyReLU:
    def __init__(self, alpha=0.01): self.alpha = alpha
    def __call__(self, z): return np.where(z > 0, z, self.alpha * z)
    def gradient(self, z): return np.where(z > 0, 1.0, self.alpha)
class PReLU:
    def __init__(self, a): self.a = a
    def forward(self, z): return np.where(z > 0, z, self.a * z)
    def grad(self, z): return np.where(z > 0, 1.0, self.a)
def elu(z, alpha=1.0): return np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1))
def elu_backward(z, alpha=1.0): return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))
class SiLU:
    @staticmethod
    def forward(z): return z / (1 + np.exp(np.minimum(-z, 700)))
    @staticmethod
    def derivative(z):
        s = 1 / (1 + np.exp(np.minimum(-z, 700)))
        return s * (1 + z * (1 - s))
class Softmax:
    def forward(self, z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    def jacobian(self, z):
        y = self.forward(z)[0]
        return np.diag(y) - np.outer(y, y)
def identity(z): return z
def identity_derivative(z): return np.ones_like(z)

class MSE:
    def forward(self, y_pred, y_true): return np.mean((y_true - y_pred) ** 2)
class MAE:
    def __call__(self, y_true, y_pred): return np.mean(np.abs(y_true - y_pred))
class BinaryCrossEntropy:
    def __call__(self, y_true, y_pred):
        p = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p), axis=-1)
class CrossEntropyLoss:
    pass
def categorical_crossentropy(y, p):
    n = y.shape[0]
    return -np.sum(y * np.log(np.clip(p, 1e-12, 1.0))) / n
class Huber:
    def __init__(self, delta=1.0): self.delta = delta
    def loss(self, y, y_hat):
        e = np.abs(y - y_hat)
        q = np.minimum(e, self.delta)
        return np.mean(0.5 * q ** 2 + self.delta * (e - q))
class PinballLoss:
    def __init__(self, tau): self.tau = tau
    def compute(self, y_true, y_pred):
        n, k = y_true.shape
        e = y_true - y_pred
        return (self.tau * e.clip(0) - (1 - self.tau) * e.clip(None, 0)).sum() / n
def weighted_ce(y, p, class_weights):
    total = 0
    for i in range(len(y)):
        for k in range(len(class_weights)):
            total -= class_weights[k] * y[i][k] * np.log(p[i][k])
    return total / len(y)
class FocalLoss:
    def __init__(self, gamma=2.0, alpha=0.25): self.g, self.a = gamma, alpha
    def forward(self, p, y):
        pt, at = np.where(y == 1, p, 1 - p), np.where(y == 1, self.a, 1 - self.a)
        return (-at * (1 - pt) ** self.g * np.log(pt)).mean()

class SGD:
    def __init__(self, lr=0.01): self.lr = lr
    def update(self, params, grads):
        for key in params.keys():
            params[key] -= self.lr * grads[key]
class Momentum:
    def __init__(self, lr=0.01, momentum=0.9): self.lr, self.momentum, self.v = lr, momentum, None
    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(value) for key, value in params.items()}
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]
class RMSprop:
    def __init__(self, lr=0.01, decay_rate=0.99): self.lr, self.rho, self.h = lr, decay_rate, None
    def step(self, w, g):
        self.h = (1 - self.rho) * g * g + (0 if self.h is None else self.rho * self.h)
        w -= self.lr * g / (np.sqrt(self.h) + 1e-7)
class AdaGrad:
    def __init__(self, learning_rate): self.lr, self.h = learning_rate, 0
    def update(self, weights, gradients):
        self.h = [g ** 2 + (0 if self.h == 0 else h) for g, h in zip(gradients, self.h or gradients)]
        return [w - self.lr * g / (np.sqrt(h) + 1e-8) for w, g, h in zip(weights, gradients, self.h)]
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999): self.lr, self.beta1, self.beta2, self.iter, self.m = lr, beta1, beta2, 0, None
    def update(self, params, grads):
        if self.m is None:
            self.m, self.v = ({k: np.zeros_like(v) for k, v in params.items()} for _ in range(2))
        self.iter += 1
        rate = self.lr * np.sqrt(1.0 - self.beta2 ** self.iter) / (1.0 - self.beta1 ** self.iter)
        for k in params:
            self.m[k] += (1 - self.beta1) * (grads[k] - self.m[k])
            self.v[k] += (1 - self.beta2) * (grads[k] ** 2 - self.v[k])
            params[k] -= rate * self.m[k] / (np.sqrt(self.v[k]) + 1e-7)

def step_lr(epoch, lr, gamma, step_size): return lr * gamma ** (epoch // step_size)
def exp_decay(initial_lr, epoch, k): return float(initial_lr * np.exp(-k * epoch))
def cosine_decay(lr_max, epoch, T_max, lr_min=0.0): return lr_min + (lr_max - lr_min) / 2 * (np.cos(np.pi * epoch / T_max) + 1)
def one_cycle(t, peak, n_epochs):
    x = abs(t / (n_epochs / 2) - 1)
    return peak / 10 + (peak - peak / 10) * max(0, 1 - x)
class ReduceLROnPlateau:
    def __init__(self, lr, factor=0.1, patience=3):
        self.lr, self.factor, self.patience, self.best, self.wait = lr, factor, patience, None, 0
    def step(self, loss):
        if self.best is None or loss < self.best:
            self.best, self.wait = loss, 0
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.lr *= self.factor
            self.wait = 0

class NeuralNetwork:
    def __init__(self):
        self.W1, self.b1 = np.random.randn(3, 4), np.zeros((1, 4))
        self.W2, self.b2 = np.random.randn(4, 1), np.zeros((1, 1))
    def sigmoid(self, z): return 1 / (1 + np.exp(-z))
    def forward(self, X):
        self.a1 = self.sigmoid(X @ self.W1 + self.b1)
        self.a2 = self.sigmoid(self.a1 @ self.W2 + self.b2)
        return self.a2
    def backward(self, X, y):
        self.forward(X)
        d2 = (self.a2 - y) * self.a2 * (1 - self.a2)
        d1 = d2 @ self.W2.T * self.a1 * (1 - self.a1)
        return X.T @ d1, d1.sum(axis=0, keepdims=True), self.a1.T @ d2, d2.sum(axis=0, keepdims=True)

def xavier(n_inputs, n_outputs): return np.random.normal(0, np.sqrt(2 / (n_inputs + n_outputs)), (n_outputs, n_inputs)), np.zeros(n_outputs)
def kaiming_init(n_inputs, n_outputs):
    w = np.random.normal(0, np.sqrt(2 / n_inputs), (n_inputs, n_outputs)).astype("float32")
    return {"W": w, "b": np.zeros(n_outputs)}
def he_init_network(layers=(100, 64, 10)):
    params = {}
    for l in range(1, len(layers)):
        params[f"W{l}"] = np.random.randn(layers[l], layers[l - 1]) * np.sqrt(2 / layers[l - 1])
        params[f"b{l}"] = np.zeros((layers[l], 1))
    return params
he_network = he_init_network

def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=0, keepdims=True)
    sigma = np.std(x, axis=0, keepdims=True)
    return gamma.reshape(1, -1) * (x - mu) / np.sqrt(sigma ** 2 + eps) + beta.reshape(1, -1)
def batchnorm_backward(dout, x, gamma, beta=None, eps=1e-5):
    n = len(x)
    inv = 1 / np.sqrt(x.var(0) + eps)
    xh = (x - x.mean(0)) * inv
    return {"dx": gamma * inv / n * (n * dout - dout.sum(0) - xh * (dout * xh).sum(0)),
            "dgamma": (dout * xh).sum(0), "dbeta": dout.sum(0)}

def clip_value(g, min_value, max_value): return np.clip(g, min_value, max_value)
def clip_norm(grads, max_norm):
    total = np.sqrt(sum(np.sum(g ** 2) for g in grads))
    if total > max_norm:
        grads = [g * max_norm / (total + 1e-6) for g in grads]
    return grads
def residual_block(x, W1, W2):
    shortcut = x
    out = np.maximum(0, x @ W1) @ W2
    out += shortcut
    return out
def layer_gradient_norms(Ws, x, act="sigmoid"):
    f = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: np.maximum(0, z)}[act]
    df = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a ** 2, "relu": lambda a: (a > 0) * 1.0}[act]
    acts = [x]
    for W in Ws:
        acts.append(f(acts[-1] @ W))
    g, norms = acts[-1], []
    for W, inp, out in zip(reversed(Ws), reversed(acts[:-1]), reversed(acts[1:])):
        g = g * df(out)
        norms.append(np.linalg.norm(inp) * np.linalg.norm(g))
        g = W @ g
    return np.array(norms)[::-1].reshape(-1, 1)
'''

RIGHT = {"other names, orders and shapes": OTHER_ORDERS, "classes": CLASSES}
