"""Numbers with their units, as answers state them."""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

_MOST_CHARACTERS = 80
_MOST_EXPONENT = 400
# Fewer figures are too coarse to say that a longer number is the same one, rounded.
_FEWEST_FIGURES = 3
_SUPERSCRIPTS = {ord(high): low for high, low in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_LATEX = (
    (re.compile(r"\\(?:left|right|displaystyle|[,;:! ])|[$~]|\\[()\[\]]"), " "),
    (re.compile(r"\\(?:text|mathrm|textrm|mathbf|operatorname|boxed)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r"\1/\2"),
    (re.compile(r"\\times|\\cdot"), "×"),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\^\{?\\circ\}?|\\degree"), "°"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\^\{(-?\d+)\}"), r"^\1"),
)
_QUANTITY = re.compile(
    r"(?:[A-Za-z](?:_\{?\w{1,8}\}?)?\s*[=≈]\s*)?(?:about|approximately|approx\.?|约为?|大约|≈)?\s*"
    r"(?P<sign>[-+]?)\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?P<decimals>\.\d+)?"
    r"(?:\s*/\s*(?P<divisor>\d+))?"
    r"(?:\s*[×x*]\s*10\s*\^?\s*\(?(?P<power>[-+]?\d+)\)?|[eE](?P<exponent>[-+]?\d+))?"
    # A unit begins with a letter or a sign; a digit in it is an exponent.
    r"\s*(?P<unit>(?:(?:[^\W\d_]|[%°])(?:[^\W\d_]|[%°/·*. ()]|(?<=[^\W\d_])-?\d|\^\(?-?\d\)?){0,23})?)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is written.

    Attributes:
        value: The number.
        step: One unit of its last digit; None where it is exact: a fraction of whole numbers.
        figures: Digits from the first that is not 0.
        unit: What stands behind it, without blanks; may be empty.
    """

    value: Fraction
    step: Fraction | None
    figures: int
    unit: str


def read_quantity(text: str) -> Quantity | None:
    """The number and unit that a text is, and nothing else; None where it is anything more or other."""
    if len(text) > _MOST_CHARACTERS:
        return None
    found = _QUANTITY.fullmatch(plain_notation(text).strip().rstrip(".。"))
    if found is None or not (found["whole"] or found["decimals"]):
        return None
    power = int(found["power"] or found["exponent"] or 0)
    divisor = int(found["divisor"] or 1)
    if abs(power) > _MOST_EXPONENT or divisor == 0 or (found["decimals"] and found["divisor"]):
        return None
    digits = found["whole"].replace(",", "") + (found["decimals"] or "")
    scale = Fraction(10) ** power
    value = Fraction(digits if digits[0] != "." else f"0{digits}") * scale / divisor
    return Quantity(
        value=-value if found["sign"] == "-" else value,
        step=None if found["divisor"] else Fraction(1, 10 ** max(0, len(found["decimals"] or ".") - 1)) * scale,
        figures=len(digits.replace(".", "").lstrip("0")),
        unit=re.sub(r"[\s.·{}]", "", found["unit"]),
    )


def same_quantity(one: Quantity, other: Quantity) -> bool | None:
    """Whether two quantities are equal, the coarser one rounded; None where units or rounding leave it open.

    A missing unit fits any. Two different units leave it open: 1.2 km is 1200 m.
    """
    if one.unit and other.unit and one.unit != other.unit:
        return None
    if one.value == other.value:
        return True
    coarser = max((q for q in (one, other) if q.step is not None), key=lambda q: q.step or 0, default=None)
    if coarser is not None and coarser.step is not None and abs(one.value - other.value) <= coarser.step / 2:
        return True if coarser.figures >= _FEWEST_FIGURES else None
    return False if one.unit == other.unit else None


def plain_notation(text: str) -> str:
    """The text without the LaTeX and the signs that say how a number is set, and not which number it is."""
    text = _SUPERSCRIPT.sub(lambda high: "^" + high.group().translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text).translate(_DASHES).replace("\u2044", "/")
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text
