"""Notebook cells with Keras models of every kind, for tests in a real kernel."""

PREPARE = """
import numpy as np, keras, tensorflow as tf
from keras import layers, ops
rng = np.random.default_rng(3)

def lively(model):
    "Give every variable numbers of its own: a layer that forgets one would otherwise not be seen."
    for variable in model.weights:
        if variable.dtype in ("float32", "float16", "bfloat16"):
            scale = 1 / np.sqrt(max(np.prod(variable.shape[:-1]), 4))
            values = rng.normal(size=variable.shape) * (scale if len(variable.shape) > 1 else 0.3)
            variable.assign(np.abs(values) + 0.1 if "variance" in variable.name else values)
    return model

def chain(shape, *parts):
    return lively(keras.Sequential([keras.Input(shape), *parts]))

I = keras.Input
"""

# name: (shape of one example, expression or statements that end in `model = `)
PICTURE, TEXT, SERIES, FLAT = (12, 10, 3), (7,), (9, 5), (20,)

CHAINS = {
    "dense": (FLAT, 'layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax")'),
    "dense on pictures": (PICTURE, 'layers.Dense(4, use_bias=False, activation="tanh")'),
    "mlp with dropout": (
        PICTURE,
        "layers.Flatten(), layers.Dense(8), layers.ReLU(), layers.Dropout(0.5), layers.Dense(3)",
    ),
    "conv valid": (PICTURE, 'layers.Conv2D(4, 3, activation="relu")'),
    "conv same": (PICTURE, 'layers.Conv2D(4, (3, 2), padding="same")'),
    "conv strides same": (PICTURE, 'layers.Conv2D(4, 4, strides=3, padding="same")'),
    "conv strides valid": (PICTURE, "layers.Conv2D(4, (5, 3), strides=(2, 3), use_bias=False)"),
    "conv dilated": (PICTURE, 'layers.Conv2D(4, 3, dilation_rate=(2, 3), padding="same")'),
    "conv groups": (PICTURE, "layers.Conv2D(6, 3, groups=3)"),
    "conv1d": (SERIES, 'layers.Conv1D(4, 3, strides=2, padding="same", activation="elu")'),
    "conv1d causal": (SERIES, 'layers.Conv1D(4, 3, dilation_rate=2, padding="causal")'),
    "conv3d": ((5, 4, 6, 2), 'layers.Conv3D(3, 2, strides=2, padding="same")'),
    "depthwise": (PICTURE, 'layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu")'),
    "depthwise strides": (PICTURE, 'layers.DepthwiseConv2D(3, strides=2, padding="valid")'),
    "depthwise 1d": (SERIES, "layers.DepthwiseConv1D(3, depth_multiplier=2)"),
    "separable": (PICTURE, 'layers.SeparableConv2D(5, 3, depth_multiplier=2, strides=2, padding="same")'),
    "separable 1d": (SERIES, 'layers.SeparableConv1D(5, 3, activation="tanh")'),
    "pools": (PICTURE, 'layers.MaxPooling2D(), layers.AveragePooling2D(3, strides=2, padding="same")'),
    "pools same": (PICTURE, 'layers.MaxPooling2D(3, strides=(2, 1), padding="same"), layers.AveragePooling2D((2, 3))'),
    "pools 1d": (SERIES, 'layers.MaxPooling1D(2, padding="same"), layers.AveragePooling1D(3, strides=1)'),
    "pools 3d": ((5, 4, 6, 2), "layers.MaxPooling3D(2), layers.AveragePooling3D(2)"),
    "global average": (PICTURE, "layers.GlobalAveragePooling2D(), layers.Dense(3)"),
    "global max kept": (PICTURE, "layers.GlobalMaxPooling2D(keepdims=True)"),
    "global 1d": (SERIES, "layers.GlobalMaxPooling1D()"),
    "batch norm": (PICTURE, "layers.Conv2D(4, 3), layers.BatchNormalization(epsilon=0.01), layers.ReLU()"),
    "batch norm bare": (FLAT, "layers.BatchNormalization(center=False, scale=False)"),
    "batch norm axis": (PICTURE, "layers.BatchNormalization(axis=1)"),
    "layer norm": (PICTURE, "layers.LayerNormalization()"),
    "layer norm axes": (PICTURE, "layers.LayerNormalization(axis=[1, 2, 3], epsilon=0.1)"),
    "unit norm": (FLAT, "layers.UnitNormalization()"),
    "rescaling": (PICTURE, "layers.Rescaling(1 / 127.5, offset=-1), layers.Flatten(), layers.Dense(3)"),
    "normalization given": (PICTURE, "layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 0.25])"),
    "normalization one": (FLAT, "layers.Normalization(axis=None, mean=2.0, variance=4.0)"),
    "reshapes": (FLAT, "layers.Reshape((4, 5)), layers.Permute((2, 1)), layers.Flatten(), layers.RepeatVector(3)"),
    "reshape unknown": (PICTURE, "layers.Reshape((-1, 3))"),
    "padding": (PICTURE, "layers.ZeroPadding2D(((1, 2), (0, 3))), layers.Cropping2D(((0, 1), (2, 1)))"),
    "padding 1d": (SERIES, "layers.ZeroPadding1D(2), layers.Cropping1D((1, 0)), layers.UpSampling1D(2)"),
    "up sampling": (PICTURE, "layers.UpSampling2D((2, 3))"),
    "embedding": (TEXT, "layers.Embedding(11, 4), layers.GlobalAveragePooling1D(), layers.Dense(2)"),
    "simple rnn": (SERIES, "layers.SimpleRNN(4, return_sequences=True), layers.SimpleRNN(3, use_bias=False)"),
    "lstm": (SERIES, "layers.LSTM(4, return_sequences=True), layers.LSTM(3)"),
    "lstm relu": (SERIES, 'layers.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid", go_backwards=True)'),
    "gru": (SERIES, "layers.GRU(4, return_sequences=True), layers.GRU(3, use_bias=False)"),
    "gru reset before": (SERIES, "layers.GRU(4, reset_after=False)"),
    "bidirectional": (SERIES, "layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.Dense(2)"),
    "bidirectional sum": (SERIES, 'layers.Bidirectional(layers.GRU(4), merge_mode="sum")'),
    "time distributed": (SERIES, "layers.TimeDistributed(layers.Dense(4, activation='relu')), layers.Flatten()"),
    "prelu": (PICTURE, "layers.PReLU(shared_axes=[1, 2])"),
    "relu settings": (FLAT, "layers.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2)"),
    "leaky relu": (FLAT, "layers.LeakyReLU(negative_slope=0.05), layers.ELU(alpha=0.5)"),
    "softmax layer": (PICTURE, "layers.Softmax(axis=[1, 2]), layers.Softmax()"),
    "activation as a layer": (FLAT, "layers.Dense(4, activation=layers.LeakyReLU(negative_slope=0.3))"),
    "activation of tensorflow": (
        FLAT,
        "layers.Dense(4, activation=tf.nn.relu), layers.Dense(3, activation=tf.nn.softmax)",
    ),
    "activation of ops": (
        FLAT,
        "layers.Dense(4, activation=keras.ops.silu), layers.Activation(keras.activations.gelu)",
    ),
    "nested": (PICTURE, "chain(PICTURE, layers.Conv2D(2, 3), layers.Flatten()), chain((160,), layers.Dense(3))"),
    "augmented": (
        PICTURE,
        'layers.RandomFlip("horizontal"), layers.GaussianNoise(1.0), layers.Flatten(), layers.Dense(3)',
    ),
}

ACTIVATIONS = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "tanh",
    "tanh_shrink",
]

GRAPHS = {
    "functional": (
        PICTURE,
        """
i = I(PICTURE); a = layers.Conv2D(4, 3, padding="same", activation="relu")(i); b = layers.Conv2D(4, 1)(i)
x = layers.Add()([a, b]); x = layers.Concatenate()([x, a]); x = layers.Flatten()(x)
model = keras.Model(i, layers.Dense(3, activation="softmax")(x))""",
    ),
    "shared": (
        FLAT,
        """
i = I(FLAT); d = layers.Dense(20, activation="tanh")
model = keras.Model(i, layers.Subtract()([d(d(i)), layers.Maximum()([i, d(i)])]))""",
    ),
    "merges": (
        FLAT,
        """
i = I(FLAT); a, b = layers.Dense(5)(i), layers.Dense(5)(i)
x = layers.Multiply()([a, b]); y = layers.Average()([a, b, x]); z = layers.Minimum()([x, y])
model = keras.Model(i, layers.Concatenate(axis=1)([x, y, z]))""",
    ),
    "several outputs": (
        FLAT,
        """
i = I(FLAT); h = layers.Dense(5, activation="relu")(i)
model = keras.Model(i, [layers.Dense(2)(h), layers.Dense(1, activation="sigmoid")(h)])""",
    ),
    "operators": (
        FLAT,
        """
i = I(FLAT); h = ops.relu(layers.Dense(8)(i / 2.0 - 1.0)); h = h * 2 + h; h = ops.reshape(h, (-1, 2, 4))
h = ops.mean(h, axis=1) + ops.max(h, axis=1); h = ops.concatenate([h, h[:, 1:3]], axis=1)
model = keras.Model(i, keras.activations.relu(h, negative_slope=0.1) @ np.ones((6, 2), "float32"))""",
    ),
    "training said, and not meant at prediction": (
        FLAT,
        """
i = I(FLAT); x = layers.BatchNormalization()(i, training=True)
model = keras.Model(i, layers.Dropout(0.5)(x, training=True))""",
    ),
    "functional in sequential": (
        PICTURE,
        """
i = I(PICTURE); inner = keras.Model(i, layers.Add()([i, layers.Conv2D(3, 3, padding="same")(i)]))
model = keras.Sequential([I(PICTURE), inner, layers.BatchNormalization(), layers.Flatten(), layers.Dense(2)])""",
    ),
    "states": (
        SERIES,
        """
i = I(SERIES); y, h, c = layers.LSTM(4, return_state=True)(i)
model = keras.Model(i, layers.Concatenate()([y, h, c]))""",
    ),
    "residual in blocks": (
        PICTURE,
        """
x = i = I(PICTURE)
for n in (4, 8):
    s = layers.Conv2D(n, 1, strides=2)(x)
    x = layers.Conv2D(n, 3, strides=2, padding="same", use_bias=False)(x); x = layers.BatchNormalization()(x)
    x = layers.ReLU()(layers.add([layers.Conv2D(n, 3, padding="same")(x), s]))
model = keras.Model(i, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x)))""",
    ),
}

SUBCLASSES = {
    "subclass": (
        PICTURE,
        """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(3)           # tracked first, used last
        self.drop = layers.Dropout(0.3)
        self.convs = [layers.Conv2D(n, 3, activation="relu") for n in (2, 4)]
        self.flat = layers.Flatten()
    def call(self, x, training=None):
        for conv in self.convs:
            x = conv(x)
        print("called")
        return ops.softmax(self.out(self.drop(self.flat(x), training=training)))
model = Net()""",
    ),
    "subclass with tensorflow": (
        PICTURE,
        """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(8), layers.Dense(3)
    def call(self, inputs):
        x = tf.cast(inputs, tf.float32) / 2.0
        x = tf.reshape(x, (-1, 360))
        x = tf.nn.relu(self.a(x))
        return tf.nn.softmax(tf.concat([self.b(x), tf.reduce_mean(x, axis=1, keepdims=True)], 1))
model = Net()""",
    ),
    "layer of one's own": (
        FLAT,
        """
class Linear(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units)); self.b = self.add_weight(shape=(self.units,))
    def call(self, x):
        return tf.matmul(x, self.w) + self.b
class Block(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.inner, self.norm = Linear(units), layers.LayerNormalization()
    def call(self, x):
        return self.norm(keras.activations.tanh(self.inner(x))) + x
model = keras.Sequential([I(FLAT), Block(20), Linear(4), layers.Softmax()])""",
    ),
    "subclass of a subclass": (
        FLAT,
        """
class Inner(keras.Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(6, activation="relu")
    def call(self, x):
        return self.d(x)
class Outer(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = Inner(); self.head = keras.Sequential([layers.Dense(5), layers.Dense(2)])
    def call(self, x):
        return self.head(self.inner(x))
model = Outer()""",
    ),
}

# name: (shape, statements, what the sentence names)
NOT_KNOWN = {
    "lambda": (
        FLAT,
        """
model = keras.Sequential([I(FLAT), layers.Lambda(lambda x: x + 1, name="plus"), layers.Dense(2)])""",
        "plus",
    ),
    "own activation": (
        FLAT,
        'model = keras.Sequential([I(FLAT), layers.Dense(2, activation=lambda x: x * 3, name="odd")])',
        "odd",
    ),
    "dropout that stays on": (
        FLAT,
        """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.noisy, self.out = layers.Dropout(0.5, name="noisy"), layers.Dense(3)
    def call(self, x):
        return self.out(self.noisy(x, training=True))
model = Net()""",
        "noisy",
    ),
    "attention": (
        SERIES,
        'i = I(SERIES); model = keras.Model(i, layers.MultiHeadAttention(2, 3, name="looks")(i, i))',
        "looks",
    ),
    "masked": (
        TEXT,
        'model = keras.Sequential([I(TEXT), layers.Embedding(11, 3, mask_zero=True, name="words"), layers.LSTM(2)])',
        "words",
    ),
    "a loop over data": (
        FLAT,
        """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(20)
    def call(self, x):
        return tf.while_loop(lambda n, x: n < 3, lambda n, x: (n + 1, self.first(x)), [0, x])[1]
model = Net()""",
        "net",
    ),
    "another class under Keras's name": (
        FLAT,
        """
class Dense(layers.Dense):
    def call(self, x):
        return tf.py_function(lambda x: x.numpy() * 0 + 1, [x], tf.float32)
model = keras.Sequential([I(FLAT), Dense(20, name="trick")])""",
        "trick",
    ),
}
