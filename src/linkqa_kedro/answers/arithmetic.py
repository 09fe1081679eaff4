"""Whether a calculation gives the number that an answer states."""

import math
import re
from fractions import Fraction
from typing import Any

from linkqa_kedro.answers.quantities import Quantity, plain_notation, read_quantity

_MOST_CHARACTERS = 200
_RELATIVE_ERROR = 1e-6
_FUNCTIONS = {
    **{name: getattr(math, name) for name in ("sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "exp", "log10")},
    "ln": math.log,
    "log": math.log10,
    "abs": abs,
    "comb": math.comb,
    "perm": math.perm,
}


def calculated(expression: str) -> float | None:
    """Value of an arithmetic expression; None where it is none, or has no finite real value.

    Angles are in radians, `log` is to base 10. The expression comes from a model, so it is evaluated by `simpleeval`,
    which knows numbers, operators and the named functions, and bounds powers.
    """
    from simpleeval import SimpleEval

    text = plain_notation(expression).replace("×", "*").replace("÷", "/").replace("^", "**").replace("π", "pi")
    text = re.sub(r"√\s*\(", "sqrt(", re.sub(r"√\s*(\d+(?:\.\d+)?)", r"sqrt(\1)", text)).replace(",", "")
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        value: Any = SimpleEval(functions=_FUNCTIONS, names={"pi": math.pi, "e": math.e}).eval(text.strip())
        number = float(value)
    except Exception:  # whatever is wrong with a model's expression, it says nothing about the answer
        return None
    return number if math.isfinite(number) else None


def contradicts(expression: str | None, answer: str) -> str | None:
    """What an expression gives, where that cannot be the answer; None where it can, or where nothing can be told.

    A factor that is a power of ten is none of the answer's faults: percent, kilo and milli are written either way.
    """
    quantity = read_quantity(answer)
    value = None if expression is None else calculated(expression)
    if quantity is None or value is None or _is_about(value, quantity):
        return None
    return f"{expression} = {value:.10g}"


def _is_about(value: float, quantity: Quantity) -> bool:
    stated = float(quantity.value)
    # Half of the last digit for rounding, and the other half for those who cut digits off.
    rounding = float(quantity.step or Fraction(0)) * (0.51 if quantity.step == 1 else 1.0)
    within = max(rounding, abs(stated) * _RELATIVE_ERROR)
    if abs(value - stated) <= within:
        return True
    if value == 0 or stated == 0 or (value < 0) != (stated < 0):
        return False
    factor = math.log10(value / stated)
    return abs(factor - round(factor)) <= _RELATIVE_ERROR and round(factor) != 0
