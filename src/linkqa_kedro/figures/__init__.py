"""Measures of graphs, paths, mixes and text: one per file, each with its definition, source and bounds."""
