"""How surely a reworded seed is told from a row that joins seeds: `python benchmarks/rewordings.py [data]`, a minute.

Seeds of the last run are reworded by program: runs of four words change places, options with them, and a share of the
words is replaced by words of other seeds. The share of them that evaluation's checks drop is the recall. Against it
stand the rows that the run's own teacher wrote, of which none is a copy: the share dropped is the false rejections.

One figure a line, for each language: name, value, unit, and the target where there is one.
"""

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from linkqa_kedro.pipelines.evaluation.row_checks import taken_from_a_seed
from linkqa_kedro.pipelines.seed_values import searchable_text
from linkqa_kedro.records import rows_of
from linkqa_kedro.text_hygiene.tokens import tokens
from measuring import Figure

PARAMETERS = Path(__file__).parents[1] / "conf" / "base" / "parameters_evaluation.yml"
REPLACED = (0.0, 0.1, 0.2, 0.3)
# Shorter seeds have too few words to be told from others by them.
FEWEST_TOKENS = 12
_RUN = 4
_SEEDS = 1000


def main() -> None:
    """Print the figures of the run in a data folder."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "data")
    settings = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))["evaluation"]
    seeds = rows_of(pd.read_parquet(data / "02_extraction" / "seeds.parquet"))
    rows = rows_of(pd.read_parquet(data / "05_synthesis" / "synthesised_qa"))
    paths = rows_of(pd.read_parquet(data / "04_sampling" / "paths", columns=["path_id", "seed_ids"]))
    for figure in figures(seeds, rows, {path["path_id"]: path["seed_ids"] for path in paths}, settings):
        print(figure.line(), flush=True)


def figures(
    seeds: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    path_seeds: Mapping[str, Sequence[str]],
    settings: Mapping[str, Any],
) -> Iterator[Figure]:
    """Recall on reworded seeds and false rejections among rows, by language."""
    texts = {seed["seed_id"]: searchable_text(seed) for seed in seeds}
    for language in sorted({seed["language"] for seed in seeds}):
        dice = random.Random(f"rewordings {language}")
        words = [tokens(texts[seed["seed_id"]]) for seed in seeds if seed["language"] == language]
        words = [one for one in words if len(one) >= FEWEST_TOKENS]
        vocabulary = [word for one in words for word in one]
        shown = dice.sample(words, min(_SEEDS, len(words)))
        for share in REPLACED:
            hits = [_is_dropped(reworded(one, share, vocabulary, dice), [" ".join(one)], settings) for one in shown]
            target = ">= 0.95" if share <= 0.2 else ""
            yield Figure(f"{language}_reworded_{share:.0%}_recall", sum(hits) / len(hits), "share", target)
        own = [row for row in rows if row["language"] == language]
        dropped = [
            _is_dropped(searchable_text(row), [texts[name] for name in path_seeds[row["path_id"]]], settings)
            for row in own
        ]
        yield Figure(f"{language}_rows_dropped", sum(dropped) / max(1, len(own)), "share", "<= 0.02")


def reworded(words: Sequence[str], share: float, vocabulary: Sequence[str], dice: random.Random) -> str:
    """The words with a share of them replaced, in runs of four that have changed places."""
    changed = [dice.choice(vocabulary) if dice.random() < share else word for word in words]
    runs = [changed[start : start + _RUN] for start in range(0, len(changed), _RUN)]
    dice.shuffle(runs)
    return " ".join(word for run in runs for word in run)


def _is_dropped(text: str, seeds: Sequence[str], settings: Mapping[str, Any]) -> bool:
    return taken_from_a_seed(text, seeds, settings).problem is not None


if __name__ == "__main__":
    main()
