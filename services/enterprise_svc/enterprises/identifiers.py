"""Numbers under which others know an enterprise: their forms and check digits.

Each is stored in its plain form, without the spaces and dashes people write, as `scheme:value`.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any

from stdnum import ean, lei
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.util import get_cc_module

from shared.types import COUNTRIES, refuse


class Scheme(StrEnum):
    GLN = "gln"
    LEI = "lei"
    OS_ID = "os_id"
    AMFORI_ID = "amfori_id"
    DBID = "dbid"
    USCC = "uscc"
    NATIONAL = "national"


FORMS = {
    Scheme.GLN: "A GLN has 13 digits, the last of which checks the others.",
    Scheme.LEI: "An LEI has 20 letters and digits, the last two of which check the others.",
    Scheme.OS_ID: "An OS ID has 15 characters: country, year, day of the year, five characters, a check character.",
    Scheme.AMFORI_ID: "An amfori ID is written 156-001234-000: country number, running number, site.",
    Scheme.DBID: "A DBID has digits only.",
    Scheme.USCC: "A USCC has 18 digits and capital letters, the last of which checks the others.",
    Scheme.NATIONAL: "A national number is written CN:<number>: country code, colon, number.",
}
OS_ID = re.compile(r"[A-Z]{2}[0-9]{7}[0-9A-HJKMNP-TV-Z]{6}")
AMFORI_ID = re.compile(r"[0-9]{3}-[0-9]{3,15}-[0-9]{3}")
DBID = re.compile(r"[0-9]{1,20}")
NATIONAL = re.compile(r"([A-Z]{2}):(\S(.{0,98}\S)?)")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def canonical(scheme: Scheme, value: str) -> str:
    """The plain form of `value`; refuses what can't be a number of this scheme, without repeating it."""
    try:
        return CHECKS[scheme](value)
    except InvalidChecksum as error:
        raise refuse("wrong_check_digit", f"The check digit is not right. {FORMS[scheme]}") from error
    except ValidationError as error:
        raise refuse("wrong_format", FORMS[scheme]) from error


def written(scheme: str, value: str) -> str:
    return f"{scheme}:{value}"


# --- one check a scheme ----------------------------------------------------------------------------------------


def gln(value: str) -> str:
    plain: str = ean.compact(value)
    if len(plain) != 13:
        raise ValidationError()
    return str(ean.validate(plain))


def os_id(value: str) -> str:
    """The check character is the sum of the two letters' codes and the base 32 values of all between, modulo 32."""
    plain = value.upper()
    if not OS_ID.fullmatch(plain):
        raise ValidationError()
    total = ord(plain[0]) + ord(plain[1]) + sum(CROCKFORD.index(char) for char in plain[2:-1])
    if CROCKFORD[total % 32] != plain[-1]:
        raise InvalidChecksum()
    return plain


def national(value: str) -> str:
    """Registers differ, also within a country, so any number is taken; but one that has the form of the country's tax number
    must have its check digits."""
    found = NATIONAL.fullmatch(value)
    if found is None or found[1] not in COUNTRIES:
        raise ValidationError()
    country, number = found[1], found[2]
    known = tax_number_of(country)
    try:
        return f"{country}:{known.validate(number)}" if known else value
    except InvalidChecksum as error:
        detail = f"It has the form of a tax number of {country}, but its check digit is not right."
        raise refuse("wrong_check_digit", detail) from error
    except ValidationError:
        return value


@cache
def tax_number_of(country: str) -> Any:
    """The module of `stdnum` for the numbers under which the country's businesses pay taxes, if there is one."""
    return get_cc_module(country.lower(), "vat")


def matching(form: re.Pattern[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise ValidationError()
        return value

    return check


CHECKS: dict[Scheme, Callable[[str], str]] = {
    Scheme.GLN: gln,
    Scheme.LEI: lei.validate,
    Scheme.OS_ID: os_id,
    Scheme.AMFORI_ID: matching(AMFORI_ID),
    Scheme.DBID: matching(DBID),
    Scheme.USCC: uscc.validate,
    Scheme.NATIONAL: national,
}
