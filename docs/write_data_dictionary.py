"""Writes docs/data_dictionary.md from the declarations in records.py and the catalog.

Run it with `python docs/write_data_dictionary.py` after a change of either;
a test fails when the page and the declarations differ.
"""

from pathlib import Path

import pyarrow as pa
import yaml

from linkqa_kedro.records import TABLES, RecordTable

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "data_dictionary.md"

HEAD = """# Data dictionary

Every dataset of a run and every column of its tables. Written by `docs/write_data_dictionary.py` from
`src/linkqa_kedro/records.py` and `conf/base/catalog_*.yml`; a test holds it against both.

## What you bring

`kedro run --params seeds.path=my_seeds.jsonl` reads JSON Lines, CSV or Parquet; the path is a file, a pattern, or a
folder of such files. One seed as a line of JSON:

```json
{"id": "s1", "question": "What does a catalyst change?", "options": {"A": "the rate", "B": "the equilibrium"},
 "answer": "A", "discipline": "chemistry", "difficulty": 2, "knowledge_points": ["catalyst", "reaction rate"],
 "language": "en", "source": "my_exam", "licence": "CC0-1.0"}
```

| field | needed | meaning |
| --- | --- | --- |
| `id` | yes | text, unique |
| `question` | yes | text |
| `answer` | yes | the letter or letters of the right options; without options, the answer itself |
| `options` | no | object of letter (A-Z) and text, two or more |
| `discipline` | no | a name of `extraction.disciplines`; found by the teacher where it is missing |
| `difficulty` | no | a number 1 to 5, or on its source's scale in `extraction.difficulty_scales`; found likewise |
| `knowledge_points` | no | list of names, the most central first; found likewise |
| `language` | no | `en` or `zh`; told by the script of the question where it is missing |
| `source`, `licence` | no | text; carried through to the dataset |

Other column names are named in `extraction.columns` of `parameters_extraction.yml`. In CSV, `options` and
`knowledge_points` are JSON in a cell; knowledge points may also be parted by `;`, and options be a list of texts.

A row that cannot be used goes to `rejected_seeds` with its reason. `--params benchmarks.path=folder/` names benchmark
questions in the same form (`question`, and where there are `id` and `benchmark`); rows that share a run of tokens with
one of them are dropped.

`data/01_seeds/alias_edits.csv` holds your choices of names, one a row: `alias,canonical`. They win over every
rule; equal names keep a name apart.
"""

OTHER_MEANINGS = {
    "kp_csr": "CSR arrays of the graph: `edges.parquet` (indices, weights), `rows.parquet` (indptr).",
    "kp_graph": "The graph for people, as GraphML for NetworkX and Gephi; strongest edges only above "
    "`graph.networkx_max_edges`.",
    "drawing_figures": "Figures of the drawing itself: draws thrown away, use of seeds.",
    "rating_usage": "What the ratings of synthesised QA cost.",
    "stage_rows": "Rows that each stage read, kept and set aside, and its yield.",
    "dataset_messages": "The dataset as chat: `messages` with `role`, `content`, and `reasoning_content` if any.",
    "dataset_text": "The dataset as plain text, for continual pre-training.",
    "dataset_card": "The card that describes the dataset.",
    "extraction_statistics": "Figures of extraction.",
    "graph_statistics": "Figures of the graph.",
    "sampling_statistics": "Figures of the paths: coverage, distances to targets, association density.",
    "synthesis_statistics": "Figures of synthesis.",
    "enhancement_statistics": "Figures of enhancement.",
    "evaluation_statistics": "Figures of the dataset: distances, novelty, diversity, cost.",
    "discipline_plot": "Picture: disciplines, wanted against measured.",
    "difficulty_plot": "Picture: difficulty, wanted against measured.",
    "coverage_plot": "Picture: coverage against paths drawn.",
    "visits_plot": "Picture: visits against popularity.",
    "stage_rows_plot": "Picture: rows kept and set aside by each stage.",
    "difficulty_matrix_plot": "Picture: asked against measured difficulty.",
    "enhancement_plot": "Picture: measured difficulty of the named disciplines, before and after enhancement.",
}

STAGES = ("extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation")
INPUTS = ("seed_lines", "alias_edits", "benchmark_lines")


def catalog_of(stage: str) -> dict[str, dict[str, str]]:
    """Entries of one stage's catalog, in order."""
    entries = yaml.safe_load((PROJECT / f"conf/base/catalog_{stage}.yml").read_text(encoding="utf-8"))
    return {name: entry for name, entry in entries.items() if not name.startswith("_") and name not in INPUTS}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for stage in STAGES:
        parts.append(f"\n## {stage}\n")
        for name, entry in catalog_of(stage).items():
            parts.append(section(name, entry))
    return "".join(parts)


def section(name: str, entry: dict[str, str]) -> str:
    """One dataset."""
    table = TABLES.get(entry.get("table", ""))
    meaning = OTHER_MEANINGS[name] if table is None else table.meaning
    return f"\n### {name}\n\n{meaning} `{entry['filepath']}`\n" + ("" if table is None else columns(table))


def columns(table: RecordTable) -> str:
    """The columns of a table."""
    rows = "".join(
        f"| `{c.name}` | {type_name(c.type)}{', may be empty' if c.optional else ''} | {c.meaning} |\n"
        for c in table.columns
    )
    key = f"\nOne row for each {', '.join(f'`{name}`' for name in table.key)}.\n" if table.key else ""
    return f"{key}\n| column | type | meaning |\n| --- | --- | --- |\n{rows}"


def type_name(kind: pa.DataType) -> str:
    """The type in plain words."""
    if pa.types.is_list(kind):
        inner = kind.value_type
        return "list of letter and text" if pa.types.is_struct(inner) else f"list of {type_name(inner)}"
    names = {pa.string(): "text", pa.int64(): "integer", pa.float64(): "number", pa.bool_(): "true or false"}
    return names[kind]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
