"""Whether the answers of new QA hold: recomputed where that is possible, else solved blind; and mended where not."""
