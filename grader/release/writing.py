"""Writing a bundle: a folder and a zip file of it, both whole or not there, the same bytes for the same files."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader import bundle
from grader.errors import OutputError, UsageError
from grader.files import atomic_write

EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
WAY_OUT = "Choose another folder with --out."


def require_free(out: Path, name: str) -> None:
    """Raise UsageError unless there is room in `out` for a bundle of that name: nothing, or an earlier one."""
    place, archive = out / name, out / f"{name}.zip"
    if os.path.lexists(out) and not out.is_dir():
        raise UsageError(f"{out}: is no folder. {WAY_OUT}")
    if os.path.lexists(archive) and not archive.is_file():
        raise UsageError(f"{archive}: is there, and is no file. {WAY_OUT}")
    if os.path.lexists(place):
        _require_bundle(place, name)
    above = next(folder for folder in (out, *out.absolute().parents) if folder.is_dir())
    if not os.access(above, os.W_OK):
        raise OutputError(f"{above}: cannot be written (permission denied). {WAY_OUT}")


def _require_bundle(place: Path, name: str) -> None:
    """Raise UsageError where a folder holds anything but an earlier bundle, as it was released."""
    if place.is_dir() and not any(place.iterdir()):
        return
    if not (place / bundle.FOLDER / bundle.FILE).is_file():
        raise UsageError(f"{place}: is there, and is no bundle, so it is not overwritten. Move it away. {WAY_OUT}")
    earlier = bundle.read(place)
    if earlier.assignment != name:
        raise UsageError(f"{place}: is a bundle of {earlier.assignment!r}, not of {name!r}. {WAY_OUT}")
    given = {f"{bundle.FOLDER}/{inside}": digest for inside, digest in earlier.files.items()}
    given |= {inside.partition("/")[2]: digest for inside, digest in earlier.files.items() if inside[:6] == "files/"}
    given[earlier.notebook] = earlier.files[earlier.notebook]
    made_anew = ("README.md", f"{bundle.FOLDER}/{bundle.FILE}")
    for path in sorted(place.rglob("*")):
        inside = path.relative_to(place).as_posix()
        if not path.is_file() or inside in made_anew or path.suffix == ".whl" or "__pycache__" in path.parts:
            continue
        if inside not in given:
            raise UsageError(f"{path}: does not belong to the bundle that is there. Move it away. {WAY_OUT}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != given[inside]:
            raise UsageError(f"{path}: somebody worked in this bundle, so it is not overwritten. Move it away.")


def write(out: Path, name: str, files: Mapping[str, bytes]) -> tuple[Path, Path]:
    """Write files, by their place in the bundle, as a folder and as a zip file; return where."""
    place, archive, draft = out / name, out / f"{name}.zip", out / f".{name}-{secrets.token_hex(4)}"
    packed = zipped(name, files)
    try:
        for inside, content in files.items():
            path = draft / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        with _aside(place):
            draft.rename(place)
            atomic_write(archive, packed)
    except OSError as error:
        raise OutputError(f"{place}: cannot be written ({error.strerror}). {WAY_OUT}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place, archive


@contextmanager
def _aside(place: Path) -> Iterator[None]:
    """Have a folder out of the way: gone when all went well, else back in its place, and what took that is gone."""
    earlier = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
    if place.exists():
        place.rename(earlier)
    try:
        yield
    except BaseException:  # Ctrl-C too must leave the earlier bundle where it was
        shutil.rmtree(place, ignore_errors=True)
        if earlier.exists():
            earlier.rename(place)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def zipped(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return a zip file with all files below a folder of that name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for inside, data in sorted(files.items()):
            about = zipfile.ZipInfo(f"{name}/{inside}", EPOCH)
            about.external_attr, about.compress_type = READABLE, zipfile.ZIP_DEFLATED
            archive.writestr(about, data)
    return content.getvalue()
