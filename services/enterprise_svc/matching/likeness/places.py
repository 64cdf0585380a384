"""Where an enterprise is, read, and how well two places agree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from services.enterprise_svc.matching.likeness.scripts import even, latin, skeleton

EARTH_KM = 6371.0
NEXT_DOOR_KM, SAME_PLACE_KM, ELSEWHERE_KM = 0.3, 5.0, 50.0
LONG, SHORTEST_BONES = 6, 3  # letters
SAME_STREET = 80  # of 100, the words in whatever order
REGION_CODE = re.compile(r"[a-z]{2}-[a-z0-9]{1,3}")
CITY_WORDS = re.compile(
    r"\b(city|municipality|metropolitan|greater|district|town|tp|thanh pho|tinh|quan|huyen|kota|kabupaten|kab|ciudad de|"
    r"ciudad|municipio de|distrito de|downtown)\b|\bshi$|(?<=[a-z]{6})shi$"
)
HAN_CITY_END = re.compile("(?<=..)[市县区]$")
CITIES = """
hochiminh: hochiminhcity hcm hcmc saigon
mumbai: bombay mumbi
chennai: madras
kolkata: calcutta
bengaluru: bangalore
kochi: cochin
vadodara: baroda
pune: poona
guangzhou: canton
beijing: peking
kyiv: kiev kiiv
tianjin: tientsin
xiamen: amoy
chattogram: chittagong
yangon: rangoon
jakarta: dkijakarta
makassar: ujungpandang
yogyakarta: jogjakarta jogja
bogota: bogotadc santafedebogota
mexico: mexicodf cdmx ciudaddemexico
addisababa: addisabeba
istanbul: constantinople
"""
STREET_WORDS = """
street st str road rd avenue ave av lane ln boulevard blvd drive dr highway hwy jalan jl jln calle cl carrera cra kra avenida
jiron jr duong pho no nr number numero nro so lu jie dao hao lane block blok plot building bldg floor fl unit the de la del
"""
HAN_STREET = str.maketrans(dict.fromkeys("路街道号巷弄楼栋室层", " "))
DIGITS = re.compile(r"[0-9]+")
WORD = re.compile(r"[a-z]+")


class Agreement(IntEnum):
    """How well two places agree."""

    ELSEWHERE = 0
    UNKNOWN = 1
    SAME_PLACE = 2
    SAME_STREET = 3


@dataclass(frozen=True)
class Place:
    """`city` in one word; `region` by its ISO code only; `point` in degrees."""

    city: str = ""
    region: str = ""
    postal_code: str = ""
    street_words: tuple[str, ...] = ()
    street_numbers: frozenset[str] = frozenset()
    point: tuple[float, float] | None = None

    @property
    def has_street(self) -> bool:
        return bool(self.street_words)


@cache
def known_cities() -> Mapping[str, str]:
    lines = (line.partition(":") for line in CITIES.strip().splitlines())
    return {other: city for city, _, others in lines for other in others.split()}


@cache
def street_words() -> frozenset[str]:
    return frozenset(STREET_WORDS.split())


@lru_cache(10_000)
def read_city(text: str) -> str:
    spaced = re.sub("[^a-z ]", " ", latin(HAN_CITY_END.sub("", even(text))))
    word = "".join(CITY_WORDS.sub(" ", spaced).split()) or "".join(spaced.split())
    return known_cities().get(word, word)


def read_street(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Its words without those that all streets have, and its numbers."""
    plain = latin(even(text).translate(HAN_STREET))
    words = [word for word in WORD.findall(plain) if word not in street_words() and len(word) > 1]
    return tuple(words), frozenset(number.lstrip("0") for number in DIGITS.findall(plain))


def region_of(subdivision: str | None) -> str:
    code = (subdivision or "").casefold()
    return code if REGION_CODE.fullmatch(code) else ""


# --- two of them -----------------------------------------------------------------------------------------------


def agreement(a: Place, b: Place) -> Agreement:
    apart = km_between(a, b)
    if apart is not None and apart <= NEXT_DOOR_KM:
        return Agreement.SAME_STREET
    if (apart is not None and apart > ELSEWHERE_KM) or (a.region and b.region and a.region != b.region):
        return Agreement.ELSEWHERE
    near = same_city(a, b) or same_postal_code(a, b) or (apart is not None and apart <= SAME_PLACE_KM)
    if near:
        return Agreement.SAME_STREET if same_street(a, b) else Agreement.SAME_PLACE
    if not (a.city and b.city):
        # a street and its number without a town are an address still
        return Agreement.SAME_STREET if same_street(a, b) and a.street_numbers else Agreement.UNKNOWN
    return Agreement.ELSEWHERE


def same_city(a: Place, b: Place) -> bool:
    if not a.city or not b.city:
        return False
    return is_city(a.city, b.city) or is_city(b.city, a.city)


def is_city(word: str, city: str) -> bool:
    """The same, but for a wrong letter in a long name, or vowels."""
    named = known_cities().get(word, word)
    if named == city or (min(len(named), len(city)) >= LONG and OSA.distance(named, city, score_cutoff=1) <= 1):
        return True
    return len(bones := skeleton(city)) >= SHORTEST_BONES and skeleton(named) == bones


def same_postal_code(a: Place, b: Place) -> bool:
    return bool(a.postal_code) and a.postal_code == b.postal_code


def same_street(a: Place, b: Place) -> bool:
    if not (a.has_street and b.has_street) or a.street_numbers != b.street_numbers:
        return False
    return fuzz.token_sort_ratio(" ".join(a.street_words), " ".join(b.street_words)) >= SAME_STREET


def other_street(a: Place, b: Place) -> bool:
    """Both streets are known, and they differ."""
    return a.has_street and b.has_street and not same_street(a, b)


def km_between(a: Place, b: Place) -> float | None:
    if a.point is None or b.point is None:
        return None
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(radians, point)) for point in (a.point, b.point))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(half, 1.0)))
