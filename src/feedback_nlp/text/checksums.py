"""Tell numbers that follow a published check rule from others. All arguments are bare: ASCII digits, upper case."""

from __future__ import annotations

from datetime import date

# GB/T 2260: the first two digits of an area code; 81 to 83 on residence permits for Hong Kong, Macau and Taiwan
_BY_REGION = {1: "12345", 2: "123", 3: "1234567", 4: "123456", 5: "01234", 6: "12345", 7: "1", 8: "123"}
PROVINCES = frozenset(f"{region}{number}" for region, numbers in _BY_REGION.items() for number in numbers)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def luhn(number: str) -> bool:
    """Check a card number (ISO/IEC 7812-1, annex B). One random number in ten passes.

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = sum(map(int, number[-1::-2]))
    return (total + sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])) % 10 == 0


def identity_card(number: str) -> bool:
    """Check province, birthday and check digit of an 18-digit identity card number (GB 11643).

    >>> identity_card("11010519491231002X")
    True
    """
    return identity_shape(number) and _ID_CHECK[sum(map(_product, number, _ID_WEIGHTS)) % 11] == number[-1]


def identity_shape(number: str) -> bool:
    """Check province and birthday alone: a number with a typing error, or one of the old 15 digits."""
    if number[:2] not in PROVINCES:
        return False
    return _birthday("19" + number[6:12]) if len(number) == 15 else _birthday(number[6:14])


def credit_code(number: str) -> bool:
    """Check an organisation's unified social credit code of 18 digits and letters (GB 32100).

    >>> credit_code("91350100M000100Y43")
    True
    """
    if len(number) != 18 or any(sign not in _CREDIT_ALPHABET for sign in number):
        return False
    values = map(_CREDIT_ALPHABET.index, number)
    total = sum(value * weight for value, weight in zip(values, _CREDIT_WEIGHTS, strict=False))
    return _CREDIT_ALPHABET[-total % 31] == number[-1]


def real_date(number: str) -> bool:
    """Say whether eight digits are a day of the calendar between 1900 and 2099."""
    try:
        return 1900 <= date(int(number[:4]), int(number[4:6]), int(number[6:8])).year <= 2099
    except ValueError:
        return False


def _birthday(number: str) -> bool:
    return number[:2] in ("18", "19", "20") and real_date(number)


def _product(digit: str, weight: int) -> int:
    return int(digit) * weight
