"""Whether a calculation gives the number that an answer states."""

import ast
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from linkqa_kedro.answers.quantities import Quantity, plain_notation, read_quantity

_MOST_CHARACTERS = 200
_MOST_CHOICES = 1000
_MOST_POWER = 400
_RELATIVE_ERROR = 1e-6
# As far apart as 9.8 and 9.81, or 3.14 and pi, may take a result.
_ROUNDED_CONSTANT = 0.01
# Between units that answers are given in: percent, time, speed, angles, dozens.
_FACTORS = (60.0, 3600.0, 86400.0, 3.6, 12.0, 24.0, 7.0, 365.0, math.pi, math.pi / 180)
_THOUSANDS = re.compile(r"(?<![\d.(])(?<!, )\d{1,3}(?:,\d{3})+(?![\d)])")
_ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}|√\s*\(([^()]*)\)|√\s*(\d+(?:\.\d+)?)")
_TIMES_LEFT_OUT = re.compile(r"(?<![A-Za-z]\d\d)(?<=[\d)])\s*(?=sqrt|pi\b|\()")


def _bounded(function: Callable[[int, int], int]) -> Callable[[int, int], int]:
    def of_few(n: int, k: int) -> int:
        if max(n, k) > _MOST_CHOICES:
            raise ValueError(f"more than {_MOST_CHOICES} to choose from")
        return function(n, k)

    return of_few


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > _MOST_POWER or abs(base) > 10.0**_MOST_POWER**0.5:
        raise ValueError("a power too large to be an answer")
    return base**exponent  # type: ignore[no-any-return]  # int or float, as its parts are


def _in_degrees(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda angle: function(math.radians(angle))


_SHARED: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log10")},
    "ln": math.log,
    "abs": abs,
    "comb": _bounded(math.comb),
    "perm": _bounded(math.perm),
}
_ANGLES = {name: getattr(math, name) for name in ("sin", "cos", "tan")}
_READINGS: tuple[Mapping[str, Callable[..., Any]], ...] = (
    {**_SHARED, **_ANGLES, "log": math.log10},
    {**_SHARED, **{name: _in_degrees(function) for name, function in _ANGLES.items()}, "log": math.log},
)
"""What functions may mean: angles in radians or degrees, `log` to base 10 or natural."""


def calculated(expression: str) -> float | None:
    """Value of an arithmetic expression; None where it is none, has no finite real value, or could be read in two ways.

    The expression comes from a model, so it is evaluated by `simpleeval`, which knows numbers, operators and the named
    functions, and bounds powers.
    """
    found = _values(expression)
    return found[0] if len(found) == 1 else None


def contradicts(expression: str | None, answer: str) -> str | None:
    """What an expression gives, where that cannot be the answer; None where it can, or where nothing can be told.

    It can be the answer in another unit, rounded, with angles in degrees, or as a logarithm to another base.
    """
    quantity = read_quantity(answer)
    values = [] if quantity is None or expression is None else _values(expression)
    if quantity is None or not values or any(_is_about(value, quantity) for value in values):
        return None
    return f"{expression} = {values[0]:.10g}"


def _values(expression: str) -> list[float]:
    """Different values that the readings of an expression give."""
    if len(expression) > _MOST_CHARACTERS:
        return []
    text = _ROOT.sub(lambda root: f"sqrt({root[1] or root[2] or root[3]})", plain_notation(expression))
    text = _THOUSANDS.sub(lambda number: number.group().replace(",", ""), text)
    for sign, plain in (("×", "*"), ("÷", "/"), ("^", "**"), ("π", "pi"), ("\\pi", "pi")):
        text = text.replace(sign, plain)
    text = _TIMES_LEFT_OUT.sub("*", text).strip()
    found = [_value(text, functions) for functions in _READINGS]
    return list(dict.fromkeys(value for value in found if value is not None))


def _value(text: str, functions: Mapping[str, Callable[..., Any]]) -> float | None:
    from simpleeval import DEFAULT_OPERATORS, SimpleEval

    operators = {**DEFAULT_OPERATORS, ast.Pow: _power}
    try:
        value: Any = SimpleEval(operators, dict(functions), {"pi": math.pi, "e": math.e}).eval(text)
        number = float(value)
    except Exception:  # whatever is wrong with a model's expression, it says nothing about the answer
        return None
    return number if math.isfinite(number) else None


def _is_about(value: float, quantity: Quantity) -> bool:
    stated = float(quantity.value)
    # A digit for those who cut numbers off instead of rounding them; of whole numbers half of the last that is not 0.
    rounding = float(quantity.step or 0)
    if quantity.step == 1 and not quantity.is_rounded:
        n_zeros = len(digits := str(abs(int(quantity.value)))) - len(digits.rstrip("0"))
        rounding = 0.51 * 10.0 ** (n_zeros if n_zeros > 1 else 0)
    relative = _ROUNDED_CONSTANT if quantity.is_rounded else _RELATIVE_ERROR
    if abs(value - stated) <= max(rounding, abs(stated) * relative):
        return True
    if value == 0 or stated == 0 or (value < 0) != (stated < 0):
        return False
    # Orders of magnitude apart are a prefix or percent; other factors are those between units.
    magnitude = math.log10(abs(value)) - math.log10(abs(stated))
    if abs(magnitude - round(magnitude)) <= _RELATIVE_ERROR:
        return True
    return any(abs(abs(magnitude) - abs(math.log10(factor))) <= _RELATIVE_ERROR for factor in _FACTORS)
