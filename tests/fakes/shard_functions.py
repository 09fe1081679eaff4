"""Functions over shards, importable by name as worker processes need them."""

from pathlib import Path

import pandas as pd


def upper(shard: pd.DataFrame, *, suffix: str, log: str) -> pd.DataFrame:
    """Upper-case aliases; leaves a mark in `log` for every shard computed."""
    with Path(log).open("a", encoding="utf-8") as stream:
        stream.write(f"{shard['alias'].iloc[0]}\n")
    return shard.assign(alias=shard["alias"].str.upper() + suffix)


def wrong_shape(shard: pd.DataFrame) -> pd.DataFrame:
    """Forget a column."""
    return shard[["alias"]]
