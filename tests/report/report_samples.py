"""Results as a grading makes them, for the tests of the reports."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from grader.results import (
    Audience,
    Cell,
    CellError,
    CheckResult,
    Curves,
    Diagnosis,
    Execution,
    ExecutionStatus,
    Heatmap,
    Output,
    Picture,
    QuestionResult,
    Result,
    Series,
    Status,
    Table,
    Text,
    Timings,
    Visibility,
)


def png(width: int = 60, height: int = 40) -> str:
    """Return a grey PNG in base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 4 + y) % 256 for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def check(status: Status = Status.PASSED, score: float = 0.0, max_score: float = 5.0, **more: Any) -> CheckResult:
    given = {"id": "test_it", "question": "q1", "title": "`box` is right on a grid", "visibility": Visibility.PUBLIC}
    return CheckResult(**(given | {"status": status, "score": score, "max_score": max_score} | more))


def question(number: int, checks: tuple[CheckResult, ...], status: Status, **more: Any) -> QuestionResult:
    given = {
        "id": f"q{number}",
        "title": f"Question number {number}",
        "score": sum(c.score for c in checks),
        "max_score": sum(c.max_score for c in checks),
        "pending": sum(c.max_score for c in checks if c.status in (Status.NEEDS_REVIEW, Status.ERROR)),
    }
    return QuestionResult(**(given | {"status": status, "checks": checks} | more))


def result(questions: tuple[QuestionResult, ...] = (), **more: Any) -> Result:
    given = {
        "assignment": "backprop",
        "title": "Backpropagation: from proofs to pixels",
        "student": "alice",
        "submission": "alice.ipynb",
        "seed": 3735928559,
        "sandbox": "none",
        "score": sum(q.score for q in questions),
        "max_score": sum(q.max_score for q in questions),
        "pending": sum(q.pending for q in questions),
        "execution": Execution(status=ExecutionStatus.COMPLETED, seconds=1.0),
    }
    return Result(**(given | {"questions": questions} | more))


JACOBIAN = Heatmap(
    title="Your Jacobian minus the right one",
    values=((0.0, 0.09, 0.21), (0.09, 0.0, 0.14), (0.21, 0.14, float("nan"))),
    row_label="output i",
    column_label="logit j",
    description="The diagonal agrees; all other entries are too large by y_i y_j.",
)
ACCURACY = Curves(
    title="Accuracy by epoch",
    x_label="epoch",
    y_label="accuracy on unseen images",
    series=(
        Series(name="yours", x=(0, 1, 2, 3), y=(0.10, 0.31, 0.42, 0.47)),
        Series(name="reference", x=(0, 1, 2, 3), y=(0.11, 0.52, 0.66, 0.72)),
    ),
)
GRADIENTS = Table(
    title="Relative error of each gradient",
    columns=("parameter", "shape", "relative error", "worst index"),
    rows=(
        ("W3", "(10, 32)", "2e-09", "(3, 17)"),
        ("W2", "(32, 32)", "0.84", "(0, 5)"),
        ("b2", "(32,)", "0.79", "(5,)"),
    ),
)
FORGOTTEN = Diagnosis(
    name="hidden_sigma_prime_forgotten",
    title="σ′ is missing in a hidden layer",
    explanation="The error that reaches a hidden layer has to be multiplied by $\\sigma'(z)$ *before* it is used:\n\n"
    "$$\\delta^{(l)} = \\left(W^{(l+1)}\\right)^{\\top} \\delta^{(l+1)} \\odot \\sigma'(z^{(l)})$$\n\n"
    "Your numbers are what comes out without it.",
)
ASKED = """Let $y = \\operatorname{softmax}(z)$. Show that

\\begin{align}
\\frac{\\partial y_i}{\\partial z_j} &= y_i (\\delta_{ij} - y_j) \\\\
 &= y_i \\delta_{ij} - y_i y_j
\\end{align}

and write `softmax_jacobian(z)`, which returns the **whole** matrix for a vector `z` of any length.

- It must work for logits of $\\pm 1000$.
- Do not use a loop over $i$ and $j$.
"""
JACOBIAN_CODE = '''import numpy as np


def softmax(z):
    """Softmax of a vector."""
    e = np.exp(z - np.max(z))  # stable
    return e / e.sum()


@np.vectorize
def relu(x):
    return max(x, 0)


def softmax_jacobian(z):
    y = softmax(z)
    return np.diag(y) - 0.5 * np.outer(y, y)  # half of it, says a long comment that is wider than any phone
'''
FRAME = """<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe"><thead>
<tr style="text-align: right;"><th></th><th>epoch</th><th>loss</th><th>accuracy</th></tr></thead>
<tbody><tr><th>0</th><td>1</td><td>1.93</td><td>0.31</td></tr>
<tr><th>1</th><td>2</td><td>1.44</td><td>0.42</td></tr></tbody></table></div>"""
CELLS = (
    Cell(
        index=0,
        kind="markdown",
        source="# Homework 2\n\nMy *solutions*. See <https://numpy.org/doc/> for the functions.",
    ),
    Cell(index=1, kind="code", source="# imports\nimport numpy as np\nrng = np.random.default_rng(0)", seconds=0.21),
    Cell(index=2, kind="code", source="def box(x, h, d):\n    return h * ((x > 0) & (x < d))", seconds=0.001),
    Cell(
        index=3,
        kind="markdown",
        source="## Question 2\n\nBy the quotient rule, for $i = j$:\n\n$$\\frac{\\partial y_i}{\\partial z_i} = "
        "\\frac{e^{z_i} \\sum_k e^{z_k} - e^{2 z_i}}{\\left(\\sum_k e^{z_k}\\right)^2} = y_i (1 - y_i)$$\n\n"
        "and \\(\\mathbf{J} = \\mathrm{diag}(y) - y y^\\top\\), a matrix like\n\n"
        "\\[\\begin{pmatrix} y_1(1-y_1) & -y_1 y_2 \\\\ -y_2 y_1 & y_2 (1-y_2) \\end{pmatrix}\\]\n\n"
        "| case | value |\n|---|---|\n| $i=j$ | $y_i(1-y_i)$ |\n| else | $-y_i y_j$ |\n",
    ),
    Cell(
        index=4,
        kind="code",
        source=JACOBIAN_CODE,
        seconds=0.002,
        outputs=(Output(mime="text/plain", data="[[ 0.24 -0.12]\n [-0.12  0.24]]  " + "0.125 " * 40 + "\n"),),
    ),
    Cell(
        index=5,
        kind="code",
        source="history = train(3)\nhistory",
        seconds=4.81,
        outputs=(
            Output(mime="text/plain", data="epoch 1: loss 1.93\nepoch 2: loss 1.44\n"),
            Output(mime="application/vnd.grader.stderr", data="RuntimeWarning: overflow encountered in exp\n"),
            Output(mime="text/html", data=FRAME),
            Output(
                mime="text/plain", data="   epoch  loss  accuracy\n0      1  1.93      0.31\n1      2  1.44      0.42"
            ),
            Output(mime="image/png", data=png(320, 160)),
        ),
    ),
    Cell(
        index=6,
        kind="code",
        source="print(weigths)",
        seconds=0.01,
        error=CellError(
            name="NameError",
            message="name 'weigths' is not defined. Did you mean: 'weights'?",
            traceback="Traceback (most recent call last)\nCell 7, line 1\n----> 1 print(weigths)\nNameError: ...",
        ),
    ),
    Cell(index=7, kind="code", source="   \n"),
)


def realistic(audience: Audience = Audience.INSTRUCTOR) -> Result:
    """Return a submission with something of everything."""
    text = lambda title, value, **more: Text(title=title, text=value, **more)  # noqa: E731
    q1 = question(
        1,
        (
            check(score=8, max_score=8, title="`box` is right for several $h$ and $\\delta$"),
            check(
                score=4,
                max_score=4,
                title="both sides of each edge",
                visibility=Visibility.HIDDEN,
                message="All 40 points agree.",
                remarks=("your network is written as one function",),
                evidence=(text("What was asked", "box([0, 0.5, 1], 2, 1)"),),
            ),
            check(Status.NEEDS_REVIEW, max_score=4, title="Why stacked boxes approximate any continuous function"),
            check(Status.NEEDS_REVIEW, max_score=4, title="What changes in d dimensions"),
        ),
        Status.NEEDS_REVIEW,
        title="A box from two step neurons",
        text="Give $(w_1, b_1, w_2, b_2, w_3, w_4, b_3)$ for a network equal to $h$ on $(0, \\delta)$ and 0 elsewhere.",
        cells=(2,),
    )
    q2 = question(
        2,
        (
            check(
                Status.FAILED,
                score=2,
                max_score=8,
                title="`softmax_jacobian` agrees with $y_i(\\delta_{ij} - y_j)$",
                message="Your matrix has the right shape (3, 3), but 6 of its 9 values are wrong.\n"
                "The worst is at row 0, column 2: you return 0.105, central differences say -0.105.",
                hint="Look at the entries *off* the diagonal. What is $\\partial y_0 / \\partial z_2$?",
                remarks=("you return a tuple; its first element was taken",),
                evidence=(
                    text("What was asked", "softmax_jacobian(array([0.2, -1.3, 0.7]))"),
                    text(
                        "What came back",
                        "array([[ 0.235,  0.031,  0.105],\n       [ 0.031,  0.067,  0.055]])",
                    ),
                    text("What was expected", "array([[ 0.235, -0.031, -0.105], ...", expected=True),
                    JACOBIAN,
                ),
                detail="test_jacobian[3]: rtol 1e-9, conditioning 4.1",
            ),
            check(
                Status.NEEDS_REVIEW,
                max_score=7,
                title="The derivation of the Jacobian",
                message="A person reads your proof.",
            ),
        ),
        Status.FAILED,
        title="The Jacobian of softmax",
        text=ASKED,
        cells=(3, 4),
    )
    q4 = question(
        4,
        (
            check(score=3, max_score=3, title="`sigmoid` and `dsigmoid`"),
            check(score=3, max_score=3, title="`softmax` does not overflow", visibility=Visibility.HIDDEN),
            check(
                Status.FAILED,
                max_score=12,
                title="`train_one_sample` moves every layer by the exact gradient",
                visibility=Visibility.HIDDEN,
                message="The gradient of `W2` is wrong by 84 %; that of `W3` is right.",
                diagnosis=FORGOTTEN,
                hint="Write down the shape and the formula of each $\\delta$ before you code it.",
                evidence=(GRADIENTS,),
            ),
            check(
                Status.FAILED,
                score=1.5,
                max_score=6,
                title="three epochs reach the reference's accuracy",
                message="You reach 47 %, the reference 72 %.",
                evidence=(ACCURACY, Picture(title="Your plot", cell=5, output=4)),
            ),
            check(Status.NOT_ATTEMPTED, max_score=6, title="`feed_forward_dataset` prints loss and accuracy"),
            check(Status.NOT_REACHED, max_score=5, title="`train_one_epoch` visits every sample"),
            check(
                Status.ERROR,
                max_score=10,
                title="weights start with the right variance",
                message="Our check failed. No points are lost.",
            ),
        ),
        Status.ERROR,
        title="Backpropagation from scratch",
        text="Write it all in NumPy. " * 40,
        cells=(5, 6),
    )
    return result(
        (q1, q2, q4),
        audience=audience,
        repairs=("cell 3 had no id and got one", "the file began with a byte-order mark"),
        execution=Execution(
            status=ExecutionStatus.ERRORS,
            seconds=5.1,
            cells=CELLS,
            notes=("cell 2: `!pip install numpy` was not run", "cell 2: `drive.mount` did nothing"),
        ),
        timings=Timings(kernel=0.9, cells=5.1, checks=2.3),
    )
