"""Notebooks that answer question 3: parts that are right, ways to write them otherwise, and mistakes.

A notebook is the parts in order; a style or a mistake replaces some of them.
"""

RIGHT = {
    "imports": "import keras\nimport matplotlib.pyplot as plt\nimport numpy as np",
    "data": """
(x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
x, x_test = x.reshape(-1, 784) / 255, x_test.reshape(-1, 784) / 255
""",
    "model": """
model = keras.Sequential([
    keras.Input((784,)),
    keras.layers.Dense(256, activation="relu"),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
""",
    "compile": 'model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])',
    "fit": "history = model.fit(x, y, batch_size=128, epochs=10, validation_split=0.2, verbose=0)",
    "evaluate": "test_loss, test_accuracy = model.evaluate(x_test, y_test, verbose=0)",
    "curves": """
plt.plot(range(1, 11), history.history["loss"], label="training")
plt.plot(range(1, 11), history.history["val_loss"], label="validation")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()
""",
    "bars": """
for image, p in zip(x_test[:3], model.predict(x_test[:3], verbose=0)):
    fig, (left, right) = plt.subplots(1, 2)
    left.imshow(image.reshape(28, 28), cmap="gray")
    right.bar(range(10), p)
    plt.show()
""",
}
FLAT = "x.reshape(-1, 784) / 255, x_test.reshape(-1, 784) / 255"
ONE_HOT = "\ny, y_test = keras.utils.to_categorical(y), keras.utils.to_categorical(y_test)"


def with_(part, old, new):
    """Return one part changed in one place."""
    changed = RIGHT[part].replace(old, new)
    assert changed != RIGHT[part], f"{old!r} is not in {part}"
    return {part: changed}


STYLES = {
    "as told": {},
    "images stay square": {
        **with_("data", FLAT, "x / 255, x_test / 255"),
        **with_("model", "keras.Input((784,)),", "keras.Input((28, 28)), keras.layers.Flatten(),"),
    },
    "no input shape, activations as layers": {
        "model": """
model = keras.Sequential()
for units in (256, 128, 64):
    model.add(keras.layers.Dense(units))
    model.add(keras.layers.ReLU())
model.add(keras.layers.Dense(10))
model.add(keras.layers.Activation("softmax"))
"""
    },
    "one-hot labels, logits": {
        "data": RIGHT["data"] + ONE_HOT,
        **with_("model", ', activation="softmax"', ""),
        "compile": "model.compile(keras.optimizers.Adam(1e-3), keras.losses.CategoricalCrossentropy(from_logits=True),"
        " metrics=['categorical_accuracy'])",
        **with_("bars", "model.predict(x_test[:3], verbose=0)", "keras.ops.softmax(model.predict(x_test[:3])).numpy()"),
    },
    "subclass of tf.keras": {
        "model": """
import tensorflow as tf
class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = [tf.keras.layers.Dense(n) for n in (256, 128, 64)]
        self.last = tf.keras.layers.Dense(10)

    def call(self, x):
        for layer in self.hidden:
            x = tf.nn.relu(layer(x))
        return tf.nn.softmax(self.last(x))

model = Net()
"""
    },
    "the last fifth by hand, printed only": {
        "fit": """
n = len(x) * 4 // 5
h = model.fit(x[:n], y[:n], 128, 10, verbose=2, validation_data=(x[n:], y[n:])).history
class history: history = h
""",
        "evaluate": 'print("accuracy: %.1f %%" % (100 * model.evaluate(x_test, y_test)[1]))',
    },
    "an epoch at a time": {
        "fit": """
losses, val_losses = [], []
for epoch in range(10):
    h = model.fit(x, y, batch_size=128, validation_split=0.2, verbose=0)
    losses.append(h.history["loss"][0]); val_losses.append(h.history["val_loss"][0])
class history: history = {"loss": losses, "val_loss": val_losses}
"""
    },
    "datasets": {
        "fit": """
import tensorflow as tf
n = len(x) * 4 // 5
train = tf.data.Dataset.from_tensor_slices((x[:n], y[:n])).shuffle(n).batch(128)
held = tf.data.Dataset.from_tensor_slices((x[n:], y[n:])).batch(128)
history = model.fit(train, epochs=10, validation_data=held, verbose=0)
"""
    },
    "StandardScaler": {
        "data": """
from sklearn.preprocessing import StandardScaler
(x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
pictures = x_test
scaler = StandardScaler().fit(x.reshape(-1, 784))
x, x_test = scaler.transform(x.reshape(-1, 784)), scaler.transform(x_test.reshape(-1, 784))
""",
        **with_("bars", "zip(x_test[:3],", "zip(pictures[:3],"),
    },
    "figures in one": {
        "curves": """
import pandas as pd
ax = pd.DataFrame(history.history)[["loss", "val_loss"]].plot()
ax.set_xlabel("epoch"); ax.set_ylabel("loss")
plt.show()
""",
        "bars": """
p = 100 * model.predict(x_test, verbose=0)
fig, axes = plt.subplots(2, 5, figsize=(14, 5))
for k, i in enumerate((0, 9, 99, 199, 299)):
    axes[0, k].imshow(1 - x_test[i].reshape(28, 28), cmap="gray")
    axes[1, k].barh([str(c) for c in range(10)], p[i].round(1))
    axes[1, k].set_xlabel("%")
plt.tight_layout()
""",
    },
    "accuracy by NumPy": {
        "evaluate": """
p = model.predict(x_test, verbose=0)
print("test accuracy:", np.mean(p.argmax(axis=1) == y_test))
print("test loss:", -np.mean(np.log(p[np.arange(len(p)), y_test])))
"""
    },
    "tries another network first": {
        "model": 'first = keras.Sequential([keras.layers.Dense(10, activation="softmax")])\n'
        'first.compile("adam", "sparse_categorical_crossentropy")\n'
        "first.fit(x, y, epochs=1, verbose=0)\n" + RIGHT["model"]
    },
}
MISTAKES = {
    "two hidden layers": (
        with_("model", '    keras.layers.Dense(64, activation="relu"),\n', ""),
        {"test_hidden_layers"},
    ),
    "tanh": (with_("model", '(64, activation="relu")', '(64, activation="tanh")'), {"test_hidden_layers"}),
    "softmax twice": (
        {"compile": "model.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))"}
        | {"evaluate": "test_accuracy = np.mean(model.predict(x_test).argmax(1) == y_test)"}
        | {"bars": "test_loss = keras.losses.sparse_categorical_crossentropy(y_test, model.predict(x_test))\n"}
        | {"loss": "test_loss = float(np.mean(test_loss))" + RIGHT["bars"]},
        {"test_output_layer"},
    ),
    "Nadam": (with_("compile", "adam", "nadam"), {"test_loss_and_optimizer"}),
    "two epochs": (
        {**with_("fit", "epochs=10", "epochs=2"), "curves": RIGHT["curves"].replace("1, 11", "1, 3")},
        {"test_epochs_and_batches", "test_accuracy_on_new_images"},
    ),
    "trained twice": (
        {"fit": RIGHT["fit"] + "\n" + RIGHT["fit"]},
        {"test_epochs_and_batches"},
    ),
    "Keras's own batches": (with_("fit", "batch_size=128, ", ""), {"test_epochs_and_batches"}),
    "a tenth held back": (with_("fit", "0.2", "0.1"), {"test_validation_share"}),
    "no validation": (
        {**with_("fit", "validation_split=0.2, ", ""), **with_("curves", "val_loss", "loss")},
        {"test_validation_share", "test_loss_curves", "test_loss_plot_labelled"},
    ),
    "validated on the test images": (
        with_("fit", "validation_split=0.2", "validation_data=(x_test, y_test)"),
        {"test_validation_share"},
    ),
    "test images as they were": (
        with_("data", ", x_test.reshape(-1, 784) / 255", ", x_test.reshape(-1, 784)"),
        {"test_reported_accuracy", "test_reported_loss", "test_bars_are_what_the_model_says"},
    ),
    "last validation accuracy": (
        {"evaluate": "test_loss, test_accuracy = history.history['val_loss'][-1], history.history['val_accuracy'][-1]"},
        {"test_reported_accuracy", "test_reported_loss"},
    ),
    "nothing reported": ({"evaluate": ""}, {"test_reported_accuracy", "test_reported_loss"}),
    "no legend": (with_("curves", "plt.legend()", ""), {"test_loss_plot_labelled"}),
    "no label below": (with_("curves", 'plt.xlabel("epoch")', ""), {"test_loss_plot_labelled"}),
    "a plot for each loss": (
        with_("curves", 'label="training")', 'label="training")\nplt.show()'),
        {"test_loss_curves", "test_loss_plot_labelled"},
    ),
    "two images": (
        with_("bars", "zip(x_test[:3]", "zip(x_test[:2]"),
        {"test_three_images_beside_bars", "test_bars_are_what_the_model_says"},
    ),
    "bars of the next image": (
        with_("bars", "model.predict(x_test[:3]", "model.predict(x_test[1:4]"),
        {"test_bars_are_what_the_model_says"},
    ),
    "labels shuffled": (
        with_("data", "/ 255\n", "/ 255\nnp.random.shuffle(y)\n"),
        {"test_accuracy_on_new_images"},
    ),
}
