"""What explorers read from their arguments, and what is worth opening them on."""

import numpy as np

from rollout_lab._inputs import read_layer, split_layers
from rollout_lab.figures.checks import index_of, tokens_of
from rollout_lab.paths import top_paths
from rollout_lab.rollout import augmented_layers, rollout

_FRAME = {"[CLS]", "[SEP]", "[PAD]", "<s>", "</s>", "<pad>", "<|endoftext|>"}


def maps_of(attentions, tokens) -> tuple[np.ndarray, tuple[str, ...]]:
    """One sentence's attention as `(L, H, N, N)`, checked, and its tokens."""
    layers = [read_layer(layer, index) for index, layer in enumerate(split_layers(attentions, "mean"))]
    maps, tokens = np.stack(layers), tokens_of(tokens)
    if maps.ndim == 5 and maps.shape[1] == 1:
        maps = maps[:, 0]
    if maps.ndim == 3:
        maps = maps[:, None]
    if maps.ndim != 4:
        raise ValueError(
            f"attentions hold a batch of {maps.shape[1]} sentences; an explorer shows one. "
            "Pick one: [layer[:1] for layer in attentions]"
        )
    if maps.shape[-1] != len(tokens):
        raise ValueError(
            f"attentions are over {maps.shape[-1]} positions, but there are {len(tokens)} tokens; "
            "give the tokens that the model saw, special ones included."
        )
    return maps, tokens


def position_of(value, tokens, default: int, what: str) -> int:
    """A position given by the caller, or the one found to be telling."""
    return default if value is None else index_of(value, len(tokens), what)


def layer_of(value, maps, default: int, what: str) -> int:
    """A layer given by the caller, or the default; both count from 1."""
    return default if value is None else index_of(value - 1, len(maps), f"{what} - 1") + 1


def words_of(tokens) -> np.ndarray:
    """Positions of words: no special tokens, no punctuation; all when that leaves fewer than two."""
    chosen = [i for i, token in enumerate(tokens) if token not in _FRAME and any(c.isalnum() for c in token)]
    return np.array(chosen if len(chosen) > 1 else range(len(tokens)))


def telling_link(maps, tokens) -> tuple[int, int, int, int]:
    """The strongest weight between words that are no neighbours: layer, head, query and key, all from 0."""
    among = _between_words(tokens)
    # A word's neighbour is often read for its place alone.
    apart = among & (np.abs(np.subtract.outer(range(len(tokens)), range(len(tokens)))) > 1)
    among = apart if apart.any() else among
    layer, head, query, key = np.unravel_index(np.argmax(np.where(among, maps, -1)), maps.shape)
    return int(layer), int(head), int(query), int(key)


def telling_row(maps, tokens) -> int:
    """The word that depth lets read most of what no single layer shows it."""
    return _telling_indirection(maps, tokens)[0]


def telling_entry(maps, tokens, residual="identity") -> tuple[int, int]:
    """An entry of R between two words that adds up several paths of much the same weight: output, source.

    Where no entry has three paths, the one that no single layer shows.
    """
    R = np.where(_between_words(tokens), rollout(maps, residual=residual), -1)
    best, found = 0.0, _telling_indirection(maps, tokens)
    for flat in np.argsort(-R, axis=None)[:12]:
        output, source = (int(k) for k in np.unravel_index(flat, R.shape))
        weights = [path.weight for path in top_paths(maps, output, source, k=3, residual=residual)]
        if len(weights) == 3 and R[output, source] * weights[2] / weights[0] > best:
            best, found = R[output, source] * weights[2] / weights[0], (output, source)
    return found


def _telling_indirection(maps, tokens) -> tuple[int, int]:
    direct = np.max(list(augmented_layers(maps)), axis=0)
    gain = np.where(_between_words(tokens), rollout(maps) - direct, -np.inf)
    output, source = np.unravel_index(np.argmax(gain), gain.shape)
    return int(output), int(source)


def _between_words(tokens) -> np.ndarray:
    words = words_of(tokens)
    among = np.zeros((len(tokens), len(tokens)), dtype=bool)
    among[np.ix_(words, words)] = True
    np.fill_diagonal(among, len(tokens) == 1)
    return among
