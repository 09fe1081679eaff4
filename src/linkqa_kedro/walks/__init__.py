"""Walks over the knowledge graph: arrays in, arrays out."""
