"""The files a notebook names."""

import pytest
from notebooks import notebook

from grader.selfcheck.beside import named_elsewhere, named_files


@pytest.fixture
def beside(folder):
    for name in ("weights.npz", "helper.py", "pictures/one.png", "unused.txt", "Üben mit Leerzeichen.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    (folder / "own").mkdir()
    for name in ("__init__.py", "inner.py"):
        (folder / "own" / name).write_text("def g(): ...")
    (folder / "uses.py").write_text("import helper\nimport uses\nwith open('numbers.csv') as file: ...")
    (folder / "numbers.csv").write_text("1")
    (folder / "bare").mkdir()  # imported from without an __init__.py
    (folder / "bare" / "a.py").write_text("import helper\nopen('numbers.csv')")
    return folder


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("np.load('weights.npz')", ["weights.npz"]),
        ("np.load('./weights.npz')", ["weights.npz"]),
        ("open(r'pictures\\one.png')", ["pictures"]),
        ("import helper", ["helper.py"]),
        ("from helper import f", ["helper.py"]),
        ("open('Üben mit Leerzeichen.csv')", ["Üben mit Leerzeichen.csv"]),
        ("open('missing.txt')", []),
        ("open('selfcheck/bundle.json')", []),
        ("open('../homework/unused.txt')", []),
        ("'unused'", []),
        ("open('bad\\0name')", []),
        ("x = (", []),
        ("import own", ["own"]),
        ("from own.inner import g", ["own"]),
        ("from own import inner", ["own"]),
        ("import uses", ["helper.py", "numbers.csv", "uses.py"]),
        ("from bare.a import x", ["bare", "helper.py", "numbers.csv"]),
        ("!cat weights.npz", ["weights.npz"]),
        ("open(Path('pictures') / 'one.png')", ["pictures"]),
        ("open(os.path.join('pictures', 'one.png'))", ["pictures"]),
        ("open(f'pictures/{name}.png')", ["pictures"]),
        ("open(f'{name}.npz')", ["weights.npz"]),
        ("glob('pictures/*.png')", ["pictures"]),
        ("glob.glob('*.txt')", ["unused.txt"]),
        ("print(f'{x}'); print(f'{x}{y}'); print('**bold**')", []),
        ("Path('nowhere') / 'one.png'", []),
        ("Path('.') / 'one.png'", []),
        ("Path('selfcheck') / 'bundle.json'", []),
        ("word = 'pictures'", []),
        ("open(f'../{x}'); open(f'/{x}')", []),
    ],
)
def test_what_is_named_and_lies_beside_the_notebook(desk, beside, source, names):
    found = named_files(notebook(source), beside, desk.assignment)

    assert names == [path.name for path in found]


def test_a_link_is_left_alone(desk, beside):
    (beside / "link.txt").symlink_to(beside / "unused.txt")

    assert () == named_files(notebook("open('link.txt')"), beside, desk.assignment)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{other}/v.txt", "other/v.txt"),
        ("../other/v.txt", "other/v.txt"),
        ("{other}", "other"),
        ("{other}/*.txt", "other"),
        ("{other}/v*", "other"),
        ("{other}/gone.txt", None),
        ("../other", None),  # the kernel's folder is another, and a folder above it no place for files
        ("/", None),
        ("helper.py", None),
    ],
)
def test_what_lies_in_other_folders(beside, tmp_path, text, found):
    other = tmp_path / "other"
    other.mkdir()
    (other / "v.txt").write_text("1")
    node = notebook(f"open({text.format(other=other)!r})")

    expected = [] if found is None else [(tmp_path / found).resolve()]

    assert expected == [path.resolve() for path in named_elsewhere(node, beside).values()]


def test_a_name_elsewhere_that_is_put_together_stands_for_its_folder(beside, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    node = notebook(f"open(f'{other}/v_{{n}}.txt'); print(f'/{{n}}')")

    assert {f"{other}/v_*.txt": other} == named_elsewhere(node, beside)


def test_a_module_of_ones_own_names_files_too(beside, tmp_path):
    (tmp_path / "v.txt").write_text("1")
    (beside / "helper.py").write_text(f"open({str(tmp_path / 'v.txt')!r})")

    found = named_elsewhere(notebook("import helper; open('../v.txt')"), beside, [beside / "helper.py"])

    assert {"../v.txt": beside / "../v.txt", str(tmp_path / "v.txt"): tmp_path / "v.txt"} == found
