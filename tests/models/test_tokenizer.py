import pytest

from rollout_lab.models import Encoder
from rollout_lab.models.tokenizer import tokenize

VOCABULARY = {"un", "##happy", "happy", "cafe", "hello", "世", "σας", "!", "$", "’", "-", "a", "b"}


def pieces(text):
    return tokenize(text, VOCABULARY)[1:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unhappy", ["un", "##happy"]),
        ("HELLO", ["hello"]),
        ("Café", ["cafe"]),
        ("cafe\u0301", ["cafe"]),
        ("ΣΑΣ", ["[UNK]"]),  # letter by letter, so the last one becomes σ and not ς
        ("hello!", ["hello", "!"]),
        ("a-b", ["a", "-", "b"]),
        ("a$b", ["a", "$", "b"]),
        ("a’b", ["a", "’", "b"]),
        ("世世a", ["世", "世", "a"]),
        ("a\tb\nb", ["a", "b", "b"]),
        ("a\u00a0b", ["a", "b"]),
        ("a\x00\u200b\ufffd", ["a"]),
        ("zzz", ["[UNK]"]),
        ("happyzzz", ["[UNK]"]),
        ("🍕 hello", ["[UNK]", "hello"]),
        ("hello [MASK] a[PAD]", ["hello", "[MASK]", "a", "[PAD]"]),
        ("[mask]", ["[UNK]", "[UNK]", "[UNK]"]),
    ],
)
def test_text_falls_into_the_pieces_that_bert_reads(text, expected):
    assert pieces(text) == expected


def test_a_word_of_more_than_a_hundred_letters_is_unknown():
    vocabulary = {"a", "##a"}
    assert tokenize("a" * 100, vocabulary) == ["[CLS]", "a", *["##a"] * 99, "[SEP]"]
    assert tokenize("a" * 101, vocabulary) == ["[CLS]", "[UNK]", "[SEP]"]


@pytest.mark.parametrize("text", ["", "  \n", "\u200b", "\u0301"])
def test_a_text_with_nothing_to_read_is_refused(text):
    with pytest.raises(ValueError, match="nothing to read; expected at least one word"):
        tokenize(text, VOCABULARY)


@pytest.mark.parametrize("text", [None, b"hello", ["hello"], 3])
def test_what_is_no_string_is_refused(text):
    with pytest.raises(TypeError, match="expected a string"):
        tokenize(text, VOCABULARY)


def test_a_text_longer_than_the_model_has_positions_is_refused():
    encoder = Encoder({"max_position_embeddings": 6}, ["[CLS]", "[SEP]", "a"], weights={})
    assert encoder.tokenize("a a a a") == ("[CLS]", "a", "a", "a", "a", "[SEP]")
    with pytest.raises(ValueError, match=r"7 tokens, with \[CLS\] and \[SEP\]; the model reads at most 6"):
        encoder.tokenize("a a a a a")


def test_the_model_reads_up_to_512_tokens(encoder):
    assert len(encoder.tokenize("word " * 510)) == 512
    with pytest.raises(ValueError, match=r"513 tokens.*at most 512: shorten it"):
        encoder.encode("word " * 511)


def test_the_models_own_vocabulary_splits_rare_words_and_drops_accents(encoder):
    assert encoder.tokenize("Thé axolotl 🍕") == ("[CLS]", "the", "ax", "##olo", "##tl", "[UNK]", "[SEP]")
