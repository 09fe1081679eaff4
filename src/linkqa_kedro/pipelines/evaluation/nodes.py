"""Nodes of evaluation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.engines import Engine
from linkqa_kedro.errors import UserError
from linkqa_kedro.figures.compression_ratio import compression_ratio
from linkqa_kedro.figures.coverage import coverage_fraction
from linkqa_kedro.figures.distinct_n import distinct_n
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.figures.jensen_shannon import jensen_shannon_distance
from linkqa_kedro.figures.rank_correlation import rank_correlation
from linkqa_kedro.figures.self_bleu import self_bleu
from linkqa_kedro.figures.self_repetition import self_repetition_fraction, self_repetition_score
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.pipelines.evaluation.exports import chat_row, text_row
from linkqa_kedro.pipelines.evaluation.parameters import EvaluationParameters
from linkqa_kedro.pipelines.evaluation.row_checks import check_rows
from linkqa_kedro.pipelines.seed_values import path_named, searchable_text, seeds_named
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.records import CHECKED_QA, DATASET, DIFFICULTY_LEVELS, REJECTED_QA, TARGET_GAP, rows_of
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.text_hygiene.near_duplicates import near_duplicate_groups
from linkqa_kedro.text_hygiene.tokens import fold_text, tokens

_REPETITION_NGRAM = 13
_BLEU_TOKENS = 64


def check_qa(
    enhanced_qa: ShardedTable,
    paths: ShardedTable,
    seeds: pd.DataFrame,
    benchmark_lines: Iterable[FileRow],
    engine: Engine,
    parameters: EvaluationParameters,
) -> ShardedTable:
    """What the checks of single rows found, shard by shard."""
    texts = {row["seed_id"]: searchable_text(row) for row in rows_of(seeds)}
    known_paths = {row["path_id"]: list(row["seed_ids"]) for row in rows_of(paths.frame(["path_id", "seed_ids"]))}
    path_seeds: dict[str, list[str]] = {}
    seed_texts: dict[str, str] = {}
    for row in enhanced_qa.rows():
        path_seeds[row["path_id"]] = path_named(row, known_paths)
        named = {**row, "seed_ids": [*path_seeds[row["path_id"]], *row["seed_ids"]]}
        seed_texts.update(zip(named["seed_ids"], seeds_named(named, texts), strict=True))
    constants = {
        "seed_texts": seed_texts,
        "path_seeds": path_seeds,
        "benchmarks": _benchmark_questions(benchmark_lines),
        "settings": parameters.model_dump(),
    }
    return engine.map(check_rows, enhanced_qa, CHECKED_QA, constants)


def clean_dataset(
    enhanced_qa: ShardedTable,
    checked_qa: ShardedTable,
    unconfirmed_qa: pd.DataFrame,
    unconfirmed_ratings: pd.DataFrame,
    unconfirmed_changes: pd.DataFrame,
    seeds: pd.DataFrame,
    parameters: EvaluationParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The dataset, and every dropped row with its reason: by cleaning, or because its answer was not confirmed.

    Raises:
        UserError: If no row is left.
    """
    rows = list(enhanced_qa.rows())
    checks = {row["qa_id"]: row for row in checked_qa.rows()}
    rejected = [
        _rejected(row, checks[row["qa_id"]]["reason"], checks[row["qa_id"]]["detail"])
        for row in rows
        if checks[row["qa_id"]]["reason"]
    ]
    rows = [row for row in rows if not checks[row["qa_id"]]["reason"]]
    kept, repeats = _without_repeats(rows, parameters)
    rejected += repeats
    if not kept:
        reasons = ", ".join(f"{n} {reason}" for reason, n in Counter(r["reason"] for r in rejected).most_common(3))
        raise UserError(f"Cleaning left none of {len(rejected)} QA: {reasons}. First: {rejected[0]['detail']}.")
    rejected = [*_unconfirmed(unconfirmed_qa, unconfirmed_ratings, unconfirmed_changes), *rejected]
    licence_of = dict(zip(seeds["seed_id"], seeds["licence"], strict=True))
    dataset = [
        {
            **row,
            "novelty": checks[row["qa_id"]]["novelty"],
            "licences": sorted({licence_of[seed_id] for seed_id in row["seed_ids"]}),
        }
        for row in kept
    ]
    return DATASET.frame(dataset), REJECTED_QA.frame(rejected)


def export_dataset(dataset: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The dataset as chat messages and as plain text."""
    rows = rows_of(dataset)
    return pd.DataFrame([chat_row(row) for row in rows]), pd.DataFrame([text_row(row) for row in rows])


def measure_dataset(
    dataset: pd.DataFrame,
    rejected_qa: pd.DataFrame,
    checked_qa: ShardedTable,
    quotas: pd.DataFrame,
    kp_visits: pd.DataFrame,
    difficulty_gap: pd.DataFrame,
    parameters: EvaluationParameters,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Statistics of the dataset, and wanted against measured share of every cell."""
    visits = _dataset_visits(dataset, kp_visits)
    reachable = kp_visits["reachable"].to_numpy(bool)
    gap = _target_gap(dataset, quotas, difficulty_gap)
    costs = dataset["cost_usd"]
    statistics = {
        "rows": len(dataset),
        "rejected": len(rejected_qa),
        "rejected_by_reason": _counts(rejected_qa["reason"]),
        "by_discipline": _counts(dataset["discipline"]),
        "by_measured_difficulty": _counts(dataset["measured_difficulty"]),
        "by_language": _counts(dataset["language"]),
        "by_question_type": _counts(dataset["question_type"]),
        "by_origin": _counts(dataset["origin"]),
        "by_answer_check": _counts(dataset["answer_check"]),
        "by_level_kept": _kept_by_level(dataset, rejected_qa),
        "coverage": coverage_fraction(visits, reachable),
        "knowledge_points_gini": gini(visits[reachable]),
        "knowledge_points_popularity_rank_correlation": rank_correlation(
            visits[reachable], kp_visits["popularity"].to_numpy(np.int64)[reachable]
        ),
        "solve_rate": _mean(dataset["solve_rate"]),
        "attempts_agreement": _mean(dataset["attempts_agreement"]),
        "novelty_mean": float(dataset["novelty"].mean()),
        "short_ngram_hits": int(checked_qa.frame(["short_ngram_hit"])["short_ngram_hit"].sum()),
        "cost_usd": None if bool(costs.isna().any()) else float(costs.sum()),
        **_distances(gap, axes_with_target(quotas, difficulty_gap)),
        "diversity": _diversity(dataset, parameters),
    }
    return json_ready(statistics), gap


def _benchmark_questions(lines: Iterable[FileRow]) -> dict[str, list[list[str]]]:
    """(id, question) pairs by name of the benchmark, else of its file.

    Raises:
        UserError: If a line is broken or has no question: a benchmark read in part protects in part.
    """
    questions: dict[str, list[list[str]]] = {}
    for line in lines:
        question = (line.record or {}).get("question")
        if line.record is None or not isinstance(question, str) or not question.strip():
            problem = line.problem or "the field question is missing or empty"
            raise UserError(f"Line {line.line} of the benchmark file {line.file} cannot be used: {problem}.")
        name = str(line.record.get("benchmark") or line.collection)
        questions.setdefault(name, []).append([str(line.record.get("id") or f"line {line.line}"), question])
    return questions


def _without_repeats(
    rows: list[dict[str, Any]], parameters: EvaluationParameters
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    texts = [searchable_text(row) for row in rows]
    first = near_duplicate_groups(
        texts,
        threshold=parameters.near_duplicate_jaccard,
        shingle=parameters.ngram,
        n_permutations=parameters.n_permutations,
        seed=parameters.random_seed,
    )
    kept, rejected = [], []
    for place, row in enumerate(rows):
        earlier = int(first[place])
        if earlier == place:
            kept.append(row)
            continue
        exact = fold_text(texts[place]) == fold_text(texts[earlier])
        reason = "exact duplicate" if exact else "near duplicate"
        rejected.append(_rejected(row, reason, f"repeats {rows[earlier]['qa_id']}"))
    return kept, rejected


def _unconfirmed(
    unconfirmed_qa: pd.DataFrame, unconfirmed_ratings: pd.DataFrame, unconfirmed_changes: pd.DataFrame
) -> list[dict[str, Any]]:
    """Rows that synthesis and enhancement set aside for their answers; a change was set aside at the level it hit."""
    level_of = dict(zip(unconfirmed_ratings["qa_id"], unconfirmed_ratings["measured_difficulty"], strict=True))
    written, changed = rows_of(unconfirmed_qa), rows_of(unconfirmed_changes)
    levels = [*(level_of.get(row["qa_id"]) for row in written), *(row["asked_difficulty"] for row in changed)]
    stages = ["synthesis"] * len(written) + ["enhancement"] * len(changed)
    return [
        _rejected({**row, "measured_difficulty": level}, row["reason"], row["detail"], stage)
        for row, level, stage in zip([*written, *changed], levels, stages, strict=True)
    ]


def _rejected(row: Mapping[str, Any], reason: str, detail: str, stage: str = "evaluation") -> dict[str, Any]:
    found = {**row, "stage": stage, "reason": reason, "detail": detail}
    return {name: found[name] for name in REJECTED_QA.column_names}


def _dataset_visits(dataset: pd.DataFrame, kp_visits: pd.DataFrame) -> npt.NDArray[np.int64]:
    counts = dataset["knowledge_points"].explode().value_counts()
    return np.asarray(counts.reindex(kp_visits["kp"]).fillna(0), np.int64)


def _target_gap(dataset: pd.DataFrame, quotas: pd.DataFrame, difficulty_gap: pd.DataFrame) -> pd.DataFrame:
    """Every cell of the targets, or of the dataset; enhanced disciplines have a difficulty target of their own."""
    cells = zip(dataset["discipline"], dataset["measured_difficulty"].astype(int), strict=True)
    measured = Counter(cells)
    wanted = _wanted_shares(quotas, measured)
    share_of: defaultdict[str, float] = defaultdict(float)
    for (discipline, _), share in wanted.items():
        share_of[discipline] += share
    enhanced = difficulty_gap.groupby("discipline")["wanted"].sum()
    for row in rows_of(difficulty_gap):
        discipline = row["discipline"]
        if enhanced[discipline] and share_of[discipline]:
            share = share_of[discipline] * row["wanted"] / int(enhanced[discipline])
            wanted[(discipline, row["difficulty"])] = share
    return TARGET_GAP.frame(
        {
            "discipline": discipline,
            "difficulty": level,
            "wanted_share": wanted.get((discipline, level), 0.0),
            "measured_share": measured[(discipline, level)] / len(dataset),
            "gap": wanted.get((discipline, level), 0.0) - measured[(discipline, level)] / len(dataset),
        }
        for discipline, level in sorted({*wanted, *measured})
    )


def _wanted_shares(quotas: pd.DataFrame, measured: Counter[tuple[str, int]]) -> dict[tuple[str, int], float]:
    """Target share of every cell; for labels without a target, the mix of the dataset itself stands in."""
    disciplines: Counter[str] = Counter()
    levels: Counter[int] = Counter()
    for (discipline, level), n_rows in measured.items():
        disciplines[discipline] += n_rows
        levels[level] += n_rows
    wanted: dict[tuple[str, int], float] = {}
    for row in rows_of(quotas):
        own_disciplines = disciplines if row["discipline"] is None else {row["discipline"]: measured.total()}
        own_levels = levels if row["difficulty"] is None else {row["difficulty"]: measured.total()}
        for discipline, n_discipline in own_disciplines.items():
            for level, n_level in own_levels.items():
                part = n_discipline * n_level / measured.total() ** 2
                wanted[(discipline, level)] = row["target_share"] * part
    return wanted


def axes_with_target(quotas: pd.DataFrame, difficulty_gap: pd.DataFrame) -> list[str]:
    """Of discipline and difficulty those for which a mix is wanted; for the other the seeds' own mix stands in."""
    has_target = {
        "discipline": bool(quotas["discipline"].notna().any()),
        "difficulty": bool(quotas["difficulty"].notna().any()) or bool(difficulty_gap["wanted"].sum()),
    }
    return [name for name, has in has_target.items() if has]


def _distances(gap: pd.DataFrame, axes: Iterable[str]) -> dict[str, float]:
    """Distance of the measured to the wanted mix, for what has a target."""
    if not gap["wanted_share"].sum():
        return {}
    figures = {}
    for name in axes:
        sums = gap.groupby(name)[["wanted_share", "measured_share"]].sum()
        wanted = {str(key): float(share) for key, share in sums["wanted_share"].items()}
        measured = {str(key): float(share) for key, share in sums["measured_share"].items()}
        figures[f"{name}_total_variation"] = total_variation(wanted, measured)
        figures[f"{name}_jensen_shannon"] = jensen_shannon_distance(wanted, measured)
    return figures


def _diversity(dataset: pd.DataFrame, parameters: EvaluationParameters) -> dict[str, float]:
    texts = [searchable_text(row) for row in rows_of(dataset)]
    words = [tokens(text) for text in texts]
    return {
        "compression_ratio": compression_ratio(texts),
        "self_repetition": self_repetition_fraction(words, _REPETITION_NGRAM),
        "self_repetition_score": self_repetition_score(words, _REPETITION_NGRAM),
        "self_bleu": self_bleu(words, _BLEU_TOKENS, parameters.diversity_sample, parameters.random_seed),
        "distinct_2": distinct_n(words, 2),
    }


def _kept_by_level(dataset: pd.DataFrame, rejected_qa: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Rows kept and dropped of each measured level, with their solve rates: it shows whether easy ones were left."""
    figures: dict[str, dict[str, Any]] = {}
    for level in DIFFICULTY_LEVELS:
        kept, dropped = (frame[frame["measured_difficulty"] == level] for frame in (dataset, rejected_qa))
        n_rows = len(kept) + len(dropped)
        figures[str(level)] = {
            "kept": len(kept),
            "dropped": len(dropped),
            "kept_fraction": len(kept) / n_rows if n_rows else None,
            "solve_rate_kept": _mean(kept["solve_rate"]),
            "solve_rate_dropped": _mean(dropped["solve_rate"]),
        }
    return figures


def _mean(values: "pd.Series[Any]") -> float | None:
    """Mean of the values that are there; None where none is."""
    known = values.dropna()
    return float(known.mean()) if len(known) else None


def _counts(values: "pd.Series[Any]") -> dict[str, int]:
    return {str(key): int(n) for key, n in values.value_counts().sort_index().items()}
