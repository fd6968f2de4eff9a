"""The language a notebook says it is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grader.errors import SubmissionError

KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}
LANGUAGE_INFO = {"name": "python"}

_PYTHON = re.compile(r"(?:i|x)?python\d*(?:[ .]\d+)*|xeus-python|pyspark|pyodide", re.IGNORECASE)
_LANGUAGES = (  # pattern of a kernel's or language's name, the language's name
    (r"r|ir|irkernel|xr", "R"),
    (r"i?julia.*", "Julia"),
    (r"scala.*|.*_scala|almond|spark", "Scala"),
    (r"java ?script|i?javascript|jslab|node(?:js)?|ijsnode", "JavaScript"),
    (r"type ?script|tslab|its", "TypeScript"),
    (r"deno", "JavaScript (Deno)"),
    (r"c\+\+.*|xcpp.*|cpp", "C++"),
    (r"octave|xoctave", "Octave"),
    (r"i?matlab.*", "MATLAB"),
    (r"bash|sh|shell|zsh", "Bash"),
    (r"rust|evcxr", "Rust"),
    (r"go|gophernotes|gonb", "Go"),
    (r"i?ruby\d*", "Ruby"),
    (r"i?java|rapaio.*", "Java"),
    (r"kotlin", "Kotlin"),
    (r"i?haskell", "Haskell"),
    (r"c#|csharp|\.net-csharp", "C#"),
    (r"f#|fsharp|\.net-fsharp", "F#"),
    (r"sas", "SAS"),
    (r"stata", "Stata"),
    (r"sql|xsqlite|xsql", "SQL"),
    (r"wolfram.*|mathematica", "Wolfram Language"),
    (r"perl\d*|iperl", "Perl"),
    (r"lua|ilua|xlua", "Lua"),
)


def refuse_other_languages(metadata: Mapping[str, Any], cell_languages: Sequence[object], name: str) -> None:
    """Raise SubmissionError naming the language when the notebook is for a kernel that is not Python's."""
    language = _language(metadata, cell_languages)
    if language:
        message = (
            f"{name} is written in {language}: its kernel is not Python's. Hand in a notebook with Python "
            "code (in Jupyter: Kernel, Change Kernel, Python 3)."
        )
        raise SubmissionError(message)


def mended_kernel(metadata: Mapping[str, Any]) -> list[str]:
    """Return the sentences for a kernel or language entry that had to be replaced."""
    sentences = []
    spec, info = _table(metadata, "kernelspec"), _table(metadata, "language_info")
    if not spec or not isinstance(spec.get("name"), str):
        sentences.append("The notebook named no kernel: Python 3 was taken")
    elif spec["name"] != "python3":
        sentences.append(f"The notebook's kernel {_short(spec['name'])} was replaced by Python 3")
    if not info:
        sentences.append("The notebook did not say its language: Python was taken")
    elif not _is_python(info.get("name")):
        sentences.append("The notebook named its language wrongly: Python was taken")
    return sentences


def _language(metadata: Mapping[str, Any], cell_languages: Sequence[object]) -> str:
    """Return the foreign language, or an empty string. The kernel's own entry counts before anything else."""
    spec = _table(metadata, "kernelspec")
    declared = spec.get("language")
    if isinstance(declared, str) and declared.strip():
        return "" if _is_python(declared) else _known(declared) or _short(declared)
    info = _table(metadata, "language_info").get("name")
    if _is_python(spec.get("name")) or _is_python(info):
        return ""
    rest = [info, spec.get("name"), metadata.get("language")]
    foreign = next((known for each in rest if (known := _known(each))), "")
    if foreign or not cell_languages:
        return foreign
    in_cells = [_known(each) for each in cell_languages]
    return in_cells[0] if all(in_cells) else ""


def _table(metadata: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = metadata.get(key)
    return value if isinstance(value, dict) else {}


def _is_python(name: object) -> bool:
    return isinstance(name, str) and _PYTHON.fullmatch(name.strip()) is not None


def _known(name: object) -> str:
    if not isinstance(name, str):
        return ""
    plain = re.sub(r"(?<=\w)[- ]\d+(\.\d+)*$", "", name.strip()[:80].lower())  # julia-1.9
    return next((language for pattern, language in _LANGUAGES if re.fullmatch(pattern, plain)), "")


def _short(name: str) -> str:
    return repr(name.strip()[:40].encode("utf-8", "replace").decode())
