r"""Knowledge points that stand in formulas and nowhere in words: `\binom{5}{2}` asks for binomial coefficients.

Half of the seeds of school mathematics say in words no more than "Calculate". What they are about is the structure of
their formulas, and a construct of LaTeX names it. One row a construct: both names, what must stand in one formula,
and what must not. A row is no more than a proposal: it links seeds only where several have it, as any phrase.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Some rows look ahead from every place: the time for one formula grows with a power of its length.
_LONGEST_FORMULA = 400
_BAR = re.compile(r"\\(?:textbar|vert|lvert|rvert|mid)(?![A-Za-z])(?:\{\})?")
_SPACE = re.compile(r"\\[,;:! ]|~|\{\}|\\(?:left|right|big|Big|displaystyle|limits)(?![A-Za-z])|\s+")
# Braces round single symbols ("x^{2}", "{{a}_{n}}") would need a second spelling of every row.
_SINGLE = re.compile(r"(?<![A-Za-z}])\{(\w|\\[A-Za-z]+)\}")
_RELATION = r"(?:[<>≤≥]|\\(?:leqslant|geqslant|leq|geq|le|ge|lt|gt|textless|textgreater)(?![A-Za-z]))"
_VARIABLE = r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])"
_NUMBER = r"(?:\d+(?:\.\d+)?|\d*\\[dt]?frac(?:\{\d+\}|\d)(?:\{\d+\}|\d))"
_TIMES = r"(?:\\times|\\cdot|×|\*)"
_OVER = r"(?:\\div|÷)"
_ABOVE = r"\^\{?"
_VARIABLE_TERM = r"(?:\d[a-z](?![a-z])|(?<![a-z\\])[a-z]\)?[-+]|[-+][a-z](?![a-z])|frac\{\d*[a-z]\}?)"
_LINEAR = rf"(?=.*=)(?=.*{_VARIABLE_TERM})"
_NOT_LINEAR = (
    r"\^|\(\w\)|_|(?<![a-z\\])[a-z][a-z](?![a-z])|\}\{\d*[a-z]|\\(?:log|lg|ln|sin|cos|tan|sqrt|begin|times10)|"
    + _RELATION
)


@dataclass(frozen=True, slots=True)
class FormulaPoint:
    """A construct of formulas and the knowledge point it stands for.

    Attributes:
        english: Its English name, singular.
        chinese: Its Chinese name.
        pattern: What one formula holds, white space and sizing commands left out.
        unless: What the same formula must not hold; empty where nothing.
        formulas: How many formulas of the text must be so.
    """

    english: str
    chinese: str
    pattern: str
    unless: str = ""
    formulas: int = 1


FORMULA_POINTS: tuple[FormulaPoint, ...] = (
    # analysis
    FormulaPoint("trigonometric function", "三角函数", r"\\(?:sin|cos|tan|cot|sec|csc)(?![a-z])"),
    FormulaPoint("tangent function", "正切", r"\\tan(?![a-z])"),
    FormulaPoint(
        "double angle formula",
        "二倍角公式",
        r"\\(?:sin|cos|tan)(?:\^2)?\(?\{?2(?:\\(?:alpha|beta|theta|varphi|phi)|[a-zA-Z])",
    ),
    FormulaPoint(
        "angle sum formula",
        "两角和差公式",
        r"\\(?:sin|cos|tan)\{?\((?:\\(?:frac\{\d*\\pi\}\{?\d*\}?|[a-z]+)|[A-Za-z])[-+]",
    ),
    FormulaPoint("logarithm", "对数", r"\\(?:log|lg|ln)(?![a-z])"),
    FormulaPoint("integral", "积分", r"\\i*int(?![a-z])"),
    FormulaPoint("limit", "极限", r"\\lim(?![a-z])"),
    FormulaPoint("summation", "求和", r"\\sum(?![a-z])"),
    FormulaPoint("derivative", "导数", r"[fghy](?:'|\^\{?\\prime)|\\frac\{d[^{}]*\}\{d[a-z]"),
    FormulaPoint("piecewise function", "分段函数", r"\([a-z]\)=\\\{?\\begin\{(?:cases|array|aligned)"),
    FormulaPoint("composite function", "复合函数", r"[fgh]\([fgh]\("),
    FormulaPoint("inverse function", "反函数", r"[fgh]\^\{?-1"),
    FormulaPoint("function", "函数", r"(?<![A-Za-z\\])[fghFG]\([-a-z\d]"),
    # algebra
    FormulaPoint("absolute value", "绝对值", r"\|[^|]*[-+a-z][^|]*\|", r"P\(|\\?\{[^{}|]*\|"),
    FormulaPoint("square root", "二次根式", r"\\sqrt(?!\[)|√"),
    FormulaPoint("cube root", "立方根", r"\\sqrt\[3"),
    FormulaPoint("complex number", "复数", r"(?<![A-Za-z\\_{])(?:\d|[-+])(?:i|\\mathrm\{i\})(?![A-Za-z=])", r"\\sum"),
    FormulaPoint(
        "complex division", "复数的除法", r"frac\{[^{}]*\}\{[^{}]*(?:\d|[-+])(?:i|\\mathrm\{i\})(?![A-Za-z=])"
    ),
    FormulaPoint("matrix", "矩阵", r"\\begin\{[bpvV]matrix\}"),
    FormulaPoint("vector", "向量", r"\\(?:vec|overrightarrow)(?![a-z])|\\(?:mathbf|boldsymbol)\{?[a-z]"),
    FormulaPoint(
        "system of equations", "方程组", r"\\begin\{(?:cases|array|align|aligned)\*?\}.*=.*\\\\.*=", r"\([a-z]\)="
    ),
    FormulaPoint(
        "quadratic function",
        "二次函数",
        r"(?:y|[fgh]\([a-z]\))=[^=]*[a-z]\)?\^2",
        r"\^\{?[3-9n]|\\(?:sin|cos|tan|log|ln|sqrt)|frac\{x\^",
    ),
    FormulaPoint(
        "quadratic equation",
        "一元二次方程",
        r"([a-z])\^2[^,;=]*[-+]\d*\1(?!\^)[^,;=]*=",
        r"[yfgh]\W*=|y\^2|\^\{?[3-9n]",
    ),
    FormulaPoint(
        "polynomial", "多项式", r"[a-z]\^\{?[3-9].*[-+]|\([^()]*[a-z][^()]*[-+][^()]*\)\([^()]*[a-z][^()]*[-+]"
    ),
    FormulaPoint("linear equation", "一次方程", _LINEAR, _NOT_LINEAR),
    FormulaPoint(
        "system of equations", "方程组", _LINEAR + rf"(?=.*{_VARIABLE}.*{_VARIABLE})", _NOT_LINEAR, formulas=2
    ),
    FormulaPoint(
        "inequality",
        "不等式",
        rf"[a-z]\)?(?:\^2)?[-+][^,;]*{_RELATION}|\d[a-z]{_RELATION}|{_RELATION}[^,;]*\d[a-z](?![a-z])",
    ),
    FormulaPoint(
        "inequality",
        "不等式",
        rf"(?<![a-z<>])[a-z]\^?[a-z]?{_RELATION}[a-z]",
        rf"{_RELATION}[a-z]{_RELATION}|\d{_RELATION}",
    ),
    FormulaPoint("quadratic expression", "二次式", r"([a-z])\^2[-+]\d*\1(?!\^)", r"=|[yfgh]\("),
    FormulaPoint(
        "algebraic expression",
        "代数式",
        rf"\d\(?{_VARIABLE}.*[-+]|[-+]\d*{_VARIABLE}",
        r"[=^_]|[fgh]\(|[-+\d]i(?![a-z])|\\(?:frac|sqrt|log|sin|cos|tan|text|mathrm)|" + _RELATION,
    ),
    FormulaPoint(
        "algebraic fraction", "分式", r"\\[dt]?frac\{[^{}]*\}\{[^{}]*[a-z][-+][^{}]*\}", r"\\sqrt|\^2\}\{[a-z]"
    ),
    FormulaPoint(
        "exponential expression",
        "指数",
        r"(?<!_)(?:\d|\)|[a-z])\}?\^(?:-?[a-z]|\{[^{}]*[a-z])",
        r"a_|\^\{?(?:st|nd|rd|th)|\\circ|prime|\\mathrm",
    ),
    # numbers
    FormulaPoint("negative exponent", "负指数幂", rf"{_ABOVE}-\d", r"[fgh]\^|10\^|\\mathrm|\\text"),
    FormulaPoint("power", "乘方", rf"(?<!_)\d\)?{_ABOVE}\{{?\d", r"(?:times|cdot)10\^|\\mathrm|\\text"),
    FormulaPoint("scientific notation", "科学记数法", r"\\times10\^", r"\\mathrm|\\text"),
    FormulaPoint("number base", "进位制", r"\d_\{?(?:\d|b)|_\{\((?:\d|10)\)", r"[A-Za-z]\}?_"),
    FormulaPoint("repeating decimal", "循环小数", r"\d\.\d*(?:\\overline|\\dot)"),
    FormulaPoint("modular arithmetic", "同余", r"\\(?:equiv|[bp]?mod)(?![a-z])"),
    FormulaPoint("factorial", "阶乘", r"[\dn)]!"),
    FormulaPoint("binomial coefficient", "组合数", r"\\[dt]?binom|C_\{?\w+\}?\^"),
    FormulaPoint("floor function", "取整函数", r"\\lfloor|⌊"),
    FormulaPoint("ceiling function", "向上取整函数", r"\\lceil|⌈"),
    FormulaPoint("percentage", "百分数", r"\d\\?%"),
    FormulaPoint("ratio", "比", r"(?<![\d:])\d+:\d(?![\d:])"),
    FormulaPoint("clock time", "时刻", r"(?<![\d:])\d\d?:[0-5]\d(?![\d:])"),
    FormulaPoint("place value", "位值原理", r"\\overline\{[\da-z]*[a-z]+[\da-z]*\}", r"\\overline\{z"),
    # sequences and sets
    FormulaPoint("recurrence relation", "递推数列", r"[a-zA-Z]\}*_\{[nk][-+]\d"),
    FormulaPoint("sequence", "数列", r"\{*[ab]\}*_\{?n|\d,-?\d+,.*(?:\\[lc]?dots|…|\.\.\.)", r"\\?\{\d+,"),
    FormulaPoint("series", "数列求和", r"\+(?:\\[lc]?dots|…|⋯|\.\.\.)|S_\{?n"),
    FormulaPoint("intersection of sets", "交集", r"\\cap(?![a-z])|∩"),
    FormulaPoint("union of sets", "并集", r"\\cup(?![a-z])|∪"),
    FormulaPoint("set", "集合", r"=\\\{|\\(?:subset|subseteq|supseteq|complement)", r"_n|_\{n"),
    FormulaPoint("probability", "概率", r"(?<![A-Za-z\\])P\(\|?[A-Z\\]"),
    # geometry
    FormulaPoint("triangle", "三角形", r"\\(?:big)?triangle(?![a-z])|△"),
    FormulaPoint("angle", "角", r"\\angle|∠|\d\^\{?\\circ(?!\}?(?:\\(?:mathrm|text|rm)\{?)?[CF])", r"[a-z]\\circ[a-z]"),
    FormulaPoint("circle", "圆", r"\\odot|⊙"),
    FormulaPoint("parallel lines", "平行线", r"\\parallel|∥"),
    FormulaPoint("perpendicular", "垂直", r"\\perp|⊥"),
    FormulaPoint("coordinates", "坐标", r"(?<![A-Za-z}\d)])\(-?[\d.]+,-?[\d.]+\)"),
    # arithmetic
    FormulaPoint(
        "fraction arithmetic",
        "分数运算",
        r"frac(?:\{\d+\}|\d)(?:\{\d+\}|\d)(?:[-+]|\\times|\\div|\\cdot)|(?:[-+]|\\times|\\div|\\cdot)\d*\\[dt]?frac(?:\{\d+\}|\d)(?:\{\d+\}|\d)",
    ),
    FormulaPoint("fraction", "分数", r"^\d*\\[dt]?frac(?:\{\d+\}|\d)(?:\{\d+\}|\d)$"),
    FormulaPoint("complex fraction", "繁分数", r"frac\{[^{}]*\\[cdt]?frac\{\d|frac\{[^{}]*\}\{[^{}]*\\[cdt]?frac"),
    FormulaPoint(
        "decimal arithmetic",
        "小数运算",
        rf"\d\.\d+\)?(?:[-+]|{_TIMES}|{_OVER})\(?\d|\d\)?(?:[-+]|{_TIMES}|{_OVER})\(?\d+\.\d",
        r"10\^|[a-z]=|\\mathrm|\\text",
    ),
    FormulaPoint(
        "order of operations",
        "四则混合运算",
        rf"{_NUMBER}\)?(?:{_TIMES}|{_OVER})\(?{_NUMBER}.*[-+]\(?-?{_NUMBER}|{_NUMBER}\)?[-+]\(?{_NUMBER}.*(?:{_TIMES}|{_OVER})\(?{_NUMBER}",
        r"10\^|\\mathrm",
    ),
    # "2 × 2" alone is how a matrix or a board is measured.
    FormulaPoint(
        "multiplication",
        "乘法",
        rf"{_NUMBER}\)?{_TIMES}\(?-?{_NUMBER}",
        rf"10\^|\\mathrm|\\text|^\d\d?{_TIMES}\d\d?$",
    ),
    FormulaPoint("division", "除法", rf"{_NUMBER}\)?{_OVER}\(?-?{_NUMBER}"),
    FormulaPoint(
        "addition",
        "加法",
        rf"(?<!\^){_NUMBER}\)?\+\(?-?{_NUMBER}(?![a-z])",
        r"10\^|" + _VARIABLE + "|" + _TIMES + "|" + _OVER,
    ),
    FormulaPoint(
        "subtraction",
        "减法",
        rf"(?<!\^){_NUMBER}\)?-\(?-?{_NUMBER}(?![a-z])",
        r"10\^|" + _VARIABLE + "|" + _TIMES + "|" + _OVER,
    ),
    FormulaPoint("negative number", "负数", rf"(?:^|[(=]|{_TIMES}|{_OVER})-\d", _VARIABLE + r"|[_,]|\^\{?-|\d\)?-"),
)
_COMPILED = [
    (row, re.compile(row.pattern, re.DOTALL), re.compile(row.unless, re.DOTALL) if row.unless else None)
    for row in FORMULA_POINTS
]


def formula_points(formulas: Sequence[str], language: str) -> list[str]:
    """Names of the constructs that some formulas hold, in the order of the table: Chinese names for "zh"."""
    dense = [_dense(formula) for formula in formulas]
    found = [
        row.chinese if language == "zh" else row.english
        for row, pattern, unless in _COMPILED
        if sum(bool(pattern.search(text)) and not (unless and unless.search(text)) for text in dense) >= row.formulas
    ]
    return list(dict.fromkeys(found))


def _dense(formula: str) -> str:
    """A formula without what only sets it: "$ {{x}^{2}} + 1 $" gives "x^2+1"."""
    return _SINGLE.sub(r"\1", _SPACE.sub("", _BAR.sub("|", formula.strip("$"))))[:_LONGEST_FORMULA]
