"""Text to word pieces, as BERT's uncased models read it."""

import re
import unicodedata

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_INVISIBLE = ("Cc", "Cf", "Co", "Cs")
_LONGEST_WORD = 100  # characters; BERT gives up on a longer word

_SPECIAL = re.compile("(" + "|".join(map(re.escape, SPECIAL)) + ")")
_CHINESE = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2CEAF), (0x2F800, 0x2FA1F))


def tokenize(text, vocabulary):
    """The word pieces of a text, `[CLS]` first and `[SEP]` last.

    `text` is a string; `vocabulary` a container of known pieces, in which a piece that continues a word
    begins with `##`. Case and accents are dropped, punctuation and Chinese characters stand alone, a word
    with no known pieces becomes `[UNK]`, and a special token written out, such as `[MASK]`, stays whole.

    Returns a list of strings. Raises `TypeError` for what is not a string, `ValueError` for a text without
    a single piece. Source: Devlin et al. (2019), section 3, and the BERT reference tokenizer.

    >>> tokenize("Unhappy cafés!", {"un", "##happy", "cafe", "##s", "!"})
    ['[CLS]', 'un', '##happy', 'cafe', '##s', '!', '[SEP]']
    """
    if not isinstance(text, str):
        raise TypeError(f"text is of type {type(text).__name__}; expected a string, one sentence")
    pieces = []
    for part in _SPECIAL.split(text):
        if part in SPECIAL:
            pieces.append(part)
        else:
            pieces += [piece for word in _words(part) for piece in _pieces(word, vocabulary)]
    if not pieces:
        raise ValueError(f"text {text!r} holds nothing to read; expected at least one word or sign")
    return ["[CLS]", *pieces, "[SEP]"]


def _words(text):
    """Split a text at white space, punctuation and Chinese characters, without case and accents."""
    plain = unicodedata.normalize("NFD", "".join(map(_clean, text)))
    # Letter by letter: str.lower() on a whole word treats a final Greek sigma apart, BERT does not.
    lower = (char.lower() for char in plain if unicodedata.category(char) != "Mn")
    return "".join(f" {char} " if _stands_alone(char) else char for char in lower).split()


def _clean(char):
    if char in "\t\n\r":
        return " "
    if char == "\ufffd" or unicodedata.category(char) in _INVISIBLE:
        return ""
    return char


def _stands_alone(char):
    # Every sign of ASCII counts as punctuation, also those that Unicode files elsewhere, such as "$".
    code = ord(char[0])
    ascii_sign = code < 128 and not char.isalnum() and not char.isspace()
    chinese = any(first <= code <= last for first, last in _CHINESE)
    return ascii_sign or chinese or unicodedata.category(char[0]).startswith("P")


def _pieces(word, vocabulary):
    """Cut a word into its longest known pieces, from the left."""
    if len(word) > _LONGEST_WORD:
        return ["[UNK]"]
    pieces, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        for end in range(len(word), start, -1):
            if prefix + word[start:end] in vocabulary:
                break
        else:
            return ["[UNK]"]
        pieces.append(prefix + word[start:end])
        start = end
    return pieces
