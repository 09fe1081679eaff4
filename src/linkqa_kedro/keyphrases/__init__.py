"""Keyphrases that link seeds, and the labelled seeds nearest to each: what extraction shows every teacher.

A good knowledge-point candidate is not the best phrase of one seed but a phrase that *other seeds hold too*.
Candidates are therefore chosen over the whole corpus: YAKE (Campos et al. 2020) scores the phrases of a seed in a
spaced script, jieba's part-of-speech tags give the noun compounds of a Chinese one, a table names the constructs of
formulas, and the number of seeds that hold a phrase decides whether it may stand.
"""

from linkqa_kedro.keyphrases.candidates import own_phrases, propose_candidates, stands_in
from linkqa_kedro.keyphrases.labelled_neighbours import nearest_labelled
from linkqa_kedro.keyphrases.markup import strip_markup
from linkqa_kedro.keyphrases.ranking import CENTRAL_PHRASES, FEWEST_PHRASES
from linkqa_kedro.keyphrases.spaced_scripts import fold_word

__all__ = [
    "CENTRAL_PHRASES",
    "FEWEST_PHRASES",
    "fold_word",
    "nearest_labelled",
    "own_phrases",
    "propose_candidates",
    "stands_in",
    "strip_markup",
]
