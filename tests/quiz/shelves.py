"""Two shelves of students' answers: right ones from many minds, wrong ones with what is to be said of them.

``shelf/right/softmax.py`` holds answers to the exercise ``softmax``. Each ``# %%`` cell is what one
student wrote into the answer cell, headed by a few words on the way taken. On the shelf of wrong
answers the heading opens with what the grader has to find: the name of a misconception, two names
joined by a plus, or ``counterexample`` where no known misconception explains the results.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SHELF = Path(__file__).parent / "shelf"


@dataclass(frozen=True)
class Answer:
    """An answer cell: the exercise it answers, its heading, its code, and the finding on a wrong one."""

    exercise: str
    heading: str
    code: str
    finding: str | None = None

    def __str__(self):
        return f"{self.exercise}-{self.finding or 'right'}-{self.heading}"

    def function(self):
        """The function that the cell defines in a notebook of its own."""
        namespace = {"np": np, "__name__": "__main__"}
        exec(compile(self.code, str(self), "exec"), namespace)
        return namespace[self.exercise]


def right_answers(exercise):
    return [Answer(exercise, heading, code) for heading, code in _cells(SHELF / "right" / f"{exercise}.py")]


def wrong_answers(exercise):
    return [
        Answer(exercise, heading, code, finding)
        for head, code in _cells(SHELF / "wrong" / f"{exercise}.py")
        for finding, heading in [head.split(": ", 1)]
    ]


def _cells(path):
    _before, *parts = re.split(r"^# %% (.+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
    return list(zip(parts[::2], (code.strip() + "\n" for code in parts[1::2]), strict=True))
