r"""Doubles the single backslashes of LaTeX inside JSON strings.

`"\theta"` with one backslash is valid JSON for a tab and "heta", so a reply may parse and be wrong. Every string
is looked at once, in time proportional to its length.
"""

import re

# A string to its closing quote, or to the end of the text where it has none: each character is then read once.
STRING = re.compile(r'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)

# Commands of LaTeX that begin like one of JSON's escapes. Read as the escape, each leaves a rest that is no
# word ("heta", "abla"), so the whole word after the backslash is LaTeX wherever it stands.
_ESCAPE_LIKE_COMMAND = re.compile(
    r"""
    nabla | natural | ncong | nearrow | neg | neq | newline | ngeq | ngtr | nleftarrow | nleq | nonumber | not
    | notag | notin | nprec | nRightarrow | nrightarrow | nsim | nsubseteq | nsucc | nsupseteq | nwarrow
    | rangle | rbrace | rbrack | rceil | ref | rfloor | rho | right | rightarrow | rightharpoonup
    | rightleftharpoons | rm | rtimes | rvert | rVert
    | tag | tan | tanh | tau | tbinom | text | textbf | textit | textrm | textsf | texttt | textup | tfrac
    | therefore | theta | thickapprox | thinspace | tilde | times | tiny | top | triangle | triangledown
    | triangleleft | triangleright | triangleq | twoheadrightarrow
    """,
    re.VERBOSE,
)
# Of these the rest is a word or a letter ("\nu" may be a line that begins with u, "\nless" one that begins
# with less), so they count as LaTeX only inside a formula.
_FORMULA_COMMAND = re.compile(r"ne|nexists|ni|nless|nmid|nparallel|nsubset|nu|to|tt")

# Escapes that are no letters mean themselves, and are passed over in one go.
_BACKSLASH = re.compile(r'(?:\\["\\/])++|\\(u[0-9a-fA-F]{4}|[A-Za-z]+|.)', re.DOTALL)


def repair_backslashes(source: str) -> str:
    r"""JSON text in which single backslashes of LaTeX inside strings are doubled.

    Doubled are backslashes that begin no escape of JSON (`\alpha`, `\(`), and those that do but spell a
    LaTeX command (`\theta`, `\frac`; `\nu` only inside a formula). Text without either comes back as it
    was.
    """
    if "\\" not in source:
        return source
    return STRING.sub(lambda string: _repair_string(string.group()), source)


def _repair_string(string: str) -> str:
    if "\\" not in string:
        return string
    formula = _FormulaMarks(string)

    def repaired(found: re.Match[str]) -> str:
        return "\\" + found.group() if found[1] and _is_latex(found[1], found.start(), formula) else found.group()

    return _BACKSLASH.sub(repaired, string)


class _FormulaMarks:
    """Whether places of a string, asked for in ascending order, lie inside a formula."""

    def __init__(self, string: str) -> None:
        self._string = string
        self._read_to = 0
        self._n_dollars = 0
        self._opened = -1
        self._closed = -1

    def enclose(self, place: int) -> bool:
        stretch = (self._read_to, place)
        self._n_dollars += self._string.count("$", *stretch)
        self._opened = max(self._opened, self._string.rfind("\\(", *stretch), self._string.rfind("\\[", *stretch))
        self._closed = max(self._closed, self._string.rfind("\\)", *stretch), self._string.rfind("\\]", *stretch))
        self._read_to = place
        return self._n_dollars % 2 == 1 or self._opened > self._closed


def _is_latex(after: str, place: int, formula: _FormulaMarks) -> bool:
    """Whether a backslash is LaTeX's, from what follows it and what stands before it in the string."""
    if _ESCAPE_LIKE_COMMAND.fullmatch(after):
        return True
    if _FORMULA_COMMAND.fullmatch(after):
        return formula.enclose(place)
    if after[0] in "bf":
        # Backspace and form feed have no place in text, whatever word follows.
        return len(after) > 1
    is_unicode_escape = len(after) == 5 and after[0] == "u"
    return after[0] not in "nrt" and not is_unicode_escape
