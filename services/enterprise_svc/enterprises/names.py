"""Names as they are searched: words without accents and capitals, and how they read in Latin letters.

`searchable` is one text of all names, for instance ` amber heron ` or ` 琥 珀 苍 鹭  hupocanglu `: a space before and after each
word, so that the beginning of a word can be asked for, and Chinese and its like parted into characters, because the index knows
words of one character, and parts of words only from three on.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anyascii import anyascii
from rapidfuzz.distance import OSA

from services.enterprise_svc.matching.likeness.scripts import to_simplified

# Chinese, Japanese, Korean: a character alone means something. Simplified forms of rare ones lie beyond U+20000
CHARACTERS = "\u2e80-\u303f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
WORD = re.compile(f"[{CHARACTERS}]+|[^\\W_{CHARACTERS}]+")
STROKED = re.compile("[\u0080-\u024f\u1e00-\u1eff]")  # Latin letters that are no letter and an accent: đ ł ø
A_CHARACTER = re.compile(f"[{CHARACTERS}]")
SHORTEST_PART = 3  # shorter ones are looked for at the beginning of words
SHORTEST_TYPED_WRONG, SHORTEST_TYPED_WRONG_TWICE = 4, 9  # letters
FEWEST_CHARACTERS_ONE_WRONG = 4
LONGEST_WORD = 30  # of those that are remembered


def plain(text: str) -> str:
    """Without accents and capitals, in its own script; Chinese in simplified characters."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = unicodedata.normalize("NFC", "".join(char for char in parts if unicodedata.category(char) != "Mn"))
    simplified = to_simplified().convert(bare) if A_CHARACTER.search(bare) else bare
    return STROKED.sub(lambda found: anyascii(found[0]), simplified)


def words_in(text: str) -> list[str]:
    return WORD.findall(plain(text))


def in_latin(text: str) -> list[str]:
    return [found for word in WORD.findall(text) if not word.isascii() for found in words_in(anyascii(word))]


def spaced(word: str) -> str:
    return " ".join(word) if A_CHARACTER.match(word) else word


def searchable(names: Iterable[str | None]) -> str:
    """A line break keeps a fragment from matching across two names."""
    return "\n".join(line_of(name) for name in names if name)


def line_of(name: str) -> str:
    words = words_in(name)
    latin = [word for word in in_latin(name) if word not in words]
    parts = [" ".join(map(spaced, some)) for some in (words, latin) if some]
    return f" {'  '.join(parts)} "


def remembered(text: str) -> set[str]:
    """The words of a `searchable` text that somebody may type wrongly."""
    return {word for word in text.split() if may_be_wrong(word) and len(word) <= LONGEST_WORD}


def may_be_wrong(word: str) -> bool:
    """Numbers are not guessed at."""
    return len(word) >= SHORTEST_TYPED_WRONG and word.isalpha() and not A_CHARACTER.match(word)


# --- what is asked for -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fragment:
    """One word of a question: `patterns` for `like`, any of which will do; `wrong`: it may be typed wrongly, in letters."""

    word: str
    patterns: tuple[str, ...]
    wrong: int


def fragments_of(question: str) -> list[Fragment]:
    return [fragment_of(word) for word in dict.fromkeys(words_in(question))]


def fragment_of(word: str) -> Fragment:
    if A_CHARACTER.match(word):
        return Fragment(word, tuple(f"% {characters} %" for characters in one_wrong(word)), 0)
    pattern = f"%{word}%" if len(word) >= SHORTEST_PART else f"% {word}%"
    return Fragment(word, (pattern,), errors_in(word))


def one_wrong(word: str) -> Iterator[str]:
    yield " ".join(word)
    if len(word) >= FEWEST_CHARACTERS_ONE_WRONG:
        yield from (" ".join(f"{word[:n]}_{word[n + 1 :]}") for n in range(len(word)))


def errors_in(word: str) -> int:
    """How many letters may be wrong."""
    if not may_be_wrong(word):
        return 0
    return 2 if len(word) >= SHORTEST_TYPED_WRONG_TWICE else 1


def errors_between(fragment: Fragment, word: str) -> int:
    """How many letters are wrong where `word` may be what was meant; 0 where it may not.

    The first letter is seldom wrong, and two words of four letters with one wrong are two words.
    """
    wrong = int(OSA.distance(word, fragment.word, score_cutoff=fragment.wrong))
    begins_alike = word[0] == fragment.word[0] or word[:2] == fragment.word[1::-1]
    too_short = len(word) == len(fragment.word) == SHORTEST_TYPED_WRONG
    return wrong if wrong <= fragment.wrong and begins_alike and not too_short else 0
