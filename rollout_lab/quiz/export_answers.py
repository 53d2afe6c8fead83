"""Write a student's answers to a file that can be handed in; nothing leaves the machine by itself."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, ValidationError, convert, json, to_builtins

from .kept_answers import Kind, all_answers

FILE = "rollout-lab-answers.json"
VERSION = 1
MOST_ANSWERS, MOST_REPLIES = 500, 20

NAME = "[a-z0-9]+([-_][a-z0-9]+)*"
Word = Annotated[str, Meta(pattern=f"^{NAME}$", max_length=80)]


class ExportedReply(Struct, frozen=True):
    """What was said to a diagnosis: `was` it the thought, and if not what was."""

    was: Annotated[str, Meta(pattern="^(yes|no)$")]
    thought: str = ""


class ExportedAnswer(Struct, frozen=True):
    """Whether the last answer to an item was right, and what was said to diagnoses, by belief."""

    kind: Kind
    item: Word
    right: bool | None
    replies: Annotated[dict[Word, ExportedReply], Meta(max_length=MOST_REPLIES)] = {}


class Export(Struct, frozen=True):
    """The file: no name of a person, no path, no time, and of answers only whether they are right."""

    version: Annotated[int, Meta(ge=1)]
    answers: Annotated[list[ExportedAnswer], Meta(max_length=MOST_ANSWERS)]


def export_answers() -> None:
    """Write your answers to `rollout-lab-answers.json` beside this notebook, to hand in with it if you like.

    The file says which items you have answered, whether you were right, and what you said to diagnoses. It
    holds no name and no path. Run it in the notebook that you hand in.

    Raises
    ------
    OSError
        If the file cannot be written here.
    """
    found = []
    for each in all_answers():
        data = to_builtins(each.answer) | {"kind": each.kind, "item": each.item, "right": each.answer.right}
        try:
            found.append(convert(data, ExportedAnswer))
        except ValidationError:  # a file of another name that lies there
            continue
    found = found[-MOST_ANSWERS:]
    Path(FILE).write_bytes(json.format(json.encode(Export(VERSION, found)), indent=1) + b"\n")
    replies = [reply for answer in found for reply in answer.replies.values()]
    words = sum(bool(reply.thought) for reply in replies)
    print(
        f"Written: {FILE}, beside this notebook.\nAnswers in it, only whether each is right: {len(found)}.\n"
        f"Replies to diagnoses: {len(replies)}, in your own words: {words}.\n"
        "Look at it before you hand it in."
    )
