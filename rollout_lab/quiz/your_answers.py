"""Take all answers along in one file, add those of such a file, delete them: here and in a browser alike."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError, Struct, ValidationError, convert, json

from .export_answers import NAME
from .kept_answers import KINDS, KeptAnswer, KeptPrediction
from .key import UnreadableKey, unseal
from .progress import all_kept, forget, keep, kept

if TYPE_CHECKING:
    from .your_answers_widget import AnswersWidget

FILE = "my-rollout-answers.json"
VERSION = 1
MOST_BYTES, MOST_ANSWERS = 1_000_000, 1000

_NAME = re.compile(rf"({'|'.join(KINDS)})-{NAME}")
_LONGEST = 100


class AnswerFile(Struct, frozen=True):
    """All answers by the names under which they are kept, those first that were given longest ago."""

    version: int
    answers: dict[str, Any]


def your_answers(*, save: bool = False, add: str | Path = "", delete: bool = False) -> AnswersWidget | None:
    """Download all your answers as a file, add those of such a file, or delete them.

    An answer that is here stays when a file is added: the file brings what is missing.

    Parameters
    ----------
    save
        For front ends without widgets: write the answers to `my-rollout-answers.json` beside this notebook.
    add
        The same for a file to be added.
    delete
        Delete all answers, without asking again.

    Returns
    -------
    The widget, or None with an argument.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    """
    if not (save or add or delete):
        from .your_answers_widget import AnswersWidget

        return AnswersWidget()
    if save:
        Path(FILE).write_text(answers_as_text(), "utf-8")
        print(f"Written: {FILE}, beside this notebook, with {in_words(len(kept_values()))}.")
    if add:
        with Path(add).open("rb") as file:
            print(add_answers(file.read(MOST_BYTES + 1)))
    if delete:
        print(delete_answers())
    return None


def answers_as_text() -> str:
    """The content of the file that `add_answers` reads."""
    return json.format(json.encode(AnswerFile(VERSION, kept_values())), indent=1).decode() + "\n"


def add_answers(content: bytes) -> str:
    """Keep what a file has and this place lacks; return what there is to say. The file may hold anything."""
    if len(content) > MOST_BYTES:
        return f"Nothing added: the file is larger than {MOST_BYTES // 1000} kB. Choose {FILE}."
    try:
        found = json.decode(content, type=AnswerFile)
    except (DecodeError, ValueError, RecursionError):  # ValidationError is a DecodeError
        return f"Nothing added: the file does not hold your answers. Choose {FILE}, as you downloaded it."
    if found.version > VERSION:
        return "Nothing added: the file comes from a newer version of the course. Update the course here."
    if len(found.answers) > MOST_ANSWERS:
        return f"Nothing added: the file holds more than {MOST_ANSWERS} answers."
    there, added, unread, notes = kept_values(), 0, 0, []
    for name, value in found.answers.items():
        if (answer := _checked(name, value)) is None:
            unread += 1
        elif name not in there:
            added += 1
            if note := keep(name, answer):
                notes.append(note)
    parts = [f"Added: {in_words(added)}."]
    if stayed := len(found.answers) - added - unread:
        parts.append(f"Left as they are here: {stayed}. To have the file's instead, delete yours first.")
    if unread:
        parts.append(f"Left out, since they are no answers of this course: {unread}.")
    if added:
        parts.append("Run the cells of a lesson again to see them there.")
    return " ".join([*parts, *notes[:1]])


def delete_answers() -> str:
    """Delete all answers; return what there is to say."""
    count = len(kept_values())
    try:
        for name in all_kept():
            forget(name)
    except OSError as error:
        return f"Not all could be deleted: {error.strerror or error}. Left: {in_words(len(kept_values()))}."
    return f"Deleted: {in_words(count)}. Cells that you ran before show theirs until you run them again."


def kept_values() -> dict[str, Any]:
    """What is kept of all answers that can be read, by name."""
    return {name: value for name in all_kept() if (value := _checked(name, kept(name))) is not None}


def _checked(name: str, value: Any) -> Any:
    """The value if it may be kept under this name, which becomes a file's; None if not."""
    if len(name) > _LONGEST or not (found := _NAME.fullmatch(name)):
        return None
    try:
        if found[1] == "prediction":
            return value if isinstance(value, str) else _plain(convert(value, KeptPrediction))
        answer = convert(value, KeptAnswer)
        if answer.sealed:
            unseal(answer.sealed)
        return _plain(answer)
    except (ValidationError, UnreadableKey, RecursionError):
        return None


def _plain(answer: Struct) -> Any:
    return json.decode(json.encode(answer))


def in_words(number: int) -> str:
    """A number of answers."""
    return "1 answer" if number == 1 else f"{number} answers"
