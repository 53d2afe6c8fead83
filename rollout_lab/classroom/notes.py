"""Make notes on submissions, and what students put into them, safe for a terminal, a table, a page."""

from collections.abc import Iterable, Sequence

from . import limits

JOINERS = "\u200c\u200d"  # invisible, and part of names in many languages
FORMULA = tuple("=+-@＝＋－＠")  # how a spreadsheet knows a formula


def plain(text: str, most: int = limits.NOTE) -> str:
    r"""A text in one line of visible characters, not longer than `most`.

    Characters that steer a terminal or turn the direction of writing are written as Python writes them.

    >>> plain("a\x1b[2J\n  b"), plain("\u202egpj.exe"), plain("abcdef", most=4)
    ('a\\x1b[2J b', '\\u202egpj.exe', 'abc…')
    """
    shown = "".join(
        c if c.isprintable() or c in JOINERS else c.encode("unicode_escape").decode("ascii")
        for c in " ".join(text[: 4 * most].split())
    )
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def limited(notes: Iterable[str], most: int = limits.NOTES) -> list[str]:
    """The notes, each once and plain; where there are more than `most`, the last one counts the rest.

    >>> limited(["b", "a", "b", "c", "d"], most=3)
    ['b', 'a', 'and 2 more notes']
    """
    once = list(dict.fromkeys(notes))
    more = [f"and {len(once) - most + 1} more notes"] if len(once) > most else []
    return list(dict.fromkeys([*map(plain, once[: most - len(more)]), *more]))


def first_few(names: Sequence[object], most: int) -> str:
    """Some names in a sentence, and how many more there are.

    >>> first_few(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def quoted(name: str) -> str:
    r"""A name as it is; in quotes, and what is not visible escaped, where it would not be seen as it is.

    >>> print(quoted("Zoë O'Hara"), quoted("two  blanks"), quoted("line\nfeed"))
    Zoë O'Hara 'two  blanks' 'line\nfeed'
    """
    return name if plain(name, 10_000) == name else repr(name)


def no_formula(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what looks like one.

    >>> no_formula('=HYPERLINK("http://example.org")'), no_formula("2 files")
    ('\\'=HYPERLINK("http://example.org")', '2 files')
    """
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
