"""Sampling sets quotas, draws paths, and says of each path and each missing one why."""

from collections import Counter

import pandas as pd
import pytest

from fakes.annotations import annotations_of
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.graph.nodes import build_graph
from linkqa_kedro.pipelines.sampling.nodes import draw_paths, set_quotas
from linkqa_kedro.pipelines.sampling.parameters import Targets
from linkqa_kedro.records import STEERING_PLAN, rows_of

PHYSICS = [
    (["work", "energy", "heat"], "physics", 2),
    (["energy", "heat", "entropy"], "physics", 2),
    (["work", "power", "energy"], "physics", 3),
    (["power", "heat", "work"], "physics", 3),
]
CHEMISTRY = [
    (["acid", "base", "salt"], "chemistry", 2),
    (["base", "salt", "water"], "chemistry", 2),
    (["acid", "water", "salt"], "chemistry", 3),
    (["acid", "base", "water"], "chemistry", 3),
]
SEEDS = PHYSICS + CHEMISTRY
NO_PLAN = STEERING_PLAN.frame(())
NO_TARGETS = {"disciplines": None, "difficulty": None, "joint": None}


def quotas_of(frame: pd.DataFrame) -> dict:
    return {(row["discipline"], row["difficulty"]): row["quota"] for row in rows_of(frame)}


def test_marginals_are_multiplied_into_cells_and_rounded_by_largest_remainder(sample) -> None:
    """10 paths: physics 0.75 and levels 1/2 each give 3.75, 3.75, 1.25, 1.25; the fractions .75 get the units left."""
    targets = {"disciplines": {"physics": 0.75, "chemistry": 0.25}, "difficulty": {2: 0.5, 3: 0.5}, "joint": None}
    sampled = sample(SEEDS, n_paths=10, targets=targets)
    assert quotas_of(sampled.quotas) == {
        ("chemistry", 2): 1,
        ("chemistry", 3): 1,
        ("physics", 2): 4,
        ("physics", 3): 4,
    }


def test_a_joint_table_replaces_the_marginals(sample) -> None:
    joint = {"physics": {2: 0.5, 3: 0.2}, "chemistry": {3: 0.3}}
    targets = {"disciplines": "uniform", "difficulty": "uniform", "joint": joint}
    sampled = sample(SEEDS, n_paths=100, targets=targets)
    assert quotas_of(sampled.quotas) == {("chemistry", 3): 30, ("physics", 2): 50, ("physics", 3): 20}
    assert sampled.statistics["discipline_and_difficulty_total_variation"] == 0


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({"disciplines": {"physics": 0.6, "chemistry": 0.4}, "difficulty": None}, {"physics": 60, "chemistry": 40}),
        ({"disciplines": None, "difficulty": {2: 0.3, 3: 0.7}}, {2: 30, 3: 70}),
    ],
)
def test_a_target_may_be_of_disciplines_or_of_levels_alone(sample, targets: dict, expected: dict) -> None:
    sampled = sample(SEEDS, n_paths=100, targets=targets | {"joint": None})
    assert len(sampled.paths) == 100
    if targets["disciplines"] is None:
        assert sampled.paths["cell_discipline"].isna().all()
        realised = Counter(sampled.paths["realised_difficulty"])
        assert set(sampled.statistics) >= {"difficulty_total_variation"}
        assert "discipline_total_variation" not in sampled.statistics
    else:
        assert sampled.paths["cell_difficulty"].isna().all()
        realised = Counter(row[0] for row in sampled.paths["seed_disciplines"])
        assert "difficulty_total_variation" not in sampled.statistics
    assert realised == expected


def test_without_targets_there_are_no_quotas_and_both_components_are_walked(sample) -> None:
    sampled = sample(SEEDS, n_paths=50, targets=NO_TARGETS)
    assert len(sampled.quotas) == 0
    assert len(sampled.paths) == 50
    assert {row[0] for row in sampled.paths["seed_disciplines"]} == {"physics", "chemistry"}
    assert "discipline_total_variation" not in sampled.statistics


def test_quotas_count_the_seeds_that_each_cell_has(parameters) -> None:
    targets = Targets(disciplines={"physics": 1.0}, difficulty=None, joint=None)
    sampling = parameters["sampling"].model_copy(update={"targets": targets})
    quotas = set_quotas(annotations_of(SEEDS), NO_PLAN, sampling, parameters["steering"])
    assert rows_of(quotas) == [
        {
            "discipline": "physics",
            "difficulty": None,
            "target_share": 1.0,
            "quota": 600,
            "corrections": [],
            "n_seeds": 4,
        }
    ]


@pytest.mark.parametrize(
    ("seeds", "cause"),
    [
        ([], "no seeds"),
        ([(["ohm", "volt", "ampere"], "electronics", 2)], "too few seeds"),
        ([(["ohm"], "electronics", 2), (["volt"], "electronics", 2)], "unconnected"),
        ([(["ohm", "volt"], "electronics", 2), (["watt", "joule"], "electronics", 2)], "unconnected"),
        ([(["ohm", "volt"], "electronics", 2)] * 4, "unconnected"),
    ],
    ids=["none", "one", "no edge", "edges apart", "a single edge"],
)
def test_a_cell_that_seeds_cannot_fill_is_a_shortfall_with_its_cause(sample, seeds: list, cause: str) -> None:
    targets = {"disciplines": {"physics": 0.5, "electronics": 0.5}, "difficulty": {2: 1.0}, "joint": None}
    sampled = sample(SEEDS + seeds, n_paths=20, targets=targets)
    (shortfall,) = rows_of(sampled.shortfalls)
    assert (shortfall["discipline"], shortfall["difficulty"]) == ("electronics", 2)
    assert (shortfall["quota"], shortfall["drawn"], shortfall["missing"], shortfall["moved"]) == (10, 0, 10, 0)
    assert shortfall["cause"] == cause
    assert sampled.statistics["paths"] == 10
    assert sampled.statistics["paths_missing"] == 10
    assert sampled.statistics["discipline_and_difficulty_total_variation"] == 0, "over the supported cells"


@pytest.mark.parametrize(
    ("redistribute", "drawn"),
    [
        ("none", {("physics", 2): 8, ("chemistry", 2): 8, ("chemistry", 3): 8}),
        ("same_discipline", {("physics", 2): 16, ("chemistry", 2): 8, ("chemistry", 3): 8}),
        ("proportional", {("physics", 2): 10, ("chemistry", 2): 11, ("chemistry", 3): 11}),
    ],
)
def test_missing_paths_are_drawn_elsewhere_as_the_user_chose(sample, redistribute: str, drawn: dict) -> None:
    """Physics has no seeds of level 3: 8 paths are missing there."""
    targets = {"disciplines": {"physics": 0.5, "chemistry": 0.5}, "difficulty": {2: 0.5, 3: 0.5}, "joint": None}
    sampled = sample(PHYSICS[:2] + CHEMISTRY, n_paths=32, targets=targets, redistribute=redistribute)
    cells = Counter(zip(sampled.paths["cell_discipline"], sampled.paths["cell_difficulty"], strict=True))
    assert cells == drawn
    (shortfall,) = rows_of(sampled.shortfalls)
    assert (shortfall["discipline"], shortfall["difficulty"], shortfall["missing"]) == ("physics", 3, 8)
    assert shortfall["moved"] == (0 if redistribute == "none" else 8)


def test_seeds_that_are_used_up_close_their_cell_and_are_never_used_more_often(sample) -> None:
    """Four seeds a discipline and two a path at the least: with three uses each there are six paths at the most."""
    sampled = sample(SEEDS, n_paths=100, targets=NO_TARGETS, max_paths_per_seed=3)
    uses = Counter(seed for row in sampled.paths["seed_ids"] for seed in row)
    assert max(uses.values()) == sampled.statistics["seed_use_max"] == 3
    assert 6 <= len(sampled.paths) <= 12
    assert rows_of(sampled.shortfalls)[0]["cause"] == "seeds used up"


def test_no_path_at_all_is_one_message_with_the_causes(sample) -> None:
    with pytest.raises(UserError, match=r"Not one path could be drawn from 2 seeds \(cells: 1 unconnected\)"):
        sample([(["a", "b"], "physics", 2), (["c", "d"], "physics", 2)], targets=NO_TARGETS)


def test_a_graph_of_other_annotations_is_refused(parameters) -> None:
    vertices, disciplines, _, index, _, csr = build_graph(annotations_of(SEEDS), parameters["graph"])[:6]
    others = (
        SEEDS[:-1],
        [*SEEDS[:-1], (["acid"], "chemistry", 3)],
        [*SEEDS[:-1], (SEEDS[-1][0], "physics", 3)],
        [*SEEDS[:-1], (SEEDS[-1][0], "chemistry", 4)],
    )
    for other in map(annotations_of, others):
        quotas = set_quotas(other, NO_PLAN, parameters["sampling"], parameters["steering"])
        with pytest.raises(UserError, match="built from other annotations"):
            draw_paths(csr, vertices, disciplines, index, other, quotas, parameters["sampling"])


def test_the_figures_are_those_of_a_recount(sample) -> None:
    sampled = sample(SEEDS, n_paths=40, targets=NO_TARGETS)
    points = [point for row in sampled.paths["knowledge_points"] for point in row]
    visits = dict(zip(sampled.visits["kp"], sampled.visits["visits"], strict=True))
    uses = Counter(seed for row in sampled.paths["seed_ids"] for seed in row)
    assert Counter(points) == Counter({kp: n for kp, n in visits.items() if n})
    assert sampled.statistics["seed_use_max"] == max(uses.values())
    assert sampled.statistics["seeds_used"] == len(uses)
    assert sampled.statistics["path_length_mean"] == pytest.approx(len(points) / 40)
    assert sampled.statistics["seeds_per_path_mean"] == pytest.approx(uses.total() / 40)
    assert sampled.statistics["coverage"] == len(set(points)) / 9
    assert sampled.statistics["association_density"] == pytest.approx(sampled.paths["association_density"].mean())
    assert sampled.curve["coverage_fraction"].iloc[-1] == sampled.statistics["coverage"]


def test_points_that_no_cell_has_seeds_for_are_reachable_but_not_supported(sample) -> None:
    """One electronics seed makes a component of three points, and no path: that takes two seeds."""
    targets = {"disciplines": {"physics": 0.5, "electronics": 0.5}, "difficulty": None, "joint": None}
    sampled = sample([*SEEDS, (["ohm", "volt", "ampere"], "electronics", 2)], n_paths=40, targets=targets)
    assert set(sampled.visits["kp"][sampled.visits["supported"]]) == {"work", "energy", "heat", "entropy", "power"}
    assert sampled.statistics["knowledge_points_reachable"] == 12
    assert (sampled.statistics["knowledge_points_supported"], sampled.statistics["coverage_of_supported"]) == (5, 1.0)
    assert sampled.statistics["coverage"] == 5 / 12


def test_equal_parameters_give_equal_paths_and_another_random_seed_others(sample) -> None:
    first, again = (sample(SEEDS, n_paths=40).paths for _ in range(2))
    other = sample(SEEDS, n_paths=40, random_seed=7).paths
    pd.testing.assert_frame_equal(first, again)
    assert list(first["path_id"]) != list(other["path_id"])


BOTH = {"disciplines": {"physics": 0.5, "chemistry": 0.5}, "difficulty": None, "joint": None}


def test_rounds_of_steering_add_paths_to_their_cells_and_keep_those_before(sample) -> None:
    plain = sample(SEEDS, n_paths=10, targets=BOTH)
    steered = sample(
        SEEDS, [{("physics", None): 3}, {("physics", None): 1, ("chemistry", None): 2}], n_paths=10, targets=BOTH
    )
    assert quotas_of(steered.quotas) == {("chemistry", None): 7, ("physics", None): 9}
    assert [row["corrections"] for row in rows_of(steered.quotas)] == [[0, 2], [3, 1]]
    pd.testing.assert_frame_equal(steered.paths.head(10), plain.paths)
    assert steered.paths["steering_round"].tolist() == [0] * 10 + [1] * 3 + [2] * 3
    assert steered.paths["cell_discipline"].tolist()[10:13] == ["physics"] * 3
    assert steered.statistics["paths_missing"] == 0


def test_a_plain_run_leaves_the_steering_plan_alone(parameters: dict) -> None:
    plan = STEERING_PLAN.frame([{"steering_round": 1, "discipline": "law", "difficulty": 1, "paths": 5}])
    sampling = parameters["sampling"].model_copy(update={"targets": Targets.model_validate(BOTH)})
    quotas = set_quotas(annotations_of(SEEDS), plan, sampling, parameters["steering"])
    assert quotas["quota"].sum() == sampling.n_paths
    assert [row["corrections"] for row in rows_of(quotas)] == [[], []]


@pytest.mark.parametrize(
    ("cell", "n_rounds", "said"),
    [(("physics", None), 2, "made for 1 rounds"), (("law", 1), 1, "made for other targets")],
)
def test_a_plan_that_does_not_fit_is_refused(parameters: dict, cell: tuple, n_rounds: int, said: str) -> None:
    plan = STEERING_PLAN.frame([{"steering_round": 1, "discipline": cell[0], "difficulty": cell[1], "paths": 5}])
    sampling = parameters["sampling"].model_copy(update={"targets": Targets.model_validate(BOTH)})
    steering = parameters["steering"].model_copy(update={"round": n_rounds})
    with pytest.raises(
        UserError, match=f"steering.round is {n_rounds}, and the steering plan there now was {said}.*steer"
    ):
        set_quotas(annotations_of(SEEDS), plan, sampling, steering)
