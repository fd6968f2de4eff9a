"""Whatever a function returns is read as plain data or refused with a sentence; its class has no say in the verdict.

Only numbers, texts, sequences and arrays of numbers come out, as copies of what they hold, within bounds for size and
depth. Nothing is unpickled, evaluated, opened or shown by its own methods.
"""

from hostile_attack import PASSED_BY_RIGHT, RIGHT, Attack, vandal

NO_NUMBER = "What came back is an object, not a number or an array of numbers"
UNREADABLE = "What `double` returned cannot be read"

# What an honest notebook has besides `double`.
REST = (RIGHT[0], "start = 10", *RIGHT[2:])

# Calls itself equal to, and the result of, whatever it is compared and calculated with.
LIAR = """
import numpy as np
def agree(self, *others, **_):
    return self
def yes(self, *others, **_):
    return True
names = ('add sub mul truediv pow mod radd rsub rmul rtruediv neg abs iadd isub imul array_ufunc array_function '
         'array_wrap array_finalize').split()
lies = {f'__{name}__': agree for name in names if name != 'array_finalize'}
lies |= {f'__{name}__': yes for name in 'eq le ge bool contains'.split()}
lies |= {f'__{name}__': lambda self, *others: False for name in 'ne lt gt'.split()}
lies |= {'__hash__': lambda self: 0, 'all': yes, 'any': yes, 'close': yes}
"""

ATTACKS = (
    Attack(
        name="number_that_equals_all",
        what="returns a float of its own class that says it equals everything",
        cells=(
            LIAR + "Liar = type('Liar', (float,), lies)\n"
            "assert Liar(3) == 5 and not Liar(3) != 5\n"
            "def double(x):\n    return [Liar(3 * n) for n in x] if np.ndim(x) else Liar(3 * x)",
        ),
        says="entries are wrong|is not the right one",
    ),
    Attack(
        name="array_that_equals_all",
        what="returns an array of its own class that says it equals everything and is what it is compared with",
        cells=(
            LIAR + "Liar = type('Liar', (np.ndarray,), lies | {'shape': property(lambda self: (3,))})\n"
            "def double(x):\n    return (3 * np.asarray(x, dtype=float)).view(Liar)",
        ),
        says="entries are wrong|is not the right one",
    ),
    Attack(
        name="object_that_equals_all",
        what="returns an object that poses as an array by every protocol there is",
        cells=(
            LIAR
            + """
class Liar:
    dtype, ndim, size, shape = np.dtype(float), 1, 3, (3,)
    __module__ = 'numpy'
    __array_interface__ = {'shape': (3,), 'typestr': '<f8', 'data': (0, True), 'version': 3}
    __class__ = property(lambda self: np.ndarray)
    __array__ = lambda self, *_, **__: np.zeros(3)
    __len__ = lambda self: 3
    __getitem__ = lambda self, index: 0.0
    __float__ = __index__ = __int__ = lambda self: 0
for name, value in lies.items():
    setattr(Liar, name, value)
def double(x):
    return Liar()
""",
        ),
        says="TypeError|" + NO_NUMBER,
    ),
    Attack(
        name="not_a_number",
        what="returns NaN, infinities and minus zero, which compare in their own way",
        cells=(
            """
import numpy as np
def double(x):
    return {-1.5: float('nan'), 4.0: float('inf')}[x] if np.ndim(x) == 0 else np.array([np.nan, -np.inf, -0.0])
""",
        ),
        says="The answer is NaN(.|\n)*The answer is infinite",
    ),
    Attack(
        name="huge_numbers",
        what="returns integers of a hundred thousand digits, and floats at the edge of what there is",
        cells=(
            """
import numpy as np
def double(x):
    return [10**100_000, -10**400, 1.8e308] if np.ndim(x) else 10**1000 if x > 0 else 5e-324
""",
        ),
        says=UNREADABLE + r" \(an integer of more than 1,200 digits\)(.|\n)*The number that came back is not the right",
    ),
    Attack(
        name="broad_numbers",
        what="returns every number at once: complex, unsigned and tiny types, dates, masked and structured arrays",
        cells=(
            """
import numpy as np
def double(x):
    if np.ndim(x):
        return np.ma.masked_all(3)
    return np.zeros((), 'datetime64[s]') if x > 0 else np.zeros((), [('a', float), ('b', object)])
""",
        ),
        says=r"wrong(.|\n)*stopped with TypeError(.|\n)*datetime64\[s\] cannot be sent",
    ),
    Attack(
        name="generator",
        what="returns generators, iterators and coroutines, endless ones too",
        cells=(
            """
import itertools
async def later():
    return 1
def double(x):
    if x is 4.0:
        return later
    return itertools.count() if isinstance(x, float) else (2 * n for n in itertools.cycle(x))
""",
        ),
        says=NO_NUMBER,
    ),
    Attack(
        name="lazy_object",
        what="returns an object that makes up its answer when somebody looks at it, and looks at who is looking",
        cells=(
            """
import inspect
class Lazy:
    def __getattr__(self, name):
        frames = [frame.frame.f_locals for frame in inspect.stack()]
        return next((frame['want'] for frame in frames if 'want' in frame), Lazy())
    def __call__(self, *_, **__):
        return Lazy()
    def __iter__(self):
        return iter([Lazy()] * 3)
def double(x):
    return Lazy()
""",
        ),
        says=NO_NUMBER,
    ),
    Attack(
        name="hanging_object",
        what="returns objects whose class, length, hash and representation take for ever",
        cells=(
            """
import time
def for_ever(*_):
    time.sleep(600)
class Hanging:
    __repr__ = __str__ = __len__ = __hash__ = __iter__ = __eq__ = __bool__ = __reduce__ = for_ever
    __class__ = property(for_ever)
class Text(str):
    __repr__ = __str__ = __len__ = __hash__ = __iter__ = __eq__ = encode = for_ever
def double(x):
    return Text('4') if isinstance(x, float) else Hanging()
""",
        ),
        limits={"call_s": 1},
        says=r"`double` had not finished after 1 s and was stopped(.|\n)*What came back is a text \('4'\)",
    ),
    vandal(
        name="hanging_representation",
        what="shows an object whose representation takes for ever, then one whose representation raises and exits",
        cells=(
            "import time\nclass Hanging:\n    def __repr__(self):\n        time.sleep(600)\nHanging()",
            "class Exit:\n    def __repr__(self):\n        raise SystemExit(3)\nExit()",
            "class Wrong:\n    def __repr__(self):\n        return 3\nWrong()",
            "class Bad(Exception):\n    def __str__(self):\n        return 1 / 0\n    __repr__ = __str__\nraise Bad",
        ),
        limits={"cell_s": 2},
        says=r"Cell 6 ran longer than 2 s and was stopped\.(.|\n)*(Bad|ZeroDivisionError)",
        status="timed_out",
    ),
    Attack(
        name="deep_recursion",
        what="returns a list in a list in a list, ten thousand deep, and a list that holds itself",
        cells=(
            """
import numpy as np
itself = []
itself.append(itself)
deep = 1.0
for _ in range(10_000):
    deep = [deep]
boxed = np.empty((), dtype=object)
boxed[()] = boxed
def double(x):
    return deep if np.ndim(x) else itself if x > 0 else boxed
""",
        ),
        says=rf"({UNREADABLE} \(nested too deeply or too many parts\)\.(.|\n)*){{3}}",
    ),
    Attack(
        name="many_times_the_same",
        what="returns ten lists of ten lists of ten lists…, ten billion numbers in a hundred objects",
        cells=(
            """
many = 1.0
for _ in range(10):
    many = [many] * 10
def double(x):
    return many if getattr(x, 'ndim', 0) else 3 * x
""",
        ),
        limits={"call_s": 20},
        says=rf"{UNREADABLE} \(nested too deeply or too many parts\)",
    ),
    Attack(
        name="giant_value",
        what="returns giant texts and bytes, and an array that has terabytes by its shape and eight bytes of memory",
        cells=(
            """
import numpy as np
def double(x):
    if np.ndim(x):
        return np.broadcast_to(1.0, (10**6, 10**6))
    return 'x' * 2**28 if x > 0 else [bytes(2**26)] * 100
""",
        ),
        limits={"call_s": 20},
        says=rf"({UNREADABLE} \((an array )?larger than the limit for one value\)(.|\n)*){{3}}",
    ),
    Attack(
        name="keys_that_collide",
        what="returns dictionaries whose keys are slow to look up",
        cells=(
            """
slow = {complex(-1000003 * k, k): 0.0 for k in range(2_000)}
def double(x):
    return [slow] * 20 if getattr(x, 'ndim', 0) else slow
""",
        ),
        limits={"call_s": 20},
        says="there is a dictionary where a number is asked for|nested too deeply|keys",
        within_s=30,
    ),
    Attack(
        name="pickle",
        what="returns a pickle, as bytes and by `__reduce__`, that writes a file when it is loaded",
        cells=(
            """
import os, pickle
class Bomb:
    def __reduce__(self):
        return os.system, ('touch /tmp/{marker}-pickle /dev/shm/{marker}-pickle {home}/{marker}-pickle',)
loaded = pickle.dumps(Bomb())
def double(x):
    return loaded if isinstance(x, float) else Bomb()
""",
        ),
        says=rf"{NO_NUMBER}(.|\n)*What came back is bytes",
    ),
    Attack(
        name="npy_header",
        what="returns files of NumPy whose header claims 10¹² elements, or holds objects or Python code",
        cells=(
            """
import io, numpy as np
def npy(header):
    text = header.ljust(117) + '\\n'
    return b'\\x93NUMPY\\x01\\x00' + len(text).to_bytes(2, 'little') + text.encode()
giant = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }")
code = npy("{'descr': __import__('os').system('touch /tmp/{marker}'), 'fortran_order': False, 'shape': (1,), }")
objects = io.BytesIO()
np.save(objects, np.array([print], dtype=object), allow_pickle=True)
def double(x):
    return giant if np.ndim(x) else objects.getvalue() if x > 0 else code
""",
        ),
        says=r"(What came back is bytes, not a number(.|\n)*){3}",
    ),
    Attack(
        name="array_of_objects",
        what="returns arrays of objects that hold functions, themselves and other arrays",
        cells=(
            """
import numpy as np
def double(x):
    if np.ndim(x):
        return np.array([print, exit, double], dtype=object)
    return np.array([np.array([1, 2.0], dtype=object), 'text', None], dtype=object)
""",
        ),
        says="Among the values that came back there is an object(.|\n)*there is a text|there is None",
    ),
    Attack(
        name="path",
        what="returns paths that lead out of its folder, in the hope that somebody opens them",
        cells=(
            """
import pathlib
def double(x):
    if not isinstance(x, float):
        return pathlib.Path('../../../../../../{secret_home}')
    return '../../../../../..{secret_home}' if x > 0 else 'file://{secret_home}'
""",
        ),
        says=rf"{NO_NUMBER}(.|\n)*What came back is a text \('file://",
    ),
    Attack(
        name="changed_argument",
        what="changes its argument so that it agrees with what comes back",
        cells=(
            """
import numpy as np
def double(x):
    if isinstance(x, np.ndarray):
        x *= 0
        x.resize(3, refcheck=False)
    return x if isinstance(x, np.ndarray) else 0.0
""",
        ),
        says="wrong|not the right one",
    ),
    Attack(
        name="other_shapes",
        what="returns all numbers there are, in every shape, so that one of them may be taken",
        cells=(
            """
import itertools, numpy as np
def double(x):
    if np.ndim(x):
        return tuple(np.array(row) for row in itertools.product([-1.0, 0.0, 1.0], repeat=3))
    return tuple(float(n) for n in range(-10, 11)) if x > 0 else np.arange(-5, 5, 0.5)
""",
        ),
        says="shape",
    ),
    Attack(
        name="half_a_character",
        what="returns, prints and raises texts that are not Unicode, control a terminal or turn the writing direction",
        cells=(
            """
bad = '\\ud800\\udfff\\x00\\x1b[2J\\x1b]0;owned\\x07\\u202e\\u2066\\x08\\x08'
print(bad)
def double(x):
    print(bad)
    if isinstance(x, float):
        return bad
    raise ValueError(bad)
""",
            "raise RuntimeError(bad)",
        ),
        says=r"(?s)(Runtime|UnicodeEncode)Error: .*stopped with ValueError.*What came back is a text",
        inside=r"\A[^\x1b]*\Z",
        status="errors",
    ),
    Attack(
        name="letters_that_look_alike",
        what="calls a wrong function by a name that looks like the right one, in Cyrillic and full-width letters",
        host=REST,
        cells=(
            "def d\N{CYRILLIC SMALL LETTER O}uble(x):\n    return 3 * x",
            "globals()['\N{FULLWIDTH LATIN SMALL LETTER D}ouble'] = lambda x: 4 * x",
        ),
        says="your `[^`]*` was taken as `double`",
    ),
    Attack(
        name="look_alike_for_a_value",
        what="calls a value by a name that looks like the one asked for, in Cyrillic letters",
        host=(RIGHT[0], "def double(x):\n    return 2 * x", *RIGHT[2:]),
        cells=("st\N{CYRILLIC SMALL LETTER A}rt = 10",),
        passes=frozenset(
            {"test_text", "test_difference", "test_steps", "test_random_inputs", "test_double"}
            | {f"test_double_of_one_number[{name}]" for name in ("negative", "positive")}
        ),
        says="does not define `start`. You defined `st\N{CYRILLIC SMALL LETTER A}rt`",
    ),
    vandal(
        name="number_for_a_function",
        what="puts a number, a text and a class of its own where functions are asked for",
        host=REST,
        cells=(
            "double, difference = 3, 'difference'",
            "class identity:\n    def __init__(self, x):\n        self.shape = 'all'\n"
            "    def __array__(self, *_, **__):\n        raise SystemExit",
        ),
        passes=frozenset({"test_plain_state", "test_state_again", "test_text", "test_steps"}),
        says=r"(?s)\A(?!.*our fault).*`double` is not a function.*`difference` is not a function",
    ),
    vandal(
        name="number_for_another_function",
        what="puts a number where a check calls a function by its name",
        cells=("identity = 0",),
        passes=frozenset(PASSED_BY_RIGHT - {"test_random_inputs"}),
        says=r"(?s)\A(?!.*our fault).*is a value, not a function",
    ),
    Attack(
        name="names_in_circles",
        what="defines names that are listed but not found, one leading to the next",
        host=REST,
        cells=(
            """
class Name(str):
    __hash__ = lambda self: 1
for name in ('DOUBLE', 'd_ouble', 'do_uble', 'Double', 'doubled', '_double'):
    globals()[Name(name)] = lambda x: 3 * x
""",
        ),
        says=r"(?s)\A(?!.*our fault).*does not define `[Dd]ouble`",
    ),
    Attack(
        name="names_without_end",
        what="defines ten thousand names that nearly fit, each of ten thousand letters",
        host=REST,
        cells=(
            "for n in range(10_000):\n    globals()['doubl' + 'e' * 10_000 + str(n)] = globals()[f'du_{n}ble'] = 3",
        ),
        says="Your notebook does not define `double`|`double` is not a function",
    ),
)
