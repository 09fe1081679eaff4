"""The dataset card."""

from dataclasses import replace

import pytest
import yaml

from linkqa_kedro.report.card import CardFacts, DataConfig, Figure, MixRow, dataset_card, size_category

FACTS = CardFacts(
    title='LinkQA "demo": small',
    languages=["en", "zh"],
    n_rows=1412,
    configs=[DataConfig("chat", "chat/*.parquet", "messages"), DataConfig("flat", "flat/*.parquet", "columns")],
    teacher="composer-3f2a",
    is_composer=True,
    n_seeds=480,
    figures=[Figure("coverage", "98.7 %", "share of | reachable points")],
    disciplines=[MixRow("maths", 0.3, 0.31)],
    difficulties=[MixRow("1", None, 0.2)],
    rejected={"schema": 2, "near duplicate": 1300, "copy of a seed": 2},
    sample={"question": "What prints\n```\nx\n```?", "answer": "B"},
    seed_licences={("tal", "MIT"): 3, ("own", "CC0-1.0"): 477},
)


def head_of(card: str) -> dict[str, object]:
    _, head, _ = card.split("---\n", 2)
    parsed: dict[str, object] = yaml.safe_load(head)
    return parsed


def test_the_head_is_what_the_hub_reads() -> None:
    assert head_of(dataset_card(FACTS)) == {
        "pretty_name": 'LinkQA "demo": small',
        "language": ["en", "zh"],
        "license": "other",
        "size_categories": ["1K<n<10K"],
        "task_categories": ["question-answering", "text-generation"],
        "tags": ["synthetic", "linksyn", "knowledge-points"],
        "configs": [
            {"config_name": "chat", "default": True, "data_files": [{"split": "train", "path": "chat/*.parquet"}]},
            {"config_name": "flat", "data_files": [{"split": "train", "path": "flat/*.parquet"}]},
        ],
    }


def test_a_licence_that_all_seeds_share_is_named() -> None:
    assert head_of(dataset_card(replace(FACTS, seed_licences={("own", "CC0-1.0"): 4})))["license"] == "cc0-1.0"
    assert head_of(dataset_card(replace(FACTS, seed_licences={("own", "house rules"): 4})))["license"] == "other"


def test_a_norwegian_language_code_stays_a_string() -> None:
    """Bare `no` is false in YAML."""
    assert head_of(dataset_card(replace(FACTS, languages=["no"])))["language"] == ["no"]


def test_the_composer_is_called_what_it_is() -> None:
    card = dataset_card(FACTS)
    assert "not a language model" in card
    assert "joined from the seeds by rule" in " ".join(card.split())
    model = dataset_card(replace(FACTS, is_composer=False, teacher="deepseek-reasoner"))
    assert "not a language model" not in model
    assert "written by `deepseek-reasoner` and not checked by people" in model


def test_rejected_rows_are_listed_most_first() -> None:
    card = dataset_card(FACTS)
    assert "1,304 rows were left out" in card
    assert "| near duplicate | 1,300 |\n| copy of a seed | 2 |\n| schema | 2 |" in card
    assert "No row was left out." in dataset_card(replace(FACTS, rejected={}))


def test_text_cannot_break_tables_or_fences() -> None:
    card = dataset_card(FACTS)
    assert r"share of \| reachable points" in card
    assert "````\nWhat prints\n```\nx\n```?\n````" in card


def test_mixes_show_target_and_realised() -> None:
    card = dataset_card(FACTS)
    assert "| maths | 30.0 % | 31.0 % |" in card
    assert "| 1 | – | 20.0 % |" in card


@pytest.mark.parametrize(
    ("n_rows", "category"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (999_999, "100K<n<1M"), (10**9, "n>1B")],
)
def test_the_size_category_holds_the_number_of_rows(n_rows: int, category: str) -> None:
    assert size_category(n_rows) == category
