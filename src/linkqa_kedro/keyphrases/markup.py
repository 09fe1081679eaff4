"""Text without what is no language: formulas, commands, where a question comes from, how to write the answer."""

import re
from collections import Counter
from collections.abc import Sequence

_MATH = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]{1,300}\$|\\\(.*?\\\)|\\\[.*?\\\]|\\begin\{((?!tabular)\w+\*?)\}.*?\\end\{\1\}", re.DOTALL
)
# Sums and equations that stand in running text without any mark.
_BARE_MATH = re.compile(r"(?<![\w.])[(\d][\d\s.,()]*(?:[+×÷*=<>][\d\s.,()-]*)+")
_PROSE_IN_MATH = re.compile(r"\\(?:text|mbox)\s*\{([^{}]*[^\W\d_]{2,}\s+[^\W\d_]{2,}[^{}]*)\}")
_DRESSED = re.compile(r"\\(?:text(?:bf|it|rm)?|emph|underline|uline|mathbf)\s*\{")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\{[^{}]*\})?|[\\{}^_~]")
# "(adapted from 2005 Math Kangaroo Problem, Level 5-6, Question #14)", "（2021年新希望杯二年级竞赛初赛数学试卷）"
_BRACKETED_YEAR = re.compile(r"[(（【][^()（）【】]*(?:19|20)\d\d[^()（）【】]*[)）】]")
_OF_A_CONTEST = re.compile(r"problem|question|level|contest|league|olympiad|exam|AMC|IMAS|[杯卷赛题级]", re.IGNORECASE)
_CONTEST_CODE = re.compile(r"\b[A-Z]{3,}\s+(?:19|20)\d\d\s+P\d+\s+Q\d+\b")  # "SASMO 2015 P2 Q10"
_SENTENCE_END = re.compile(r"(?<=[.!?;。！？；])(?!\d)|\n")
_LETTERS = re.compile(r"[^\W\d_]+")
# Fewer words may be the matter itself; fewer seeds may share a passage.
_INSTRUCTION_WORDS = 4
_INSTRUCTION_SEEDS = 5


def without_citations(text: str) -> str:
    """Text without what names the contest a question was set in."""
    # The TAL sources write an apostrophe as a command; cutting there would leave a stray "t" or "s".
    text = re.sub(r"\\textquotesingle\s?(?:\{\})?", "'", text)
    text = _CONTEST_CODE.sub(" ", text)
    return _BRACKETED_YEAR.sub(lambda found: " " if _OF_A_CONTEST.search(found.group()) else found.group(), text)


def strip_markup(text: str) -> str:
    """Text without formulas, LaTeX commands and citations, each replaced by a break that no phrase crosses."""
    text = _MATH.sub(
        lambda found: " ; ".join(["", *_PROSE_IN_MATH.findall(found.group()), ""]), without_citations(text)
    )
    return _COMMAND.sub(" ", _DRESSED.sub("{", text))


def formulas_of(text: str) -> list[str]:
    """Formulas of a text, in order; those that are an option or answer by themselves are left out."""
    lines = without_citations(text).split("\n")
    told = "\n".join(line for place, line in enumerate(lines) if not place or not _is_formula_alone(line))
    found = [match.group() for match in _MATH.finditer(told)]
    return found + [match.group() for match in _BARE_MATH.finditer(_MATH.sub(" ; ", told))]


def _is_formula_alone(line: str) -> bool:
    # An opening "$$" of a formula of several lines has no partner on its line and so is kept.
    bare = _MATH.sub("", line)
    return "$$" not in bare and not _LETTERS.search(_COMMAND.sub("", bare))


def without_instructions(texts: Sequence[str]) -> list[str]:
    """Texts without the sentences that many of them end on ("Express your answer as a common fraction.").

    A sentence that opens a text is kept whatever its number: it says what the seed is about.
    """
    sentences = [_SENTENCE_END.split(text) for text in texts]
    counts = Counter(key for parts in sentences for key in {_sentence_key(part) for part in parts[1:]})
    return [
        "\n".join(part for place, part in enumerate(parts) if not place or not _is_instruction(part, counts))
        for parts in sentences
    ]


def _sentence_key(sentence: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _LETTERS.findall(sentence))


def _is_instruction(sentence: str, counts: Counter[tuple[str, ...]]) -> bool:
    key = _sentence_key(sentence)
    return len(key) >= _INSTRUCTION_WORDS and counts[key] >= _INSTRUCTION_SEEDS
