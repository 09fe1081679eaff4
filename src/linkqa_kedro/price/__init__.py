"""What a run will cost, before its first call: `kedro price`."""
