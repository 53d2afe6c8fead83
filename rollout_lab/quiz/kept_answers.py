"""What is kept of a student's answers, with types: the files are the student's, so they may hold anything."""

from contextlib import suppress
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta, Struct, ValidationError, convert, to_builtins
from msgspec.structs import replace

from .progress import all_kept, keep, kept

MOST = 300
"""Characters of what a student says to have thought."""

Kind = Literal["practice", "prediction", "again", "gap", "break", "self-check", "before", "after"]
"""What was answered; `again` is a missed prediction that `review` asked as a question."""
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]  # of typing's own

Thought = Annotated[str, Meta(max_length=MOST)]


class Reply(Struct, frozen=True, omit_defaults=True):
    """What a student says to a diagnosis: whether that was the thought, and if not what was."""

    was: Literal["yes", "no"]
    thought: Thought = ""


class KeptAnswer(Struct, frozen=True, omit_defaults=True):
    """The last answer to an item, `chosen` or `given`, and what was said to its diagnoses.

    `belief` names the one that the answer shows, `right` is None for a prediction whose outcome was not
    shown yet. Of a self-check item, `lesson` says where it belongs, and `sealed` is the key of a question.
    """

    chosen: str | None = None
    given: Any = None
    right: bool | None = None
    belief: str = ""
    lesson: str = ""
    sealed: str = ""
    replies: dict[str, Reply] = {}


class KeptPrediction(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What was predicted, and whether it came out so, None before the lesson has shown that."""

    letter: Annotated[str, Meta(max_length=1)]
    text: str
    right: bool | None = None


class Answered(NamedTuple):
    """A kept answer, and what was answered."""

    kind: Kind
    item: str
    answer: KeptAnswer


def kept_answer(name: str) -> KeptAnswer | None:
    """The answer kept under a name, such as "practice-reading-a-row", None if there is none to be read."""
    with suppress(ValidationError):
        return convert(kept(name), KeptAnswer)
    return None


def all_answers() -> list[Answered]:
    """All answers that can be read, those first that were given longest ago."""
    found = []
    for name in all_kept():
        kind = next((kind for kind in KINDS if name.startswith(f"{kind}-")), None)
        if kind and (answer := kept_answer(name)):
            found.append(Answered(kind, name.removeprefix(f"{kind}-"), answer))
    return found


def keep_answer(name: str, answer: KeptAnswer) -> str | None:
    """Keep an answer, with what is known of its item; returns `keep`'s note if it is not on disk."""
    if earlier := kept_answer(name):
        lesson, sealed = answer.lesson or earlier.lesson, answer.sealed or earlier.sealed
        answer = replace(answer, lesson=lesson, sealed=sealed, replies=earlier.replies)
    return keep(name, to_builtins(answer))


def keep_reply(name: str, belief: str, reply: Reply) -> str | None:
    """Keep what was said to a diagnosis beside the answer that it was about."""
    answer = kept_answer(name) or KeptAnswer()
    return keep(name, to_builtins(replace(answer, replies={**answer.replies, belief: reply})))
