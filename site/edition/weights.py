"""The encoder for the browser: the real model's weights in 8 bits, in parts, below `build/site/live`.

A row of weights is cut into groups. Each group has a scale, float16: its largest entry is 127 of it. Groups
are short in the layers, where that keeps the order of the words in blank-out, and longer in the embeddings,
so that all of it stays below 25 MB. `cd site && python -m edition.weights` prints what the rounding changes.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from rollout_lab.faithfulness import blank_out, spearman
from rollout_lab.models import Encoder, ModelNotFetched, example_names, fetch, fetch_model, load_example
from rollout_lab.models.blank_out_study import load_blank_out
from rollout_lab.models.encoder import SCALES, read_safetensors
from rollout_lab.rollout import fuse_heads, rollout

from .settings import ROOT

GROUPS = {"embeddings.word": 64, "embeddings.position": 64, "encoder.layer": 16}  # entries of a row
UNUSED = ("pooler.", "embeddings.position_ids")
KINDS = {"float32": "F32", "float16": "F16", "int8": "I8"}


class OtherWeights(ValueError):
    """What came out is not what the library expects to find on the site."""


class Change(NamedTuple):
    """What rounding changes in one bundled sentence.

    `weights`: by how much attention weights move, an array of any length; `rows`: by how much the entries of
    rollout with the identity move `(N, N)`; `alike`: the least correlation of one of its rows; `order`: the
    rank correlation of blank-out, of the embedding and of the state of `[CLS]`; `first`: whether the word
    that moves each most is the same.
    """

    weights: np.ndarray
    rows: np.ndarray
    alike: float
    order: tuple[float, ...]
    first: tuple[bool, ...]


def build(live: Path) -> None:
    """Write the encoder's files where a browser looks for them, or say loudly that they are left out."""
    folder = live / fetch.SITE_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    try:
        model = fetch_model()
    except ModelNotFetched as error:
        print(f"!!! THE SITE HAS NO MODEL FOR SENTENCES OF ONE'S OWN: {error}", file=sys.stderr)
        return
    folder.mkdir(parents=True)
    size = 0
    for name, data in files(model):
        size += len(data)
        for number, start in enumerate(range(0, len(data), fetch.PART)):
            (folder / f"{name}.{number}").write_bytes(data[start : start + fetch.PART])
    licences = [file for file in metadata.files("packaging") or [] if file.name == "LICENSE.APACHE"]
    (folder / "LICENSE").write_text(licences[0].read_text(), encoding="utf-8")
    shutil.copy(ROOT / "NOTICE", folder)
    print(f"The encoder for the browser: {size / 1e6:.1f} MB in {folder}")


def files(model: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file that a browser fetches."""
    for name in fetch.FILES:
        yield name, eight_bit(model / name) if name == "model.safetensors" else (model / name).read_bytes()


def eight_bit(path: Path) -> bytes:
    """The file `model.safetensors` with its tables rounded to 8 bits. Raises `OtherWeights`."""
    data = packed(dict(_tensors(path)))
    found = fetch.Pin(len(data), hashlib.sha256(data).hexdigest())
    if found != fetch.EIGHT_BIT:
        raise OtherWeights(
            f"{path} became {found}, expected {fetch.EIGHT_BIT}, as rollout_lab.models.fetch says"
        )
    return data


def packed(tensors: dict[str, np.ndarray]) -> bytes:
    """Tensors as the bytes of a safetensors file."""
    header, start = {}, 0
    for name, tensor in tensors.items():
        end = start + tensor.nbytes
        kind = KINDS[tensor.dtype.name]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": (start, end)}
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *(each.tobytes() for each in tensors.values())])


def rounded(table: np.ndarray, group: int) -> tuple[np.ndarray, np.ndarray]:
    """8-bit integers `(n, d)` and float16 scales `(n, d / group)` for a table `(n, d)`.

    >>> integers, scales = rounded(np.array([[1, -127, 0.4, 0.2]], dtype=np.float32), 2)
    >>> integers.tolist(), float(scales[0, 0])
    ([[1, -127, 127, 64]], 1.0)
    """
    grouped = table.reshape(len(table), -1, group)
    scales = (np.abs(grouped).max(axis=-1) / np.float32(127)).astype(np.float16)
    steps = np.maximum(scales.astype(np.float32), np.finfo(np.float16).smallest_subnormal)[..., np.newaxis]
    return np.rint(grouped / steps).clip(-127, 127).astype(np.int8).reshape(table.shape), scales


def _tensors(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Those of the model that the encoder uses; the widest numbers first, so that each is aligned."""
    whole = {name: each for name, each in read_safetensors(path).items() if not name.startswith(UNUSED)}
    groups = {name: size for name in whole for start, size in GROUPS.items() if name.startswith(start)}
    tables = {name: rounded(whole[name], groups[name]) for name in groups if whole[name].ndim == 2}
    yield from ((name, each) for name, each in whole.items() if name not in tables)
    yield from ((name + SCALES, scales) for name, (_, scales) in tables.items())
    yield from ((name, integers) for name, (integers, _) in tables.items())


def change(encoder: Encoder, name: str) -> Change:
    """What an encoder makes of a bundled sentence, held against what full precision made of it."""
    example, bundled = load_example(name), load_blank_out(name)
    found = encoder.encode(example.text)
    if found.tokens != example.tokens:
        raise ValueError(f"{name} has the tokens {found.tokens}, expected {example.tokens}")
    ours, theirs = (rollout(fuse_heads(each.attentions.astype(float))) for each in (found, example))
    moved = blank_out(encoder.encode, example.text, bundled.words)
    pairs = [(moved[output], bundled.moved["mask"][output]) for output in moved]
    return Change(
        np.abs(found.attentions - example.attentions).ravel(),
        np.abs(ours - theirs),
        min(float(np.corrcoef(*rows)[0, 1]) for rows in zip(ours, theirs, strict=True)),
        tuple(spearman(*pair) for pair in pairs),
        tuple(bool(one.argmax() == other.argmax()) for one, other in pairs),
    )


def table(changes: list[Change]) -> str:
    """What rounding changes, over sentences, in words and numbers."""
    weights = np.concatenate([each.weights for each in changes])
    orders = [order for each in changes for order in each.order]
    firsts = [first for each in changes for first in each.first]
    rows, alike = max(each.rows.max() for each in changes), min(each.alike for each in changes)
    lines = {
        "sentences": f"{len(changes)}",
        "change of an attention weight": f"{weights.max():.4f} at most, {weights.mean():.5f} in the mean",
        "change of an entry of rollout": f"{rows:.5f} at most",
        "correlation of a row of rollout": f"{alike:.6f} at least",
        "rank correlation of blank-out": f"{min(orders):.4f} at least, {np.mean(orders):.4f} in the mean",
        "same first word in blank-out": f"{sum(firsts)} of {len(firsts)}",
    }
    return "\n".join(f"{what:34}{found}" for what, found in lines.items())


if __name__ == "__main__":
    model = fetch_model()
    with TemporaryDirectory() as scratch:
        for name, data in files(model):
            Path(scratch, name).write_bytes(data)
        browser = Encoder.load(Path(scratch))
        print(table([change(browser, name) for name in example_names()]))
