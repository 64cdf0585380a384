"""A name, read: what is its own, what it says of the trade, and its numbers; the legal form is set aside."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from services.enterprise_svc.matching.likeness import vocabulary
from services.enterprise_svc.matching.likeness.places import is_city
from services.enterprise_svc.matching.likeness.scripts import HAN, HAN_RUN, KANA, even, is_foreign, latin

DOTTED = re.compile(r"\b(?:[a-z0-9]\.\s?){2,}|\b[a-z](?:/[a-z])+\b")
TOKEN = re.compile(r"[a-z]+|[0-9]+")
APOSTROPHES = re.compile("['’`´ʼ]")
HAN_NUMBER = re.compile(
    "第([一二三四五六七八九十百〇零两]+)|([一二三四五六七八九十百〇零]+)(?=(?:号|分厂|分公司|厂|车间|期|店))"
)
HAN_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
HAN_PLACE = re.compile(f"(?<=[{HAN}]{{2}})({'|'.join(vocabulary.HAN_ADMINISTRATIVE)})")
UNITS = frozenset(
    "unit units plant branch phase block section division line site building number no nr num nro numero nomor so".split()
)
ORDINAL_ENDS = frozenset("st nd rd th".split())
ROMAN = {
    word: str(n)
    for n, word in enumerate("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split(), start=1)
}
SURELY_ROMAN = ROMAN.keys() - {"i", "v", "x", "vi", "xi"}
IN_WORDS = {
    word: str(n)
    for words in (
        "one two three four five six seven eight nine ten",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
    )
    for n, word in enumerate(words.split(), start=1)
}


@dataclass(frozen=True)
class Name:
    """`words` are its own; `trades` what it makes or does, in one language; `numbers` sorted, a letter that stands for one
    (Plant B) among them. `han`: its own words in Chinese characters, as many as `words`, where it is written in them.
    `foreign`: from a script whose vowels get lost on the way into Latin letters.
    """

    words: tuple[str, ...]
    trades: frozenset[str]
    numbers: tuple[str, ...]
    han: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def whole(self) -> str:
        return "".join(self.words)

    @property
    def in_order(self) -> str:
        return "".join(sorted(self.words))

    @property
    def characters(self) -> str:
        return "".join(self.han)

    def without_place(self, place: str) -> "Name":
        """Where it is goes without saying, unless nothing else is said."""
        if len(place) < 3 or not self.whole.replace(place, ""):
            return self
        if self.han:
            han = tuple(rest for word in self.han if (rest := behind(word, place)))
            return replace(self, words=tuple(map(latin, han)), han=han) if han else self
        kept = tuple(rest for word in self.words if (rest := after(word, place)))
        return replace(self, words=kept) if kept else self


def after(word: str, place: str) -> str:
    if is_city(word, place):
        return ""
    return word.removeprefix(place) if len(word) > len(place) + 2 else word


def behind(word: str, place: str) -> str:
    length = next((n for n in range(2, 6) if latin(word[:n]) == place), 0)
    return word[length:]


@lru_cache(20_000)
def read_name(text: str) -> Name:
    plain = even(text)
    if HAN_RUN.search(plain) and not KANA.search(plain):
        return read_han(plain)
    name = named(without_form(letters_together(tokens_of(latin(plain)))))
    return replace(name, foreign=True) if is_foreign(plain) else name


# --- in letters ------------------------------------------------------------------------------------------------


def tokens_of(text: str) -> list[str]:
    spelled = DOTTED.sub(lambda found: re.sub(r"[^a-z0-9]", "", found[0]) + " ", APOSTROPHES.sub("", text))
    return TOKEN.findall(spelled)


def letters_together(tokens: Sequence[str]) -> list[str]:
    """`j m textiles` is `jm textiles`; a letter behind `unit` stands alone."""
    joined: list[str] = []
    letters = False
    for before, token in zip(("", *tokens), tokens, strict=False):
        single = len(token) == 1 and token.isalpha() and before not in UNITS
        if single and letters:
            joined[-1] += token
        else:
            joined.append(token)
        letters = single
    return joined


def without_form(tokens: Sequence[str]) -> list[str]:
    inner = [token for token in ends_cut(list(tokens)) if token not in vocabulary.anywhere()]
    return ends_cut(inner) or list(tokens)


def ends_cut(tokens: list[str]) -> list[str]:
    while (shorter := end_cut(tokens)) != tokens:
        tokens = shorter
    return tokens


def end_cut(tokens: list[str]) -> list[str]:
    if not tokens:
        return tokens
    for phrase in vocabulary.phrases_beginning().get(tokens[0], ()):
        if tuple(tokens[: len(phrase)]) == phrase:
            return tokens[len(phrase) :]
    for phrase in vocabulary.phrases_ending().get(tokens[-1], ()):
        if tuple(tokens[-len(phrase) :]) == phrase:
            return tokens[: -len(phrase)]
    if tokens[-1] in vocabulary.outside():
        return tokens[:-1]
    return tokens[1:] if tokens[0] in vocabulary.outside() else tokens


def named(tokens: Sequence[str], trades: Iterable[str] = (), han: Sequence[str] = ()) -> Name:
    numbers, rest = numbers_in(tokens)
    found, own = trades_in(rest)
    own = [vocabulary.variants().get(word, word) for word in own if word not in vocabulary.STOPWORDS]
    all_trades = frozenset([*found, *trades])
    return Name(tuple(own) or tuple(sorted(all_trades)), all_trades, tuple(sorted(numbers)), tuple(han))


def numbers_in(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    """The numbers among them, and the others; what introduces a number goes with it."""
    numbers: list[str] = []
    rest: list[str] = []
    for n, token in enumerate(tokens):
        number = number_of(token, rest[-1] if rest else "", is_last=n == len(tokens) - 1 and n > 0)
        if number is None:
            rest += [] if token in ORDINAL_ENDS and n and tokens[n - 1].isdigit() else [token]
        else:
            numbers.append(number)
            if rest and rest[-1] in UNITS:
                rest.pop()
    return numbers, rest


def number_of(token: str, before: str, is_last: bool) -> str | None:
    if token.isdigit():
        return token.lstrip("0") or "0"
    if token in IN_WORDS:
        return IN_WORDS[token]
    if is_last or before in UNITS:
        return ROMAN.get(token) or (token if len(token) == 1 else None)
    return ROMAN[token] if token in SURELY_ROMAN else None


def trades_in(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    rest: list[str] = []
    n = 0
    while n < len(tokens):
        length = next((k for k in lengths() if vocabulary.trade_of(" ".join(tokens[n : n + k]))), 0)
        if length:
            found.append(vocabulary.trade_of(" ".join(tokens[n : n + length])) or "")
        else:
            rest.append(tokens[n])
        n += max(length, 1)
    return found, rest


def lengths() -> Iterator[int]:
    return iter(range(vocabulary.longest_trade(), 0, -1))


# --- in Chinese characters -------------------------------------------------------------------------------------


def read_han(text: str) -> Name:
    """Words are not parted: known ones are taken out, the longest first, and what is left between them is its own."""
    for form in vocabulary.HAN_FORMS:
        text = text.replace(form, " ")
    text = HAN_NUMBER.sub(lambda found: f" {counted(found[1] or found[2])} ", text)
    found: list[str] = []
    for word, meaning in vocabulary.trades_in_han():
        if word in text:
            found.append(meaning)
            text = text.replace(word, " ")
    runs = HAN_RUN.findall(HAN_PLACE.sub(" ", text))
    others = without_form(letters_together(tokens_of(latin(HAN_RUN.sub(" ", text))))) if TOKEN.search(text) else []
    words = [latin(run) for run in runs]
    return named([*words, *others], found, runs if len(runs) == len(words) and not has_letters(others) else ())


def has_letters(tokens: Iterable[str]) -> bool:
    return any(token.isalpha() for token in tokens)


def counted(text: str) -> int:
    """Up to 99 as one counts; else the digits one after the other."""
    tens, ten, ones = text.partition("十")
    if ten and len(tens) <= 1 and len(ones) <= 1:
        return HAN_DIGITS.get(tens, 1) * 10 + HAN_DIGITS.get(ones, 0)
    return int("".join(str(HAN_DIGITS[char]) for char in text if char in HAN_DIGITS) or 0)
