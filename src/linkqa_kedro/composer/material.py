"""Seeds as an item may use them: what is shown of a seed, what its key says, what may be claimed about it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

# Longer stems make an item of three questions a test of patience.
MAX_STEM_CHARACTERS = 700
MAX_OPTION_CHARACTERS = 240
MAX_FREE_ANSWER_CHARACTERS = 60
# In a claim a long option goes by its letter alone; the option list stands just above.
MAX_QUOTED_CHARACTERS = 50

_MATH = re.compile(r"(\$\$.*?\$\$|\$[^$\n]*\$)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_FRACTION = re.compile(r"(-?)(?:(\d+)/(\d+)|\\[dt]?frac\{(\d+)\}\{(\d+)\})")

# An option that speaks of other options means something else outside its list.
_REFERRING = re.compile(
    r"^\W*(?:all|none?|non|both|neither|either|any|each|every)\b"
    r"|\b(?:above|below|other (?:options?|choices?|answers?)|of (?:these|those|them))\b"
    r"|\b[A-G]\b\W{0,4}(?:\\?&|,|and|or|、|和|与|或|及)\W{0,4}\b[A-G]\b"
    r"|以上|上述|前述|以下|前[一二两三四五]|[两二三四]者|[都均皆](?:对|错|是|可|不|正确|无|为|有|会|能|非|否|包)"
    r"|全对|全错|全部(?:都|正|是|选)|其[他它余]选?|无正确|没有正确|不正确的?选项|[A-G]\s*[、和与或及]\s*[A-G]",
    re.IGNORECASE,
)

# A question for a value that is only about right: its decimals are no exact number.
_ROUNDED = re.compile(
    r"approx|about|roughly|nearly|nearest|round|decimal|estimate|约|近似|保留|精确到|四舍五入|估", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Material:
    """One seed as an item may use it.

    Attributes:
        seed_number: Number of the seed in the request, from 1.
        place: Number under which the item shows the question, from 1.
        seed_id: The seed's id.
        stem: Question text as an item shows it.
        options: (letter, shown text) in the seed's order; empty for a free answer.
        key: Right letters in the order of the options; empty for a free answer.
        answer: Shown free answer; the letters where options are there.
        number: The answer as an exact number, where it is one.
        exact: Whether the number may be reckoned with: a decimal typed into a free answer may be rounded, and so may
            an option that is asked for as about right.
        claimable: Whether a single option may be claimed right or wrong.
        knowledge_points: As the seed carries them.
    """

    seed_number: int
    place: int
    seed_id: str
    stem: str
    options: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    answer: str
    number: Fraction | None
    exact: bool
    claimable: bool
    knowledge_points: tuple[str, ...]

    def option_text(self, letter: str) -> str:
        """Shown text of an option."""
        return dict(self.options)[letter]

    @property
    def wrong_letters(self) -> tuple[str, ...]:
        """Letters outside the key."""
        return tuple(letter for letter, _ in self.options if letter not in self.key)

    @property
    def short_answer(self) -> str:
        """The answer as an item writes it: the letters joined, or the free text."""
        return "".join(self.key) if self.options else self.answer


def shown_text(text: str) -> str:
    """A seed's text as items show it: line ends and blanks tidied, print commands outside formulas undone.

    Formulas are never touched. Two spellings of a blank to fill in (LaTeX's underline and "~") become "____".
    """
    pieces = _MATH.split(text.strip())
    tidy = "".join(piece if index % 2 else _shown_prose(piece) for index, piece in enumerate(pieces))
    tidy = "\n".join(line.strip() for line in tidy.splitlines() if line.strip())
    return re.sub(r"(?<=[?？。．!！])\s*[．。]$", "", tidy).strip()


def _shown_prose(text: str) -> str:
    text = re.sub(r"\\(?:uline|underline)\{[~\s]*\}", "____", text)
    text = re.sub(r"\\textquotesingle(?:\{\}| )?", "'", text)
    text = re.sub(r"\\(?:emph|textit|textbf|textrm|text)\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\textless(?:\{\}| )?", "<", text)
    text = re.sub(r"\\textgreater(?:\{\}| )?", ">", text)
    text = re.sub(r"\\textbackslash\s?\\%", "%", text)
    return re.sub(r"[ \t\u00a0\u3000~]+", " ", text)


def parse_number(text: str) -> Fraction | None:
    """The number that a text is, exactly; None for anything else.

    Read are plain integers, decimals and simple fractions (3/4, LaTeX's frac of two integers), bare or as one
    formula. Units, percent signs, digit grouping, roots and codes with leading zeros are not numbers here.
    """
    bare = text.strip().replace("−", "-").rstrip("．。").strip()
    for mark in ("$$", "$"):
        if len(bare) > 2 * len(mark) and bare.startswith(mark) and bare.endswith(mark):
            bare = bare[len(mark) : -len(mark)].strip()
            break
    if _NUMBER.fullmatch(bare):
        return Fraction(bare)
    found = _FRACTION.fullmatch(re.sub(r"\s*([/{}])\s*", r"\1", bare))
    if not found:
        return None
    sign, top, bottom, latex_top, latex_bottom = found.groups()
    denominator = int(bottom or latex_bottom)
    if denominator == 0:
        return None
    value = Fraction(int(top or latex_top), denominator)
    return -value if sign else value


def number_text(value: Fraction) -> str:
    """A number written exactly: integer or finite decimal where it has one, else a fraction p/q."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if value.denominator == 1 or rest != 1:
        return str(value)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def comparable(text: str) -> str:
    """A text reduced to what tells two answers apart: number, or letters and signs without case and blanks."""
    number = parse_number(text)
    return str(number) if number is not None else re.sub(r"[\s$~．。.,，]+", "", text).casefold()


def refers_to_others(text: str) -> bool:
    """Whether an option speaks of the other options ("all of the above", "both A and B", "以上都对")."""
    return _REFERRING.search(text) is not None


def read_materials(seeds: Sequence[Mapping[str, Any]], language: str) -> list[Material]:
    """The seeds of one language that can be shown and whose key is sound, in their order."""
    read = (
        read_material(seed, number)
        for number, seed in enumerate(seeds, start=1)
        if seed.get("language", language) == language
    )
    return [material for material in read if material is not None]


def read_material(seed: Mapping[str, Any], seed_number: int) -> Material | None:
    """One seed as material; None where it is too long to quote or its key does not fit its options."""
    stem = shown_text(str(seed["question"]))
    if not stem or len(stem) > MAX_STEM_CHARACTERS:
        return None
    options = tuple((str(o["letter"]), shown_text(str(o["text"]))) for o in seed.get("options") or [])
    points = tuple(str(point) for point in seed.get("knowledge_points") or [])
    if options:
        return _with_options(seed, seed_number, stem, options, points)
    answer = shown_text(str(seed["answer"]))
    if not answer or "\n" in answer or len(answer) > MAX_FREE_ANSWER_CHARACTERS:
        return None
    number = parse_number(answer)
    return Material(
        seed_number=seed_number,
        place=seed_number,
        seed_id=str(seed["seed_id"]),
        stem=stem,
        options=(),
        key=(),
        answer=answer,
        number=number,
        exact=number is not None and "." not in answer,
        claimable=True,
        knowledge_points=points,
    )


def _with_options(
    seed: Mapping[str, Any], seed_number: int, stem: str, options: tuple[tuple[str, str], ...], points: tuple[str, ...]
) -> Material | None:
    letters = [letter for letter, _ in options]
    key = tuple(letter for letter in letters if letter in str(seed["answer"]))
    distinct = {comparable(text) for _, text in options}
    sound = (
        len(options) >= 2
        and all(len(letter) == 1 and "A" <= letter <= "Z" for letter in letters)
        and len(set(letters)) == len(letters) == len(distinct)
        and len(key) > 0
        and sorted(key) == sorted(str(seed["answer"]).strip())
        and all(text and len(text) <= MAX_OPTION_CHARACTERS for _, text in options)
    )
    if not sound:
        return None
    right = dict(options)[key[0]]
    number = parse_number(right) if len(key) == 1 else None
    return Material(
        seed_number=seed_number,
        place=seed_number,
        seed_id=str(seed["seed_id"]),
        stem=stem,
        options=options,
        key=key,
        answer="".join(key),
        number=number,
        exact=number is not None and not ("." in right and _ROUNDED.search(stem)),
        # Beside "all of the above" a single option can be true of the matter and still not the answer.
        claimable=not any(refers_to_others(text) for _, text in options),
        knowledge_points=points,
    )
