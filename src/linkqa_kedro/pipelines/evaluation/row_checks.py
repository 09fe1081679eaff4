"""Checks that look at one row alone, as a function over shards."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from linkqa_kedro.pipelines.seed_values import searchable_text
from linkqa_kedro.records import CHECKED_QA, rows_of
from linkqa_kedro.text_hygiene.contamination import ContaminationIndex
from linkqa_kedro.text_hygiene.seed_copies import largest_rewording, largest_seed_overlap, novelty
from linkqa_kedro.text_hygiene.tokens import shingles

_HAN = re.compile(r"[㐀-鿿]")
_REFUSALS = re.compile(
    r"\b(as an ai\b|as a language model|i cannot (answer|assist|help)|i'm sorry, but|i am unable to)"
    r"|作为(一个)?(AI|人工智能|语言模型)|(我)?无法回答|很抱歉，我",
    re.IGNORECASE,
)
# A share of Han characters that prose in the language does not cross; formulas and names may hold either script.
_LEAST_HAN_IN_CHINESE = 0.1
_MOST_HAN_IN_ENGLISH = 0.3


def check_rows(
    shard: pd.DataFrame,
    *,
    seed_texts: Mapping[str, str],
    path_seeds: Mapping[str, Sequence[str]],
    benchmarks: Mapping[str, Sequence[Sequence[str]]],
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """First failed check of every row, with its novelty and likeness to seeds; shape `CHECKED_QA`.

    A row is compared with all seeds of its path, whichever its writer says it drew on, and with further ones it names.

    Args:
        shard: Rows of `enhanced_qa`.
        seed_texts: Text of every seed that the shard draws on, by seed_id.
        path_seeds: The seed_id of each seed of a path, by path_id.
        benchmarks: (id, question) pairs by name of the benchmark.
        settings: The evaluation parameters, plain.
    """
    index = _contamination_index(
        tuple((name, tuple((i, q) for i, q in pairs)) for name, pairs in sorted(benchmarks.items())),
        (settings["reported_ngram"], settings["contamination_ngram"]),
    )
    return CHECKED_QA.frame(
        _check_row(
            row,
            [seed_texts[seed_id] for seed_id in dict.fromkeys([*path_seeds[row["path_id"]], *row["seed_ids"]])],
            index,
            settings,
        )
        for row in rows_of(shard)
    )


@lru_cache(maxsize=2)
def _contamination_index(
    benchmarks: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], sizes: tuple[int, int]
) -> ContaminationIndex:
    return ContaminationIndex.from_texts(dict(benchmarks), sizes=sorted(set(sizes)))


def _check_row(
    row: Mapping[str, Any], seeds: Sequence[str], index: ContaminationIndex, settings: Mapping[str, Any]
) -> dict[str, Any]:
    text = searchable_text(row)
    likeness = taken_from_a_seed(text, seeds, settings)
    problem = _broken(row, settings) or likeness.problem or _contaminated(text, index, settings)
    return {
        "qa_id": row["qa_id"],
        "reason": problem[0] if problem else None,
        "detail": problem[1] if problem else None,
        "novelty": likeness.novelty,
        "seed_overlap": likeness.overlap,
        "seed_rewording": likeness.rewording,
        "short_ngram_hit": bool(index.hits(text, settings["reported_ngram"])),
    }


def _broken(row: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """What makes the row no usable QA, whatever its content."""
    return _wrong_length(row["question"].strip(), settings) or _wrong_answer(row) or _wrong_language(row)


def _wrong_length(question: str, settings: Mapping[str, Any]) -> tuple[str, str] | None:
    if len(question) < settings["min_question_characters"]:
        return "question too short", f"{len(question)} characters"
    if len(question) > settings["max_question_characters"]:
        return "question too long", f"{len(question)} characters"
    return None


def _wrong_answer(row: Mapping[str, Any]) -> tuple[str, str] | None:
    answer = row["answer"].strip()
    letters = [option["letter"] for option in row["options"]]
    texts = [option["text"].strip() for option in row["options"]]
    if not answer:
        return "no answer", "the answer is empty"
    if letters and not set(answer) <= set(letters):
        return "answer not among the options", f"answer {answer:.40}, options {''.join(letters)}"
    if len(set(letters)) != len(letters) or len(set(texts)) != len(texts):
        return "repeated options", "two options have the same letter or text"
    refusal = _REFUSALS.search("\n".join((row["question"], answer, row["explanation"])))
    return ("refusal", refusal.group()) if refusal else None


def _wrong_language(row: Mapping[str, Any]) -> tuple[str, str] | None:
    letters = [character for character in row["question"] if character.isalpha()]
    if not letters:
        return None
    han = sum(bool(_HAN.match(character)) for character in letters) / len(letters)
    if row["language"] == "zh" and han < _LEAST_HAN_IN_CHINESE:
        return "wrong language", f"asked for zh, {han:.0%} Chinese characters"
    if row["language"] == "en" and han > _MOST_HAN_IN_ENGLISH:
        return "wrong language", f"asked for en, {han:.0%} Chinese characters"
    return None


@dataclass(frozen=True, slots=True)
class SeedLikeness:
    """How much of a row stands in seeds already, each seed held against it by itself.

    Attributes:
        overlap: Largest n-gram Jaccard, 0 to 1.
        rewording: Largest likeness of the words in any order, 0 to 1.
        novelty: 1 minus the largest share of the row's n-grams in one seed, 0 to 1; 0 for a row without words.
        problem: Reason and detail where the row is no new one, else None.
    """

    overlap: float
    rewording: float
    novelty: float
    problem: tuple[str, str] | None


def taken_from_a_seed(text: str, seeds: Sequence[str], settings: Mapping[str, Any]) -> SeedLikeness:
    """Whether a text is a copy of a seed, one reworded, or brings too little of its own.

    Args:
        text: Searchable text of a row.
        seeds: Searchable text of each seed.
        settings: The evaluation parameters, plain.
    """
    n = settings["ngram"]
    overlap = largest_seed_overlap(shingles(text, n), [shingles(seed, n) for seed in seeds])
    rewording = largest_rewording(text, seeds)
    found = novelty(text, seeds, n)
    new_share = 0.0 if math.isnan(found) else found
    problem = None
    if overlap >= (limit := settings["seed_copy_jaccard"]):
        problem = "copy of a seed", f"n-gram Jaccard {overlap:.3f} with one seed, limit {limit}"
    elif rewording >= (limit := settings["seed_rewording"]):
        problem = "reworded seed", f"{rewording:.3f} of the words in common with one seed, limit {limit}"
    elif new_share < (least := settings["least_novelty"]):
        problem = "too little new", f"{new_share:.3f} of its n-grams in no one seed, least {least}"
    return SeedLikeness(overlap, rewording, new_share, problem)


def _contaminated(text: str, index: ContaminationIndex, settings: Mapping[str, Any]) -> tuple[str, str] | None:
    hits = index.hits(text, settings["contamination_ngram"])
    if not hits:
        return None
    first = hits[0]
    return "contamination", f"shares '{first.ngram:.120}' with {first.benchmark} {first.question_id}"
