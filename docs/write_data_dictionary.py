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

`kedro run --params seeds.path=my_seeds.jsonl` reads JSON Lines (`.jsonl`, `.ndjson`), CSV (`.csv`, `.tsv`) or
Parquet. One seed as a line of JSON (one line, shown as three):

```json
{"id": "s1", "question": "What does a catalyst change?", "options": {"A": "the rate", "B": "the equilibrium"},
 "answer": "A", "discipline": "chemistry", "difficulty": 2, "knowledge_points": ["catalyst", "reaction rate"],
 "language": "en", "source": "my_exam", "licence": "CC0-1.0"}
```

The same as CSV; most columns may be missing:

```csv
id,question,options,answer,difficulty,knowledge_points
s1,What does a catalyst change?,"[""the rate"", ""the equilibrium""]",A,2,catalyst; reaction rate
s2,"Who asked ""why"", and when?",,Socrates,3,
```

| field | needed | meaning |
| --- | --- | --- |
| `id` | no | text, unique over all files; `<source>-<digest of its text>` where it is missing |
| `question` | yes | text, at most `extraction.max_question_characters` |
| `answer` | yes | the letter or letters of the right options; without options, the answer itself |
| `options` | no | object of letter (A-Z) and text, or list of texts, two or more; in a CSV cell, the JSON of either |
| `discipline` | no | a name of `extraction.disciplines`; found by the teacher where it is missing |
| `difficulty` | no | a number 1 to 5, or on its source's scale in `extraction.difficulty_scales`; found likewise |
| `knowledge_points` | no | list of names, the most central first; in a cell also parted by `;`; found likewise |
| `language` | no | `en` or `zh`; told by the script of the question where it is missing |
| `source` | no | text, carried through to the dataset; the name of the file, without its ending, where it is missing |
| `licence` | no | text, carried through to the dataset; `unknown` where it is missing |

**Places.** The path is a file, a pattern (`'exams/*.csv'`) or a folder, whose data files are read, and not the
folders in it. It may be any address that [fsspec](https://filesystem-spec.readthedocs.io) knows:
`https://host/my_seeds.jsonl`, `https://host/folder/` where the server lists it, `s3://bucket/*.parquet`. HTTP works
as installed; other protocols say which package they need, and find their keys where that package looks
(`AWS_ACCESS_KEY_ID` …) or in `credentials:` of the entry `seed_lines`, as Kedro has it. JSON Lines and CSV may be
packed (`my_seeds.jsonl.gz`, `.bz2`, `.xz`). Text is UTF-8. Files are read row by row: their size does not matter.

**Other columns, other labels.** Name your columns, and the scale of your labels of difficulty, in
`conf/base/parameters_extraction.yml`, or at the command line:

```yaml
extraction:
  columns: {question: Problem, answer: Solution} # your name of each field; the others stay
  difficulty_scales: # by source
    tal_scq5k_en: {easiest: 0, hardest: 4} # numbers, mapped linearly onto 1 to 5
    my_exam: {labels: {easy: 2, medium: 3, hard: 4, AP: 5}} # words, one by one: "grade 7", "Level 3", 易
```

```sh
kedro run --params "seeds.path=my_exam.csv,extraction.columns.question=Problem,extraction.columns.answer=Solution"
```

**Bad rows.** A row that cannot be used goes to `rejected_seeds` with file, line and reason, and the run goes on: no
question, no answer, an answer that is not among the options, a repeated id, a field that is absurdly long, bytes that
are not UTF-8 (with a guess at what they are), a broken line, a line of more than 10 MB. Only when not one seed is
left does the run stop, with the reasons counted.

**Benchmarks.** `--params benchmarks.path=folder/` names benchmark questions in the same kinds of files and places
(`question`, and where there are `id` and `benchmark`); rows that share a run of tokens with one of them are dropped.

`data/01_seeds/alias_edits.csv` holds your choices of names, one a row: `alias,canonical`. They win over every
rule and every verdict of a teacher; equal names keep a name apart. A row copied from `aliases`, with its `rule` and
`score`, works too; `close_names` lists what is worth a look.
"""

OTHER_MEANINGS = {
    "kp_csr": "CSR arrays of the graph: `edges.parquet` (indices, weights), `rows.parquet` (indptr).",
    "kp_map_plot": "Map of the graph: its most popular knowledge points and their links, coloured by discipline.",
    "kp_graph": "The graph for people, as GraphML for NetworkX and Gephi; above "
    "`graph.networkx_max_edges` the edges of most seeds only.",
    "graph_structure": "Communities and bridges in figures; part of `graph_statistics`.",
    "drawing_figures": "Figures of the drawing itself: draws thrown away, use of seeds.",
    "rater_figures": "How far blind ratings of labelled seeds are from the labels, the correction, and what they cost; "
    "part of `enhancement_statistics`.",
    "annotation_figures": "Figures of the annotations; part of `extraction_statistics`.",
    "adjudication_usage": "What asking about close names cost; part of `extraction_statistics`.",
    "writing_figures": "Figures of writing, before answers are checked; part of `synthesis_statistics`.",
    "solving_usage": "What blind attempts and their comparison cost; part of `synthesis_statistics`.",
    "refining_usage": "What refining answers cost; part of `synthesis_statistics`.",
    "rating_usage": "What the ratings of synthesised QA cost.",
    "stage_rows": "Rows that each stage read, kept and set aside, and its yield.",
    "dataset_messages": "The dataset as chat: `messages` with `role`, `content`, `reasoning_content` if any.",
    "dataset_text": "The dataset as plain text, for continual pre-training.",
    "dataset_card": "The card that describes the dataset.",
    "extraction_statistics": "Figures of extraction.",
    "graph_statistics": "Figures of the graph.",
    "sampling_statistics": "Figures of the paths: coverage, distances to targets, association density.",
    "synthesis_statistics": "Figures of synthesis.",
    "enhancement_statistics": "Figures of enhancement.",
    "steering_statistics": "Distance to the mix wanted, what could not be reached, and what a round would add.",
    "evaluation_statistics": "Figures of the dataset: distances, novelty, diversity, cost.",
    "discipline_plot": "Picture: disciplines, wanted against measured.",
    "difficulty_plot": "Picture: difficulty, wanted against measured.",
    "coverage_plot": "Picture: coverage against paths drawn.",
    "visits_plot": "Picture: visits against popularity.",
    "stage_rows_plot": "Picture: rows kept and set aside by each stage.",
    "difficulty_matrix_plot": "Picture: asked against measured difficulty.",
    "rater_calibration_plot": "Picture: blind ratings of labelled seeds against their labels.",
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
