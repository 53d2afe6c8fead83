"""Ask whether a diagnosis was what the student thought: until then it is the authors' guess."""

from .kept_answers import MOST, Reply, all_answers, keep_reply

WAS_THAT_IT = "Was that what you thought?"


def how_to_reply(item: str) -> str:
    """How to answer where no widget is shown."""
    return f'Without buttons: `was_that_it("{item}", "yes")`, or `"no", "I thought ..."`.'


def was_that_it(item: str, reply: str, thought: str = "") -> None:
    """Say whether the last diagnosis was what you thought; it is kept with your answer.

    Parameters
    ----------
    item
        The id of the item whose diagnosis you read.
    reply
        `"yes"` or `"no"`.
    thought
        With `"no"`: what you thought instead, at most 300 characters.

    Raises
    ------
    ValueError
        If no answer to the item was diagnosed, or the reply is neither yes nor no.
    """
    found = [each for each in all_answers() if each.item == item and each.answer.belief]
    if not found:
        raise ValueError(f"no answer to {item!r} was diagnosed; answer it first")
    if (said := reply.strip().lower()) not in ("yes", "no"):
        raise ValueError(f'reply must be "yes" or "no", found {reply!r}')
    last = found[-1]
    told = Reply("yes") if said == "yes" else Reply("no", thought.strip()[:MOST])
    print(keep_reply(f"{last.kind}-{item}", last.answer.belief, told) or "Kept, for you alone. Thank you.")
