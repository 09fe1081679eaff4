from io import StringIO

from rich.console import Console

from linkqa_kedro.price.estimate import Interval, RoleEstimate
from linkqa_kedro.price.table import price_table


def shown(*estimates: RoleEstimate, width: int = 80) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(price_table(estimates, ["A note."]))
    return console.export_text()


def estimate(usd: Interval | None, n_observed: int = 0, requests: float = 1000.0) -> RoleEstimate:
    certain = Interval(requests, requests, requests)
    tokens = certain * Interval(250.0, 500.0, 20_000.0)
    return RoleEstimate("synthesis", "synthesise", "r1", 20, certain, tokens, tokens, usd, n_observed)


def test_a_price_stands_with_its_interval_and_what_it_is_known_from() -> None:
    text = shown(estimate(Interval(1.0, 2.0, 80.0), n_observed=20))
    assert "2.00" in text
    assert "1.00–80.00" in text
    assert "20 seen" in text
    assert "500k" in text
    assert "250k–20M" in text
    assert "A note." in text


def test_a_guess_is_called_a_guess_and_an_unknown_price_unknown() -> None:
    text = shown(estimate(None))
    assert "guess" in text
    assert "?" in text


def test_the_total_is_unknown_where_one_price_is() -> None:
    text = shown(estimate(None), estimate(Interval(1.0, 1.0, 1.0)))
    [total] = [line for line in text.splitlines() if "in all" in line]
    assert total.rstrip().endswith("?")


def test_nothing_is_cut_off_at_eighty_columns() -> None:
    assert "…" not in shown(estimate(Interval(1234.5, 22345.6, 812345.6), n_observed=1234, requests=1_000_000))
