"""From whatever script to what can be compared: Latin letters, simplified Chinese."""

import re
import unicodedata
from functools import cache, lru_cache

import opencc
from anyascii import anyascii

HAN = "\u3400-\u9fff\uf900-\ufaff"
LAST_ALPHABET = "\u058f"  # Latin, Greek, Cyrillic and Armenian come before
VOWELS = re.compile("[aeiouyhw]")
DOUBLED = re.compile(r"(.)\1+")
HAN_RUN = re.compile(f"[{HAN}]+")
KANA = re.compile("[\u3040-\u30ff]")

# characters with several readings: the one that names have
READINGS = {"长": "chang", "都": "du", "厦": "xia", "佛": "fo", "重庆": "chongqing"}


@cache
def to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def even(text: str) -> str:
    """Small letters in their plain forms, Chinese in simplified characters."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("(주)", " ")
    return str(to_simplified().convert(plain)) if HAN_RUN.search(plain) else plain


@lru_cache(10_000)
def latin(text: str) -> str:
    """In small Latin letters, digits and signs: what people write who have no other keyboard."""
    for characters, reading in READINGS.items():
        text = text.replace(characters, reading)
    return anyascii(text).casefold()


def is_foreign(text: str) -> bool:
    """Neither in Latin letters nor in others that have all their vowels."""
    return any(char.isalpha() and (LAST_ALPHABET < char < "\u1e00" or char > "\u1fff") for char in text)


def skeleton(text: str) -> str:
    """Its consonants, none twice in a row."""
    return DOUBLED.sub(r"\1", VOWELS.sub("", text)) or text
