"""Knobs of evaluation; conf/base/parameters_evaluation.yml holds their values."""

from typing import Annotated

from pydantic import Field, PositiveInt

from linkqa_kedro.parameters import Parameters

Similarity = Annotated[float, Field(gt=0, le=1)]


class EvaluationParameters(Parameters):
    """Knobs of evaluation.

    Attributes:
        min_question_characters: Shorter questions are dropped.
        max_question_characters: Longer questions are dropped.
        contamination_ngram: Tokens of a run shared with a benchmark that drops a row.
        reported_ngram: Tokens of a shared run that is only reported.
        seed_copy_jaccard: n-gram Jaccard with one seed from which a row is its copy.
        seed_rewording: Likeness of the words, in any order, to one seed from which a row is that seed reworded.
        least_novelty: Rows are dropped below this share of n-grams that stand in no one seed.
        near_duplicate_jaccard: n-gram Jaccard with an earlier row from which a row repeats it.
        ngram: Tokens of an n-gram in these comparisons.
        n_permutations: Of MinHash.
        diversity_sample: Rows measured for Self-BLEU.
        random_seed: Which rows those are.
    """

    min_question_characters: PositiveInt
    max_question_characters: PositiveInt
    contamination_ngram: Annotated[int, Field(ge=4)]
    reported_ngram: Annotated[int, Field(ge=4)]
    seed_copy_jaccard: Similarity
    seed_rewording: Similarity
    least_novelty: Annotated[float, Field(ge=0, lt=1)]
    near_duplicate_jaccard: Similarity
    ngram: PositiveInt
    n_permutations: Annotated[int, Field(ge=16)]
    diversity_sample: PositiveInt
    random_seed: Annotated[int, Field(ge=0, lt=2**32)]
