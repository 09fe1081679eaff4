import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.keyphrases.formulas import FORMULA_POINTS, formula_points
from linkqa_kedro.keyphrases.markup import formulas_of


def points(text: str, language: str = "en") -> list[str]:
    return formula_points(formulas_of(text), language)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"Evaluate $\binom{5}{2}$.", ["binomial coefficient"]),
        (r"What is $\sqrt[3]{8}$?", ["cube root"]),
        (r"Simplify $\sqrt{8}$.", ["square root"]),
        (r"Solve $x^2-5x+6=0$.", ["quadratic equation"]),
        (r"$${{x}^{2}} - 5x + 6 = 0$$", ["quadratic equation"]),
        (r"Solve $3x+5=11$.", ["linear equation"]),
        (r"If $3n+m=14$ and $n+m=1$, find $n$.", ["linear equation", "system of equations"]),
        (r"Evaluate $24-(2x-y)$.", ["algebraic expression"]),
        (r"Solve $5n+3 > -10$.", ["inequality"]),
        (r"Find $\left| x \right|$ for $x=-2$.", ["absolute value"]),
        (r"Find $\left\textbar{} -19 \right\textbar$", ["absolute value"]),
        (r"$f(x)=2x-4$; what is $f(g(2))$?", ["composite function", "function"]),
        (r"Simplify $(2+3i)(1-2i)$.", ["complex number"]),
        (r"$\sin 2\alpha$", ["trigonometric function", "double angle formula"]),
        (r"Is $17 \equiv 5 \pmod{12}$?", ["modular arithmetic"]),
        (r"Write $0.\overline{05}$ as a fraction.", ["repeating decimal"]),
        (r"How much is $20\%$ of it?", ["percentage"]),
        (r"In $\triangle ABC$, $\angle A = 60{}^{}\circ$", ["triangle", "angle"]),
        (r"$P(A \cap B)$", ["intersection of sets", "probability"]),
        (r"$\frac{3}{4}$ of the cake", ["fraction"]),
        (r"$8 - 4 \div 2$", ["order of operations", "division"]),
        ("5 + 55 + 555 = ?", ["addition"]),
        (r"in the ratio $3:5$", ["ratio"]),
        (r"It is $8:30$.", ["clock time"]),
        (r"$n! = 120$", ["factorial"]),
    ],
)
def test_a_construct_names_its_point(text: str, found: list[str]) -> None:
    assert points(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "the war of 1939-1945",
        r"the $5^{th}$ row",
        r"at $40^{\circ} \mathrm{C}$",
        r"a polynomial $P(x)$",
        "It costs 3.50 or 4.",
        "a 2 × 2 matrix",
        r"a $3 \times 3$ board",
        r"the point $A$ and the line $l$",
        "no formula at all",
        "",
    ],
)
def test_what_only_looks_like_a_construct_names_nothing(text: str) -> None:
    assert points(text) == []


def test_options_and_answers_by_themselves_are_not_read() -> None:
    """Nearly every exam of school mathematics has a root among its options."""
    assert points("How long is the side?\n$\\sqrt{2}$\n$$\\frac{1}{2}$$\n$3:5$") == []
    assert points("Which is it?\nthe value of $\\sqrt{2}$") == ["square root"]


def test_a_formula_of_several_lines_is_read() -> None:
    assert points("Evaluate\n$$\n\\int_0^1 x d x\n$$") == ["integral"]


def test_the_contest_in_brackets_is_no_formula() -> None:
    assert points(r"A cat. (2007 Math Kangaroo Problem, Level $$3-4$$, Question \#$$23$$)") == []


def test_names_are_in_the_language_of_the_seed() -> None:
    assert points(r"求 $\log_2 8$", "zh") == ["对数"]


def test_every_row_of_the_table_is_named_in_both_languages() -> None:
    assert all(row.english.islower() and not row.chinese.isascii() for row in FORMULA_POINTS)
    names = {row.english: row.chinese for row in FORMULA_POINTS}
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    "part", ["a+", "(a+", "1 ", "x=", "a=b\\\\", "x^2+1x+", "\\frac{", "|a", "{", "a<", "1\\times "]
)
def test_a_formula_without_end_costs_no_time(part: str) -> None:
    started = time.perf_counter()
    points("$$(" + part * (8000 // len(part)) + "$$")
    assert time.perf_counter() - started < 1.0


@given(st.text(alphabet="$\\frac{12}x+-=|()^_ sqrt!%:<>\n", max_size=80))
def test_any_text_can_be_read_and_names_nothing_twice(text: str) -> None:
    found = points(text)
    assert len(set(found)) == len(found)
    assert found == points(text)
