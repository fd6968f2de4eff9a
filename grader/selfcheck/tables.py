# ruff: noqa: SIM905 - long lists are read as text
"""What is known of functions that notebooks call: which give a fresh value and change nothing, which do worse.

A function that is in no table may change whatever it is given, and the world: files, chance, a library's own state.
"""

from __future__ import annotations

import re

RANDOM, WORLD, SETTINGS, ITERATOR, DRAWN = "<random>", "<world>", "<settings>", "<iterator>", "<drawn>"
SHOWN = "<shown>"  # under this the methods are kept that show objects

# Builtins. Fresh ones give a number, a text or the like; sharing ones something that holds what they were given.
FRESH = frozenset(
    "abs all any bin bool bytes callable chr complex divmod float format hash hasattr hex int isinstance issubclass "
    "len oct ord pow print range repr round str".split()
)
SHARING = frozenset("dict frozenset getattr list max min object set slice sorted sum super tuple type".split())
ITERATING = frozenset("enumerate reversed zip".split())
CONSUMING = frozenset("all any dict frozenset list max min print set sorted sum tuple".split())
OUTSIDE = frozenset("input open".split())

FRESH_METHODS = frozenset(
    "all any argmax argmin argsort astype count cumsum cumprod decode dot encode endswith format index is_integer item "
    "lower lstrip max mean min nonzero prod round rstrip startswith std strip sum title trace upper var zfill".split()
)
SHARING_METHODS = frozenset(
    "conj copy diagonal flatten get items join keys ravel repeat replace reshape split splitlines squeeze "
    "swapaxes tolist transpose values view".split()
)

# These change what they are called on, or draw on it; any other method may do something outside, as `savefig` does.
CHANGING_METHODS = frozenset(
    "add append clear difference_update discard extend fill insert intersection_update partition popleft appendleft "
    "pop popitem remove reverse rotate setdefault sort update set resize put "
    "choice integers normal permutation permuted random shuffle standard_normal uniform rand randn randint "
    "annotate axhline axvline axis bar barh colorbar contour contourf errorbar fill_between flat grid hist imshow "
    "legend loglog matshow plot pcolormesh scatter semilogx semilogy set_title set_xlabel set_ylabel set_xlim set_ylim "
    "set_xticks set_yticks step suptitle text tick_params tight_layout title twinx".split()
)

_NUMPY_FRESH = (
    "abs absolute add all allclose any arange arccos arcsin arctan arctan2 argmax argmin argsort argwhere around "
    "array_equal average bincount ceil clip concatenate convolve corrcoef cos cosh count_nonzero cov cross cumprod "
    "cumsum deg2rad diff digitize divide dot empty empty_like equal exp exp2 expm1 eye finfo float32 float64 "
    "floor full full_like gradient greater greater_equal heaviside histogram histogram2d hstack hypot identity iinfo "
    "inner int32 int64 interp isclose isfinite isin isinf isnan kron less less_equal linspace log log10 log1p log2 "
    "logaddexp logical_and logical_not logical_or logspace matmul max maximum mean median min minimum mod multiply "
    "nanmax nanmean nanmin nansum ndim negative nonzero not_equal ones ones_like outer pad percentile power prod ptp "
    "quantile rint roll round searchsorted shape sign sin sinh size sqrt square stack std subtract sum tan tanh "
    "tensordot tile trace trapezoid tri tril triu uint8 unique var vdot vstack where zeros zeros_like linalg.norm "
    "linalg.inv linalg.det linalg.solve linalg.eigh linalg.eig linalg.svd linalg.qr linalg.lstsq linalg.pinv "
    "linalg.matrix_rank testing.assert_allclose testing.assert_array_equal testing.assert_array_almost_equal "
    "testing.assert_almost_equal"
)
_NUMPY_SHARING = (
    "array asarray asanyarray ascontiguousarray atleast_1d atleast_2d atleast_3d array_split broadcast_to copy diag "
    "expand_dims flip meshgrid moveaxis nan_to_num ravel real imag repeat reshape rollaxis rot90 split squeeze "
    "swapaxes take transpose column_stack append delete insert r_ c_ newaxis ndarray float_ int_ bool_"
)
_NUMPY_CHANCE = (
    "seed rand randn normal uniform randint random random_sample standard_normal binomial poisson default_rng "
    "RandomState"
)
_RANDOM_CHANCE = "seed random randint randrange uniform gauss normalvariate"
_PLOTTING_SETS = "rc rcdefaults rcParams style use switch_backend xkcd ion ioff set_cmap rc_context"

# How many of the arguments by position are inputs: one more is where the result is written to, or has no copy made.
_INPUTS = {
    1: "abs absolute arccos arcsin arctan ceil cos cosh deg2rad exp exp2 expm1 floor isfinite isinf isnan log log10 "
    "log1p log2 logical_not nan_to_num negative rint sign sin sinh sqrt square tan tanh",
    2: "add all any arctan2 argmax argmin around array concatenate divide dot equal greater greater_equal heaviside "
    "hypot less less_equal logaddexp logical_and logical_or matmul max maximum median min minimum mod multiply nanmax "
    "nanmin not_equal outer power ptp round stack subtract",
    3: "clip cumprod cumsum mean nanmean nansum percentile prod quantile reshape std sum take var",
    4: "asanyarray asarray",
    5: "trace",
}
_METHOD_INPUTS = {
    1: "all any argmax argmin dot max min round",
    2: "cumprod cumsum mean prod std sum var",
    4: "astype trace",
}
INPUTS = {f"numpy.{name}": count for count, names in _INPUTS.items() for name in names.split()}
METHOD_INPUTS = {name: count for count, names in _METHOD_INPUTS.items() for name in names.split()}

# Arguments by name that may have a function change what it is given, but for these values.
CHANGING_KEYWORDS = {"out": None, "key": None, "file": None, "copy": True, "inplace": False}
CHANGING_PREFIX = "overwrite_"

FRESH_FUNCTIONS = frozenset(f"numpy.{name}" for name in _NUMPY_FRESH.split()) | {"copy.deepcopy"}
SHARING_FUNCTIONS = frozenset(f"numpy.{name}" for name in _NUMPY_SHARING.split()) | {"copy.copy"}
CHANCE = frozenset(f"numpy.random.{name}" for name in _NUMPY_CHANCE.split()) | frozenset(
    f"random.{name}" for name in _RANDOM_CHANCE.split()
)
GOING_THROUGH = CONSUMING | ITERATING | {"enumerate", "len", "map", "filter", "iter"}
VIEWS = frozenset({"keys", "items"})
OF_SETS = frozenset("set frozenset Counter difference intersection symmetric_difference union".split())
GROWING = frozenset({"defaultdict"})  # what looking an item up may add it to
OF_OBJECTS = frozenset({"object", "object_", "O"})  # what the type of an array of objects is called
SHOWING_DRAWN = frozenset("gca gcf get_fignums get_figlabels fignum_exists".split())
FRESH_MODULES = frozenset({"math", "time", "cmath"})
DRAWING = "matplotlib.pyplot"
DRAWING_SETS = frozenset(f"{DRAWING}.{name}" for name in _PLOTTING_SETS.split())
DRAWING_WRITES = frozenset({f"{DRAWING}.savefig", f"{DRAWING}.imsave", f"{DRAWING}.imread"})

# Libraries whose names are functions, classes and constants that nobody changes, unless a notebook stores into them.
KNOWN = frozenset(
    "numpy math cmath time random copy matplotlib scipy sklearn pandas keras tensorflow torch seaborn os pathlib json "
    "collections itertools functools operator typing dataclasses abc enum string re datetime tqdm PIL plotly "
    "__future__ warnings statistics fractions decimal textwrap urllib gzip pickle struct csv io shutil glob".split()
)

# What can reach any name by itself: with one of these in a notebook nothing can be told.
DANGEROUS = frozenset(
    "exec eval compile globals locals vars setattr delattr __import__ breakpoint get_ipython In Out dir "
    "__builtins__ __builtin__ id memoryview".split()
)
SETTING = re.compile(r"set|filter|config|style|use|rc|able|register|option|err|^warnings|^seaborn|^os\.|^matplotlib\.")
CONSTANT = re.compile(
    r"numpy(?:\.(?:pi|e|inf|nan|newaxis|ndarray|u?int\d*|float\d*|bool_?|float_|int_|object_|linalg))?"
    r"|math(?:\.(?:pi|e|inf|nan|tau))?|time|sys(?:\..*)?"
)
MODULE = re.compile(r"(?:numpy|keras|tensorflow|torch|matplotlib)(?:\.(?:random|pyplot|config|backend))?|random")
HISTORY = re.compile(r"_+|_i+|_i?\d+|_ih|_oh|_dh")
HARMLESS_DUNDERS = frozenset({"__name__", "__init__", "__doc__", "__version__", "__file__", "__len__", "__call__"})
QUIET_DUNDERS = frozenset({"__init__", "__repr__", "__str__", "__call__", "__doc__", "__slots__", "__annotations__"})
SHOWING = re.compile(r"__(?:repr|str)__|_repr_\w+_|_ipython_display_")
OF_CLASSES = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})  # are called on a class, undecorated
PROPERTIES = frozenset({"property", "setter", "getter", "deleter"})
SAFE_SYSTEM = frozenset({"version", "version_info", "maxsize", "float_info", "platform", "executable"})
DANGEROUS_MODULES = frozenset(
    "builtins importlib inspect gc ctypes threading multiprocessing concurrent asyncio signal atexit weakref "
    "contextvars IPython types code runpy ipykernel ipywidgets sys".split()
)
HARMLESS_IMPORTS = re.compile(r"IPython\.(core\.)?display|sys")
MAGIC = re.compile(
    r"\s*(?:!.*|%matplotlib\b.*|%pip\b.*|%conda\b.*|%load_ext\b.*|%config\s+Inline\w+\..*|%%(?:time|capture)\s*"
    r"|%%(?:html|HTML|latex|markdown|javascript|js|svg|bash|sh)\b.*)"
)
