"""Small tasks whose answer stands in one known place, so that one knows what a map should find.

The letters are drawn at random, each on its own. So the letter that is asked for can be known from no
position but the one that holds it: the source.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

LETTERS = "abcdefghij"
_SLOTS = 10  # cards of a pointer task; the question stands behind them
_ROW = 12  # letters of the relay
_REACH = 3  # how far a position of the relay sees to each side


class _Task(NamedTuple):
    layers: int
    says: str
    asks: bool  # whether a question names a card, whose pointer leads to the source


_TASKS = {
    "chase_2": _Task(
        2, "The question names a card, which points to a later card: say that one's letter.", True
    ),
    "chase_3": _Task(3, "The same as chase_2, with a layer more than it takes.", True),
    "relay": _Task(4, f"Say the row's capital letter at its end; each sees {_REACH} to each side.", False),
    "gate": _Task(2, "Cards point anywhere, and the question sees only the card that it names.", True),
}


def pointer_tasks():
    """What the bundled pointer models were trained for: name -> one sentence.

    >>> list(pointer_tasks())
    ['chase_2', 'chase_3', 'relay', 'gate']
    """
    return {name: task.says for name, task in _TASKS.items()}


def task_layers(task):
    """How many layers the models of a task have. Raises `ValueError` for an unknown task."""
    return _known(task).layers


@dataclass(frozen=True, eq=False)
class Cases:
    """n cases of one task, of N positions each.

    Fields: `task`; `letters` (n, S), what letter stands in each of the S slots, as an index into "a" to "j";
    `source` (n,), the slot whose letter is asked for; `pointers` (n, S), the slot that each card points to,
    and `via` (n,), the card that the question names; both None in the relay, which has no question.

    A card is written `3:d→7`: number 3, letter d, points to 7. The question is written `?3`.
    """

    task: str
    letters: np.ndarray
    source: np.ndarray
    pointers: np.ndarray | None = None
    via: np.ndarray | None = None

    def __len__(self):
        return len(self.letters)

    def __getitem__(self, rows):
        """The cases that a slice, an index array or a boolean array picks."""
        fields = {name: getattr(self, name) for name in ("letters", "source", "pointers", "via")}
        return replace(self, **{name: v[rows] for name, v in fields.items() if v is not None})

    @property
    def answer(self):
        """(n,): the letter asked for, as an index into "a" to "j"."""
        return self.letters[np.arange(len(self)), self.source]

    @property
    def reader(self):
        """The position at which the answer is read off: the last one."""
        return self.letters.shape[1] - (0 if _TASKS[self.task].asks else 1)

    @property
    def inputs(self):
        """(n, N, F) float32: ones for what stands at a position, zeros for what does not."""
        rows = np.arange(len(self))[:, None]
        slots = np.arange(self.letters.shape[1])
        letters = len(LETTERS)
        if self.pointers is None or self.via is None:
            inputs = np.zeros((len(self), len(slots), 2 * letters), dtype=np.float32)
            capital = slots == self.source[:, None]
            inputs[rows, slots, self.letters + letters * capital] = 1
            return inputs
        # A card holds a letter and a pointer (to itself where it has none), the question a number.
        inputs = np.zeros((len(self), len(slots) + 1, letters + 2 * len(slots)), dtype=np.float32)
        inputs[rows, slots, self.letters] = 1
        inputs[rows, slots, letters + self.pointers] = 1
        inputs[rows[:, 0], -1, letters + len(slots) + self.via] = 1
        return inputs

    @property
    def mask(self):
        """(n, N, N) bool: who may read whom; True where position i may read position j."""
        N = self.reader + 1
        here, there = np.arange(N)[:, None], np.arange(N)
        if self.via is not None and self.task == "gate":
            cards = (here < self.reader) & (there < self.reader)
            return cards | ((here == self.reader) & (there == self.via[:, None, None]))
        seen = there <= here if self.pointers is not None else abs(here - there) <= _REACH
        return np.broadcast_to(seen, (len(self), N, N))

    def tokens(self, case=0):
        """What stands at the N positions of one case, a tuple of strings."""
        letters = [LETTERS[k] for k in self.letters[case]]
        if self.pointers is None or self.via is None:
            return tuple(x.upper() if slot == self.source[case] else x for slot, x in enumerate(letters))
        cards = zip(range(len(letters)), letters, self.pointers[case], strict=True)
        written = [f"{slot}:{x}" + (f"→{to}" if to != slot else "") for slot, x, to in cards]
        return (*written, f"?{self.via[case]}")

    def with_letters_moved(self, slots):
        """The same cases with another letter, the next in the alphabet, in one slot each: `slots` is (n,)."""
        letters, rows = self.letters.copy(), np.arange(len(self))
        letters[rows, slots] = (letters[rows, slots] + 1) % len(LETTERS)
        return replace(self, letters=letters)


def sample_task(task, n, rng):
    """Draw n cases of a task, as `Cases`.

    Parameters
    ----------
    task : str
        One of `pointer_tasks()`; another raises ValueError.
    n : int
    rng : numpy.random.Generator
        Another seed gives other cases: there are more than 10^10 of each task, so none comes twice.

    Examples
    --------
    >>> cases = sample_task("chase_2", 3, np.random.default_rng(0))
    >>> tokens = cases.tokens(0)
    >>> tokens[-1], tokens[1], tokens[3]
    ('?1', '1:g→3', '3:c→5')
    >>> int(cases.via[0]), int(cases.source[0]), "abcdefghij"[cases.answer[0]]
    (1, 3, 'c')
    """
    if not _known(task).asks:
        letters = rng.integers(len(LETTERS), size=(n, _ROW))
        return Cases(task, letters, source=rng.integers(_ROW - 1, size=n))
    cards, letters = np.arange(_SLOTS), rng.integers(len(LETTERS), size=(n, _SLOTS))
    if task == "gate":
        pointers = (cards + rng.integers(1, _SLOTS, size=(n, _SLOTS))) % _SLOTS
        via = rng.integers(_SLOTS, size=n)
        return Cases(task, letters, pointers[np.arange(n), via], pointers, via)
    # Pointers lead to later cards alone, and no card reads a later one: so none can fetch its letter early.
    later = _SLOTS - 1 - cards
    pointers = np.minimum(cards + 1 + (rng.random((n, _SLOTS)) * later).astype(int), _SLOTS - 1)
    source = rng.integers(1, _SLOTS, size=n)  # drawn first: all sources are to be equally frequent
    via = (rng.random(n) * source).astype(int)
    pointers[np.arange(n), via] = source
    return Cases(task, letters, source, pointers, via)


def _known(task):
    if task not in _TASKS:
        raise ValueError(f"no task is called {task!r}; expected one of: {', '.join(_TASKS)}")
    return _TASKS[task]
