"""Numbers with their units, as answers state them."""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

_MOST_CHARACTERS = 80
_MOST_EXPONENT = 200
# Fewer figures are too coarse to say that a longer number is the same one, rounded.
_FEWEST_FIGURES = 3
# Numbers with decimals so near to one another may differ by a rounded constant alone (9.8 or 9.81).
_NEAR = Fraction(1, 100)
_SUPERSCRIPTS = {ord(high): low for high, low in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_VULGAR_FRACTION = re.compile("(?<=\\d)(?=[¼½¾⅐-⅞])")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_LATEX = (
    (re.compile(r"\\(?:left|right|displaystyle|[,;:! ])|[$~]|\\[()\[\]]"), " "),
    (re.compile(r"\\(?:text|mathrm|textrm|mathbf|operatorname|boxed)\s*\{([^{}]*)\}"), r" \1"),
    (re.compile(r"\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r" \1/\2"),
    (re.compile(r"\\times|\\cdot"), "×"),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\^\{?\\circ\}?|\\degree"), "°"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\^\{(-?\d+)\}"), r"^\1"),
)
_QUANTITY = re.compile(
    r"(?:(?P<name>[A-Za-z](?:_\{?\w{1,8}\}?)?)\s*=\s*)?"
    r"(?P<about>about|approximately|approx\.?|约为?|大约|≈)?\s*"
    r"(?P<sign>[-+]?)\s*(?:(?P<ones>\d{1,9})\s+(?=\d+\s*/))?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?P<decimals>\.\d+)?"
    r"(?:\s*/\s*(?P<divisor>\d+))?"
    r"(?:\s*[×x*]\s*10\s*\^?\s*\(?(?P<power>[-+]?\d+)\)?|[eE](?P<exponent>[-+]?\d+))?"
    # A unit begins with a letter or a sign; a digit in it is an exponent.
    r"(?P<gap>\s*)(?P<unit>(?:(?:[^\W\d_]|[%°])(?:[^\W\d_]|[%°/·*. ()]|(?<=[^\W\d_])-?\d|\^\(?-?\d\)?){0,23})?)"
)
_SYMBOL = "m|g|s|A|K|mol|L|l|J|N|W|V|Pa|Hz|Ω|F|T|eV|cal|bar|C|°C|°F|°|%|rad|min|h|kg"
_WORD = (
    "meters?|metres?|grams?|seconds?|minutes?|hours?|days?|years?|kilo(?:meters?|metres?|grams?)|centi(?:meters?|metres?)|"
    "lit(?:er|re)s?|joules?|newtons?|watts?|volts?|amperes?|ohms?|kelvins?|moles?|dollars?|percent|degrees?|times|people|"
    "平方?(?:千米|公里|厘米|毫米|米)|立方(?:厘米|毫米|米)|千米|公里|厘米|毫米|米|千克|公斤|克|秒|分钟?|小时|天|年|元|个|人|"
    "牛顿?|焦耳?|瓦特?|伏特?|安培?|欧姆?|摩尔|毫升|升|度|次|倍"
)
_UNIT = rf"(?:[kMGmcdnpµμ]?(?:{_SYMBOL})|{_WORD})(?:\^?\(?-?\d\)?)?"
_KNOWN_UNIT = re.compile(rf"{_UNIT}(?:\s*[/·*. ]\s*{_UNIT}){{0,3}}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is written.

    Attributes:
        value: The number.
        step: One unit of its last digit; None where it is exact: a fraction of whole numbers.
        figures: Digits from the first that is not 0.
        is_rounded: Whether it may stand for a longer one: it has decimals or a power of ten, or says "about".
        name: What it is said to be the value of ("x" of x = 5); may be empty.
        unit: What stands behind it, without blanks; may be empty.
        has_known_unit: Whether that is a unit of measurement or a counting word, and no variable, factor or other word.
    """

    value: Fraction
    step: Fraction | None
    figures: int
    is_rounded: bool
    name: str
    unit: str
    has_known_unit: bool


def read_quantity(text: str) -> Quantity | None:
    """The number and unit that a text is, and nothing else; None where it is anything more or other."""
    if len(text) > _MOST_CHARACTERS:
        return None
    found = _QUANTITY.fullmatch(re.sub(r"(?<=\S)[.。]$", "", " ".join(plain_notation(text).split())))
    if found is None or not (found["whole"] or found["decimals"]):
        return None
    power = int(found["power"] or found["exponent"] or 0)
    divisor = int(found["divisor"] or 1)
    if abs(power) > _MOST_EXPONENT or divisor == 0 or (found["decimals"] and found["divisor"]):
        return None
    digits = found["whole"].replace(",", "") + (found["decimals"] or "")
    scale = Fraction(10) ** power
    value = Fraction(int(found["ones"] or 0)) + Fraction(digits if digits[0] != "." else f"0{digits}") * scale / divisor
    is_rounded = bool(found["decimals"] or power or found["about"])
    unit = found["unit"].strip()
    return Quantity(
        value=-value if found["sign"] == "-" else value,
        step=None if found["divisor"] else _step(digits, is_rounded) * scale,
        figures=len(digits.replace(".", "").lstrip("0")),
        is_rounded=is_rounded,
        name=found["name"] or "",
        unit=re.sub(r"[\s.·]", "", unit),
        # A letter alone, stuck to its number, is as often a variable.
        has_known_unit=bool(_KNOWN_UNIT.fullmatch(unit)) and (len(unit) > 1 or bool(found["gap"]) or unit in "%°"),
    )


def _step(digits: str, is_rounded: bool) -> Fraction:
    """One unit of the last digit that counts: of a rounded whole number, the zeros at its end do not."""
    whole, _, decimals = digits.partition(".")
    if decimals or not is_rounded:
        return Fraction(1, 10 ** len(decimals))
    return Fraction(10 ** (len(whole) - len(whole.rstrip("0")))) if whole.strip("0") else Fraction(1)


def same_quantity(one: Quantity, other: Quantity) -> bool | None:
    """Whether two quantities are equal, the coarser one rounded; None where units, names or rounding leave it open.

    A missing unit fits any that is known for one. Two different units leave it open: 1.2 km is 1200 m.
    """
    if one.unit != other.unit and not (_fits(one, other) or _fits(other, one)):
        return None
    if one.name and other.name and one.name != other.name:
        return None
    if one.value == other.value:
        return True
    distance = abs(one.value - other.value)
    coarser = max((q for q in (one, other) if q.step is not None), key=lambda q: q.step or 0, default=None)
    is_rounded = one.is_rounded or other.is_rounded
    if is_rounded and coarser is not None and coarser.is_rounded and distance <= (coarser.step or 0) / 2:
        return True if coarser.figures >= _FEWEST_FIGURES else None
    if is_rounded and distance <= _NEAR * max(abs(one.value), abs(other.value)):
        return None
    return False if one.unit == other.unit else None


def _fits(plain: Quantity, other: Quantity) -> bool:
    return not plain.unit and other.has_known_unit


def plain_notation(text: str) -> str:
    """The text without the LaTeX and the signs that say how a number is set, and not which number it is."""
    text = _SUPERSCRIPT.sub(lambda high: "^" + high.group().translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", _VULGAR_FRACTION.sub(" ", text)).translate(_DASHES).replace("\u2044", "/")
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text
