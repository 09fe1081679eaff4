"""Benchmark questions that turn up in our text, found by shared runs of tokens.

A shared run of 13 tokens is the usual sign (Brown et al. 2020, "Language Models are Few-Shot Learners", appendix
C); 8 tokens is the stricter one (Chowdhery et al. 2022, PaLM) and is reported beside it. Tokens of Chinese are
single characters, so that the same n asks for a shorter passage there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from linkqa_kedro.text_hygiene.tokens import ngram_hashes, tokens

# A benchmark question below this length says too little to be recognised by its words.
SHORTEST_WHOLE_QUESTION = 8


class ContaminationHit(NamedTuple):
    """One benchmark question that a text shares a run of tokens with."""

    benchmark: str
    question_id: str
    ngram: str


# Question numbers by hash of a run, by length of the run.
_Runs = dict[int, dict[int, list[int]]]


@dataclass(frozen=True)
class ContaminationIndex:
    """The runs of tokens of some benchmarks, for the lengths of run it was built with."""

    _questions: tuple[tuple[str, str], ...]
    _runs: Mapping[int, _Runs]

    @classmethod
    def from_texts(
        cls, benchmarks: Mapping[str, Iterable[tuple[str, str]]], sizes: Sequence[int] = (8, 13)
    ) -> "ContaminationIndex":
        """An index of benchmark questions.

        Args:
            benchmarks: (id, question) pairs by name of the benchmark.
            sizes: Lengths of run that `hits` may ask for. A question shorter than n, from 8 tokens up, is
                matched as a whole.
        """
        questions: list[tuple[str, str]] = []
        runs: dict[int, _Runs] = {n: {} for n in sizes}
        for benchmark, pairs in benchmarks.items():
            for question_id, question in pairs:
                _add_runs(runs, tokens(question), len(questions))
                questions.append((benchmark, question_id))
        return cls(tuple(questions), runs)

    def hits(self, text: str, n: int = 13) -> list[ContaminationHit]:
        """The benchmark questions met in the text, in the index's order, each with the first run that they share.

        Raises:
            ValueError: If the index was not built for runs of n.
        """
        if n not in self._runs:
            message = f"The index holds runs of {sorted(self._runs)} tokens, not {n}. Name {n} in sizes."
            raise ValueError(message)
        words = tokens(text)
        first_run: dict[int, str] = {}
        for size, by_hash in sorted(self._runs[n].items()):
            keys = ngram_hashes(words, size).tolist()
            if by_hash.keys().isdisjoint(keys):
                continue
            for start, key in enumerate(keys):
                for question in by_hash.get(key, ()):
                    first_run.setdefault(question, " ".join(words[start : start + size]))
        return [ContaminationHit(*self._questions[number], first_run[number]) for number in sorted(first_run)]


def _add_runs(runs: dict[int, _Runs], words: Sequence[str], question: int) -> None:
    for n, by_size in runs.items():
        size = min(n, len(words))
        if size < n and size < SHORTEST_WHOLE_QUESTION:
            continue
        by_hash = by_size.setdefault(size, {})
        for key in dict.fromkeys(ngram_hashes(words, size).tolist()):
            by_hash.setdefault(key, []).append(question)
