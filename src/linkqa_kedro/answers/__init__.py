"""Answers as values: whether two of them say the same, and whether a calculation gives one."""
