"""What makes text comparable: tokens, canonical names, duplicates, contamination, copies of seeds."""
