"""`kedro explain`: where one row comes from, and what became of it."""
