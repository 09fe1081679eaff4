"""The node that writes the dataset card."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from linkqa_kedro.composer.model import is_composer
from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.pipelines.evaluation.exports import question_text
from linkqa_kedro.records import rows_of
from linkqa_kedro.report.card import CardFacts, DataConfig, Figure, MixRow, dataset_card

# Name, key in the statistics, format, and how to read it.
_FIGURES = (
    ("coverage", "coverage", "{:.1%}", "reachable knowledge points that at least one row joins"),
    ("distance to the discipline target", "discipline_total_variation", "{:.3f}", "total variation, 0 is met"),
    ("distance to the difficulty target", "difficulty_total_variation", "{:.3f}", "total variation, 0 is met"),
    ("solve rate", "solve_rate", "{:.1%}", "blind attempts that give the row's answer, of the rows that were solved"),
    ("novelty, mean", "novelty_mean", "{:.3f}", "1 minus the largest share of a row's n-grams in one of its seeds"),
    ("compression ratio", "diversity.compression_ratio", "{:.2f}", "higher is more repetitive"),
    ("self-repetition", "diversity.self_repetition", "{:.1%}", "rows that share a 13-gram with another row"),
    ("Self-BLEU", "diversity.self_bleu", "{:.3f}", "likeness of rows to one another, 0 to 1"),
    ("short n-grams of benchmarks", "short_ngram_hits", "{:,}", "rows that share one; reported, not dropped"),
    ("cost", "cost_usd", "${:,.2f}", "price of writing the rows, without checking and rating them"),
)

_CONFIGS = (
    DataConfig("table", "train.parquet", "all columns"),
    DataConfig("messages", "messages/train.jsonl", "chat messages"),
    DataConfig("text", "text/train.jsonl", "plain text"),
)


def write_card(
    dataset: pd.DataFrame,
    seeds: pd.DataFrame,
    evaluation_statistics: dict[str, Any],
    target_gap: pd.DataFrame,
    benchmark_lines: Iterable[FileRow],
) -> str:
    """The dataset card as Markdown."""
    used = seeds[seeds["seed_id"].isin(set(dataset["seed_ids"].explode()))]
    models = sorted(dataset["model"].unique())
    by_source = Counter(zip(used["source"], used["licence"], strict=True))
    return dataset_card(
        CardFacts(
            title=f"LinkSyn QA from {', '.join(sorted(used['source'].unique()))}",
            languages=dataset["language"].value_counts().index.tolist(),
            n_rows=len(dataset),
            configs=_CONFIGS,
            teacher=", ".join(models),
            is_composer=all(map(is_composer, models)),
            n_seeds=len(used),
            figures=[*_measured(evaluation_statistics), _contamination(benchmark_lines)],
            disciplines=mix(target_gap, "discipline"),
            difficulties=mix(target_gap, "difficulty"),
            rejected=evaluation_statistics["rejected_by_reason"],
            sample=_sample(rows_of(dataset.head(1))[0]),
            seed_licences=by_source,
        )
    )


def mix(target_gap: pd.DataFrame, column: str) -> list[MixRow]:
    """Wanted and measured shares of one marginal of `target_gap`."""
    sums = target_gap.groupby(column)[["wanted_share", "measured_share"]].sum()
    has_target = bool(target_gap["wanted_share"].sum())
    return [
        MixRow(str(label), float(wanted) if has_target else None, float(measured))
        for label, wanted, measured in sums.itertuples(name=None)
    ]


def _measured(statistics: Mapping[str, Any]) -> list[Figure]:
    figures = []
    for name, key, form, meaning in _FIGURES:
        value: Any = statistics
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            figures.append(Figure(name, form.format(value), meaning))
    return figures


def _contamination(lines: Iterable[FileRow]) -> Figure:
    names = sorted({str((line.record or {}).get("benchmark") or line.collection) for line in lines})
    return Figure("benchmarks compared with", ", ".join(names) or "none", "rows that shared a long n-gram were dropped")


def _sample(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "question": question_text(row),
        "answer": row["answer"],
        "explanation": row["explanation"],
        "knowledge points": "; ".join(row["knowledge_points"]),
        "seeds": ", ".join(row["seed_ids"]),
        "measured difficulty": str(row["measured_difficulty"]),
    }
