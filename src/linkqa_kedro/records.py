"""The shape of every row that crosses a stage boundary, and its check.

Each table is declared once, here: its columns, their types, and what they mean. Datasets write exactly these
columns, catalog validators check them on load and save, and a test holds docs/data_dictionary.md against them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

DIFFICULTY_LEVELS = (1, 2, 3, 4, 5)
LANGUAGES = ("en", "zh")

TEXT = pa.string()
TEXTS = pa.list_(pa.string())
INTEGER = pa.int64()
INTEGERS = pa.list_(pa.int64())
NUMBER = pa.float64()
FLAG = pa.bool_()
OPTIONS = pa.list_(pa.struct([("letter", pa.string()), ("text", pa.string())]))


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column name.
        type: Arrow type it is stored with.
        meaning: What a value says, with unit and range.
        optional: Whether a value may be missing.
    """

    name: str
    type: pa.DataType
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class RecordTable:
    """The declaration of one table.

    Attributes:
        name: Catalog name of the dataset.
        meaning: What one row is.
        columns: Columns in the order they are written.
        key: Columns that together tell rows apart; empty where rows may repeat.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema the table is stored with."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.optional) for c in self.columns])

    @property
    def column_names(self) -> list[str]:
        """Names in storage order."""
        return [column.name for column in self.columns]

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """Data frame with exactly the declared columns, types and order.

        Raises:
            ValueError: If a row lacks a column, has one too many, or holds a value of another type.
        """
        return to_frame(self.arrow(rows))

    def arrow(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """Arrow table of the rows; see `frame`."""
        names = set(self.column_names)
        rows = list(rows)
        for number, row in enumerate(rows):
            if row.keys() != names:
                odd = sorted(names.symmetric_difference(row))
                raise ValueError(f"Row {number} of {self.name} and its declaration differ in {odd}.")
        columns = [pa.array([row[c.name] for row in rows], type=c.type) for c in self.columns]
        return pa.table(columns, schema=self.schema)

    def conform(self, data: pd.DataFrame) -> pa.Table:
        """The frame as an Arrow table of the declared shape.

        Raises:
            ValueError: If columns are missing, or extra, or hold values of another type; names the column.
        """
        missing = [name for name in self.column_names if name not in data.columns]
        extra = [name for name in data.columns if name not in self.column_names]
        if missing or extra:
            raise ValueError(f"{self.name} has missing columns {missing} and unknown columns {extra}.")
        table = pa.table(
            {c.name: pa.array(data[c.name], type=c.type, from_pandas=True) for c in self.columns},
        )
        self.check(table)
        return table.cast(self.schema)

    def check(self, table: pa.Table) -> None:
        """Raise if the rows break the declaration.

        Raises:
            ValueError: If a column is missing or of another type, holds a gap where none may be, or a key occurs
                twice; names the column and an example.
        """
        if table.schema.names != self.column_names:
            odd = sorted(set(table.schema.names) ^ set(self.column_names))
            raise ValueError(f"{self.name} and its declaration differ in the columns {odd}.")
        for column in self.columns:
            found = table.schema.field(column.name).type
            if found != column.type:
                raise ValueError(f"{self.name}.{column.name} holds {found}, not {column.type}.")
            if not column.optional and table.column(column.name).null_count:
                row = table.column(column.name).is_null().to_pylist().index(True)
                raise ValueError(f"{self.name}.{column.name} is empty in row {row}.")
        if self.key:
            keys = table.select(list(self.key)).to_pandas()
            repeated = keys.duplicated()
            if bool(repeated.any()):
                raise ValueError(f"{self.name} holds {keys[repeated].iloc[0].to_dict()} twice.")


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Data frame of an Arrow table; integer columns with gaps stay integers."""
    mapper = {pa.int64(): pd.Int64Dtype()}.get if _has_gaps(table) else None
    frame: pd.DataFrame = table.to_pandas(types_mapper=mapper)
    return frame


def _has_gaps(table: pa.Table) -> bool:
    return any(pa.types.is_integer(field.type) and table.column(field.name).null_count for field in table.schema)


def rows_of(data: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dicts: lists instead of arrays, None instead of NaN."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in data.to_dict(orient="records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


_SEED_ID = Column("seed_id", TEXT, "Identifier of the seed, unique over all seeds.")
_REASON = Column("reason", TEXT, "Why the row was set aside: a short fixed word group that can be counted.")
_DETAIL = Column("detail", TEXT, "What exactly was wrong, with the value.")

SEEDS = RecordTable(
    "seeds",
    "One question-answer record that the user brought, cleaned.",
    (
        _SEED_ID,
        Column("question", TEXT, "Question text, LaTeX as in the source."),
        Column("answer", TEXT, "Option letter or letters where there are options, else free text."),
        Column("options", OPTIONS, "Options in order, each with letter and text; empty for open questions."),
        Column("discipline", TEXT, "Discipline the seed carries, as the taxonomy spells it.", optional=True),
        Column("difficulty", INTEGER, "Level the seed carries, 1 to 5.", optional=True),
        Column("knowledge_points", TEXTS, "Knowledge points the seed carries; empty where it has none."),
        Column("language", TEXT, "`en` or `zh`."),
        Column("source", TEXT, "Collection the seed comes from."),
        Column("licence", TEXT, "Licence tag of the seed."),
    ),
    key=("seed_id",),
)

REJECTED_SEEDS = RecordTable(
    "rejected_seeds",
    "A line of a seed file that is no usable seed.",
    (
        Column("file", TEXT, "File name."),
        Column("line", INTEGER, "Line number in the file, from 1."),
        Column("seed_id", TEXT, "Identifier, where the line has one.", optional=True),
        _REASON,
        _DETAIL,
    ),
)

KP_CANDIDATES = RecordTable(
    "kp_candidates",
    "Corpus-wide vocabulary offered to the teacher for one seed.",
    (
        _SEED_ID,
        Column("candidates", TEXTS, "Candidate knowledge points, best first; may be empty."),
        Column("neighbour_ids", TEXTS, "Nearest seeds with labels of any kind, best first."),
        Column("neighbour_similarities", pa.list_(NUMBER), "Cosine similarity of each neighbour, 0 to 1."),
    ),
    key=("seed_id",),
)

RAW_ANNOTATIONS = RecordTable(
    "raw_annotations",
    "What was found in one seed, before names are made canonical.",
    (
        _SEED_ID,
        Column("knowledge_points", TEXTS, "Knowledge points as named by the seed or the teacher, 1 to 8."),
        Column("discipline", TEXT, "Discipline of the taxonomy."),
        Column("difficulty", INTEGER, "Level, 1 to 5."),
        Column("labelled_by", TEXT, "`seed` where every label was carried, else `teacher`."),
        Column("request_key", TEXT, "Key of the completion that was read.", optional=True),
        Column("model", TEXT, "Model that answered.", optional=True),
    ),
    key=("seed_id",),
)

ANNOTATIONS = RecordTable(
    "annotations",
    "Knowledge points, discipline and difficulty of one seed.",
    (
        _SEED_ID,
        Column("knowledge_points", TEXTS, "Canonical knowledge points, most central first, 1 to 8."),
        *RAW_ANNOTATIONS.columns[2:],
    ),
    key=("seed_id",),
)

REJECTED_ANNOTATIONS = RecordTable(
    "rejected_annotations",
    "A seed that the teacher did not annotate usably.",
    (_SEED_ID, Column("request_key", TEXT, "Key of the last completion asked for."), _REASON, _DETAIL),
    key=("seed_id",),
)

ALIASES = RecordTable(
    "aliases",
    "One merge of a name into its canonical name.",
    (
        Column("alias", TEXT, "Name as it occurred."),
        Column("canonical", TEXT, "Name it became; equal to the alias where a person keeps it apart."),
        Column(
            "rule",
            TEXT,
            "Rule that merged them; `adjudicated` for a teacher's verdict, `edited` for a person's choice.",
        ),
        Column("score", NUMBER, "Likeness of the two as text, 0 to 1; 1 for a person's choice."),
    ),
    key=("alias",),
)

CLOSE_NAMES = RecordTable(
    "close_names",
    "Two canonical names that are spelled much alike, though no rule merges them; the closest first.",
    (
        Column("name", TEXT, "The more frequent name."),
        Column("other", TEXT, "The other name."),
        Column("likeness", NUMBER, "Cosine of their character n-grams, weighted by TF-IDF, 0 to 1."),
        Column(
            "verdict",
            TEXT,
            "`same`: merged. `different`: kept apart by the teacher. `contradicted`: said to be the same, kept apart "
            "because the merge would join names that are told apart. `unanswered`: no usable reply. `not asked`: "
            "`extraction.aliases.adjudicate` is off.",
        ),
        Column(
            "better", TEXT, "Name that the teacher prefers for both; empty unless said to be the same.", optional=True
        ),
        Column("detail", TEXT, "The teacher's reason, or why there is no verdict; may be empty."),
        Column(
            "request_key", TEXT, "Key of the completion that was read; empty where none was asked for.", optional=True
        ),
    ),
    key=("name", "other"),
)

KP_VERTICES = RecordTable(
    "kp_vertices",
    "One knowledge point of the graph.",
    (
        Column("kp_id", INTEGER, "Vertex number, from 0, in the order of the canonical names."),
        Column("kp", TEXT, "Canonical name."),
        Column("popularity", INTEGER, "n(k): number of seeds that hold it."),
        Column("mean_difficulty", NUMBER, "Mean level of those seeds, 1 to 5."),
        Column("degree", INTEGER, "Number of neighbours after pruning."),
        Column("component", INTEGER, "Connected component, 0 is the largest."),
        Column("component_size", INTEGER, "Vertices in that component."),
    ),
    key=("kp_id",),
)

KP_DISCIPLINES = RecordTable(
    "kp_disciplines",
    "Share of a discipline in the seeds of a knowledge point.",
    (
        Column("kp_id", INTEGER, "Vertex number."),
        Column("discipline", TEXT, "Discipline."),
        Column("n_seeds", INTEGER, "Seeds of that discipline that hold the knowledge point."),
        Column("share", NUMBER, "share(d|k): n_seeds over popularity, 0 to 1."),
    ),
    key=("kp_id", "discipline"),
)

KP_EDGES = RecordTable(
    "kp_edges",
    "One edge of the graph, written once.",
    (
        Column("source_id", INTEGER, "Smaller vertex number."),
        Column("target_id", INTEGER, "Larger vertex number."),
        Column("n_seeds", INTEGER, "w(i,j): number of seeds that hold both."),
        Column("association", NUMBER, "a(i,j) under the chosen measure."),
    ),
    key=("source_id", "target_id"),
)

KP_SEED_INDEX = RecordTable(
    "kp_seed_index",
    "Inverted index: one seed of one knowledge point.",
    (
        Column("kp_id", INTEGER, "Vertex number, ascending."),
        Column("seed_number", INTEGER, "Row number of the seed in `annotations`, ascending within a vertex."),
    ),
    key=("kp_id", "seed_number"),
)

PRUNING_REPORT = RecordTable(
    "pruning_report",
    "What one pruning rule removed from the graph.",
    (
        Column("rule", TEXT, "Parameter that names the rule."),
        Column("threshold", NUMBER, "Its value; empty where the rule is off.", optional=True),
        Column("vertices_removed", INTEGER, "Knowledge points removed."),
        Column("edges_removed", INTEGER, "Edges removed."),
        Column("vertices_left", INTEGER, "Knowledge points left."),
        Column("edges_left", INTEGER, "Edges left."),
        Column("isolated_left", INTEGER, "Knowledge points left that have no edge any more, or never had one."),
        Column("examples", TEXTS, "Removed knowledge points or edges, those of most seeds first."),
    ),
    key=("rule",),
)

KP_COMMUNITIES = RecordTable(
    "kp_communities",
    "One group of knowledge points that are linked among themselves more than to others (Louvain).",
    (
        Column("community", INTEGER, "Number, 0 for the largest; the attribute `community` of the GraphML file."),
        Column("size", INTEGER, "Knowledge points, 2 or more."),
        Column("disciplines", TEXTS, "Main disciplines of its knowledge points, the most frequent first."),
        Column("largest_knowledge_points", TEXTS, "Its most popular knowledge points."),
    ),
    key=("community",),
)

QUOTAS = RecordTable(
    "quotas",
    "Paths asked of one (discipline, difficulty) cell.",
    (
        Column("discipline", TEXT, "Discipline of the cell; empty where disciplines have no target.", optional=True),
        Column("difficulty", INTEGER, "Level of the cell, 1 to 5; empty where levels have no target.", optional=True),
        Column("target_share", NUMBER, "Share of the target distribution, 0 to 1."),
        Column("quota", INTEGER, "Paths: the target's by largest remainder, and all corrections."),
        Column("corrections", INTEGERS, "Paths added in each round of `kedro steer`; none in a plain run."),
        Column("n_seeds", INTEGER, "Seeds with the labels of the cell."),
    ),
    key=("discipline", "difficulty"),
)

STEERING_PLAN = RecordTable(
    "steering_plan",
    "Paths that one round of `kedro steer` adds to one cell.",
    (
        Column("steering_round", INTEGER, "Round, from 1."),
        Column("discipline", TEXT, "Discipline of the cell; empty where disciplines have no target.", optional=True),
        Column("difficulty", INTEGER, "Level of the cell; empty where levels have no target.", optional=True),
        Column("paths", INTEGER, "Paths added."),
    ),
    key=("steering_round", "discipline", "difficulty"),
)

PATHS = RecordTable(
    "paths",
    "One self-avoiding walk over knowledge points, with its seeds.",
    (
        Column("path_id", TEXT, "Walk number and digest of points and seeds, in the order of drawing."),
        Column("walk", INTEGER, "Walk number: with round and attempt it keys every random draw."),
        Column("steering_round", INTEGER, "Round of `kedro steer` that asked for it; 0 in a plain run."),
        Column("round", INTEGER, "Round of drawing, from 0."),
        Column("attempt", INTEGER, "Redraw that succeeded, from 0."),
        Column("cell_discipline", TEXT, "Discipline asked for; empty where disciplines have no target.", optional=True),
        Column("cell_difficulty", INTEGER, "Level asked for; empty where levels have no target.", optional=True),
        Column("knowledge_points", TEXTS, "Canonical names along the path."),
        Column("kp_ids", INTEGERS, "Vertex numbers along the path."),
        Column("seed_ids", TEXTS, "Path seeds: distinct, linked, together covering the path."),
        Column("seed_disciplines", TEXTS, "Discipline of each path seed."),
        Column("seed_difficulties", INTEGERS, "Level of each path seed."),
        Column("realised_difficulty", INTEGER, "Rounded mean level of the path seeds."),
        Column("association_density", NUMBER, "Share of seed pairs that share a knowledge point, 0 to 1."),
    ),
    key=("path_id",),
)

QUOTA_SHORTFALLS = RecordTable(
    "quota_shortfalls",
    "A cell that the seeds could not fill.",
    (
        Column("discipline", TEXT, "Discipline of the cell; empty where disciplines have no target.", optional=True),
        Column("difficulty", INTEGER, "Level of the cell; empty where levels have no target.", optional=True),
        Column("quota", INTEGER, "Paths asked."),
        Column("drawn", INTEGER, "Paths drawn."),
        Column("missing", INTEGER, "Paths missing."),
        Column("moved", INTEGER, "Missing paths drawn in other cells by `redistribute`."),
        Column("cause", TEXT, "Why: no seeds, too few seeds, unconnected, no linked seeds, seeds used up."),
    ),
    key=("discipline", "difficulty"),
)

KP_VISITS = RecordTable(
    "kp_visits",
    "How one knowledge point fared in sampling.",
    (
        Column("kp_id", INTEGER, "Vertex number."),
        Column("kp", TEXT, "Canonical name."),
        Column("popularity", INTEGER, "n(k)."),
        Column("target_share", NUMBER, "q(k), 0 to 1; 0 where no path can reach it."),
        Column("visits", INTEGER, "Paths that hold it."),
        Column("reachable", FLAG, "Whether its component is large enough for a path."),
        Column("supported", FLAG, "Whether a path with seeds can hold it in a cell that is asked for paths."),
    ),
    key=("kp_id",),
)

COVERAGE_CURVE = RecordTable(
    "coverage_curve",
    "Coverage after some number of paths.",
    (
        Column("n_paths", INTEGER, "Paths drawn so far."),
        Column("coverage_fraction", NUMBER, "Share of reachable knowledge points visited, 0 to 1."),
    ),
    key=("n_paths",),
)

_QA_COLUMNS = (
    Column("qa_id", TEXT, "Identifier of the row."),
    Column("path_id", TEXT, "Path it was made from."),
    Column("seed_ids", TEXTS, "Seeds it draws on."),
    Column("knowledge_points", TEXTS, "Knowledge points it joins, at least two."),
    Column("question_type", TEXT, "Kind of item, e.g. `matching`."),
    Column("question", TEXT, "Question text without its options."),
    Column("options", OPTIONS, "Options in order; empty for open questions."),
    Column("answer", TEXT, "Option letter or letters, or free text."),
    Column("explanation", TEXT, "Worked solution; may be empty."),
    Column("reasoning", TEXT, "The teacher's reasoning, apart from the answer.", optional=True),
    Column("language", TEXT, "`en` or `zh`."),
    Column("discipline", TEXT, "Most frequent discipline of the seeds."),
    Column("asked_difficulty", INTEGER, "Level that was asked for, 1 to 5."),
    Column("model", TEXT, "Model that wrote it."),
    Column("prompt_version", TEXT, "Content hash of the prompt template."),
    Column("sampling_settings", TEXT, "Temperature, top_p and token limit, as JSON."),
    Column("request_key", TEXT, "Key of the completion it was read from."),
    Column("input_tokens", INTEGER, "Prompt tokens of that completion.", optional=True),
    Column("output_tokens", INTEGER, "Answer tokens of that completion.", optional=True),
    Column("cost_usd", NUMBER, "Its share of that completion's price; empty where unknown.", optional=True),
    Column("proof", TEXT, "The composer's structure for recomputing the answer, as JSON.", optional=True),
    Column("expression", TEXT, "Arithmetic that gives a numeric answer, as its writer put it.", optional=True),
)
_ANSWER_COLUMNS = (
    Column(
        "answer_check",
        TEXT,
        "How the answer was checked: `recomputed` from the seeds' own keys; `solved`: held against blind attempts by "
        "program; `compared`: by a model, where no program can; `arithmetic`: its expression alone; `unchecked`.",
    ),
    Column("solve_attempts", INTEGER, "Blind attempts that gave a usable answer."),
    Column("solve_answers", TEXTS, "What each attempt answered; empty text where it found no answer."),
    Column("solve_rate", NUMBER, "Share of the attempts that give the row's answer, 0 to 1.", optional=True),
    Column(
        "attempts_agreement",
        NUMBER,
        "Share of the attempts that give the most frequent answer, whichever it is, 0 to 1.",
        optional=True,
    ),
    Column("solve_keys", TEXTS, "Key of each attempt's completion."),
    Column("solve_reasoning", TEXT, "Reasoning of the first attempt that gives the row's answer.", optional=True),
    Column("compare_key", TEXT, "Key of the completion that compared the attempts.", optional=True),
    Column("refined_from", TEXT, "Answer before it was refined; empty where it never was.", optional=True),
    Column("refine_key", TEXT, "Key of the completion that refined it.", optional=True),
)

WRITTEN_QA = RecordTable(
    "written_qa",
    "One QA that the teacher spread from a path and its seeds, before its answer was checked.",
    _QA_COLUMNS,
    key=("qa_id",),
)

SOLVED_QA = RecordTable(
    "solved_qa",
    "One written QA with what became of its answer when others tried to find it.",
    (
        *_QA_COLUMNS,
        *_ANSWER_COLUMNS,
        Column(
            "verdict",
            TEXT,
            "`confirmed`; `refuted`: attempts agree on another answer, or its own arithmetic gives another; "
            "`unconfirmed`: too few attempts give it; `unsound`: no attempt finds any; `thin`: its solution says too "
            "little.",
        ),
        Column("verdict_detail", TEXT, "What exactly spoke against it; may be empty."),
    ),
    key=("qa_id",),
)

SYNTHESISED_QA = RecordTable(
    "synthesised_qa",
    "One QA that the teacher spread from a path and its seeds, and whose answer is confirmed.",
    (*_QA_COLUMNS, *_ANSWER_COLUMNS),
    key=("qa_id",),
)

UNCONFIRMED_QA = RecordTable(
    "unconfirmed_qa",
    "A QA that was set aside because its answer was not confirmed.",
    (*_QA_COLUMNS, *_ANSWER_COLUMNS, _REASON, _DETAIL),
    key=("qa_id",),
)

REJECTED_SYNTHESIS = RecordTable(
    "rejected_synthesis",
    "A request, or an item of its answer, from which no QA came.",
    (
        Column("path_id", TEXT, "Path that was asked about."),
        Column("request_key", TEXT, "Key of the last completion asked for."),
        _REASON,
        _DETAIL,
    ),
)

_BLIND_RATING_COLUMNS = (
    Column("rated_difficulty", INTEGER, "Median of the blind ratings, of two middle ones the lower, 1 to 5."),
    Column("ratings", INTEGERS, "Every blind rating, 1 to 5, in the order of asking."),
    Column("rating_spread", INTEGER, "Largest rating minus smallest, 0 to 4."),
    Column("difficulty_axes", TEXT, "The five axes, each the median of the ratings, 1 to 5, as JSON."),
    Column("rating_key", TEXT, "Key of the first rating's completion."),
)
_RATING_COLUMNS = (
    Column("measured_difficulty", INTEGER, "Level measured: the rated one, corrected where the rater is calibrated."),
    *_BLIND_RATING_COLUMNS,
)

RATING_COLUMN_NAMES = tuple(column.name for column in _RATING_COLUMNS)

RATER_CALIBRATION = RecordTable(
    "rater_calibration",
    "One seed with a difficulty label of its own, rated blind.",
    (
        _SEED_ID,
        Column("labelled_difficulty", INTEGER, "Level the seed carries, 1 to 5."),
        *_BLIND_RATING_COLUMNS,
        Column("discipline", TEXT, "Discipline of the seed."),
        Column("language", TEXT, "`en` or `zh`."),
    ),
    key=("seed_id",),
)

REJECTED_CALIBRATION = RecordTable(
    "rejected_calibration",
    "A labelled seed that the teacher did not rate usably.",
    (_SEED_ID, Column("request_key", TEXT, "Key of the last completion asked for."), _REASON, _DETAIL),
    key=("seed_id",),
)

RATED_QA = RecordTable(
    "rated_qa",
    "One synthesised QA with its blind rating.",
    (*_QA_COLUMNS, *_ANSWER_COLUMNS, *_RATING_COLUMNS),
    key=("qa_id",),
)

UNCONFIRMED_RATINGS = RecordTable(
    "unconfirmed_ratings",
    "Blind rating of a QA whose answer was not confirmed: it shows whether checking leaves the easy ones.",
    (Column("qa_id", TEXT, "Identifier of the row."), *_RATING_COLUMNS),
    key=("qa_id",),
)

ENHANCED_QA = RecordTable(
    "enhanced_qa",
    "One QA after enhancement: as synthesised, or changed to the level asked.",
    (
        *_QA_COLUMNS,
        *_ANSWER_COLUMNS,
        *_RATING_COLUMNS,
        Column("origin", TEXT, "`synthesised` or `enhanced`."),
        Column("parent_qa_id", TEXT, "QA it was made from; empty for synthesised rows.", optional=True),
        Column("strategy", TEXT, "How it was changed; empty for synthesised rows.", optional=True),
        Column("n_attempts", INTEGER, "Tries it took; 0 for synthesised rows."),
    ),
    key=("qa_id",),
)

REJECTED_ENHANCEMENT = RecordTable(
    "rejected_enhancement",
    "A QA or a try that enhancement set aside.",
    (
        Column("qa_id", TEXT, "The QA concerned; for a failed try, the QA it started from."),
        Column("attempt", INTEGER, "Number of the try, from 1; 0 where the QA itself was set aside."),
        Column("asked_difficulty", INTEGER, "Level asked for.", optional=True),
        Column("measured_difficulty", INTEGER, "Level measured.", optional=True),
        Column("request_key", TEXT, "Key of the completion concerned."),
        _REASON,
        _DETAIL,
    ),
)

DIFFICULTY_MATRIX = RecordTable(
    "difficulty_matrix",
    "Rows of one asked and one measured level.",
    (
        Column("made_by", TEXT, "`synthesis`, or `enhancement` for tries to change the level."),
        Column("asked_difficulty", INTEGER, "Level asked for."),
        Column("measured_difficulty", INTEGER, "Level measured, blind."),
        Column("n_rows", INTEGER, "Number of rows; of enhancement also tries whose answer was not confirmed after."),
    ),
    key=("made_by", "asked_difficulty", "measured_difficulty"),
)

DIFFICULTY_GAP = RecordTable(
    "difficulty_gap",
    "Measured against wanted rows of one level, within one discipline that enhancement was asked for.",
    (
        Column("discipline", TEXT, "Discipline."),
        Column("difficulty", INTEGER, "Level, 1 to 5."),
        Column("wanted", INTEGER, "Rows wanted, by largest remainder."),
        Column("before", INTEGER, "Rows measured before enhancement."),
        Column("after", INTEGER, "Rows measured after."),
        Column("tries", INTEGER, "Tries of enhancement to reach the level."),
        Column("accepted", INTEGER, "Tries that measured at it."),
        Column(
            "out_of_reach", FLAG, "Whether too few tries came off for the share wanted; docs/steering.md says when."
        ),
    ),
    key=("discipline", "difficulty"),
)

CHECKED_QA = RecordTable(
    "checked_qa",
    "What the checks that look at one row alone found.",
    (
        Column("qa_id", TEXT, "Identifier of the row."),
        Column("reason", TEXT, "First check that failed; empty where none did.", optional=True),
        Column("detail", TEXT, "What exactly was wrong; empty where nothing was.", optional=True),
        Column("novelty", NUMBER, "1 minus the largest share of its n-grams in one seed, 0 to 1."),
        Column("seed_overlap", NUMBER, "Largest n-gram Jaccard with one of its seeds, 0 to 1."),
        Column("seed_rewording", NUMBER, "Largest likeness to the words of one of its seeds, in any order, 0 to 1."),
        Column("short_ngram_hit", FLAG, "Whether a shorter n-gram is shared with a benchmark; reported only."),
    ),
    key=("qa_id",),
)

DATASET = RecordTable(
    "dataset",
    "One row of the finished dataset.",
    (
        *_QA_COLUMNS,
        *_ANSWER_COLUMNS,
        *_RATING_COLUMNS,
        *ENHANCED_QA.columns[-4:],
        Column("novelty", NUMBER, "1 minus the largest share of its n-grams in one seed, 0 to 1."),
        Column("licences", TEXTS, "Licences of its seeds, sorted."),
    ),
    key=("qa_id",),
)

REJECTED_QA = RecordTable(
    "rejected_qa",
    "A QA that was dropped: by cleaning, or because its answer was not confirmed.",
    (
        Column("qa_id", TEXT, "Identifier of the row."),
        Column("path_id", TEXT, "Path it was made from."),
        Column("stage", TEXT, "Stage that dropped it: `synthesis`, `enhancement` or `evaluation`."),
        Column("question_type", TEXT, "Kind of item."),
        Column("question", TEXT, "Question text."),
        Column("answer", TEXT, "Answer."),
        Column("discipline", TEXT, "Most frequent discipline of its seeds."),
        Column("asked_difficulty", INTEGER, "Level that was asked for, 1 to 5."),
        Column("measured_difficulty", INTEGER, "Level measured, 1 to 5; empty where nobody rated it.", optional=True),
        Column("solve_rate", NUMBER, "Share of blind attempts that give its answer, 0 to 1.", optional=True),
        _REASON,
        _DETAIL,
    ),
    key=("qa_id",),
)

TARGET_GAP = RecordTable(
    "target_gap",
    "Wanted against measured share of one (discipline, difficulty) cell of the dataset.",
    (
        Column("discipline", TEXT, "Discipline."),
        Column("difficulty", INTEGER, "Level, 1 to 5."),
        Column("wanted_share", NUMBER, "Share of the target over all cells, 0 to 1."),
        Column("measured_share", NUMBER, "Share of dataset rows, by discipline and measured level."),
        Column("gap", NUMBER, "Wanted minus measured."),
    ),
    key=("discipline", "difficulty"),
)

QUOTA_CORRECTION = RecordTable(
    "quota_correction",
    "What a further round of `kedro steer` would ask of one cell.",
    (
        Column("discipline", TEXT, "Discipline of the cell; empty where disciplines have no target.", optional=True),
        Column("difficulty", INTEGER, "Level of the cell; empty where levels have no target.", optional=True),
        Column("drawn", INTEGER, "Paths drawn for it so far."),
        Column("may_be_asked", FLAG, "Whether more can be drawn: the seeds of the cell are not used up."),
        Column("paths", INTEGER, "Further paths, so that the dataset comes nearest to the mix wanted."),
    ),
    key=("discipline", "difficulty"),
)

TABLES: dict[str, RecordTable] = {
    table.name: table
    for table in (
        SEEDS,
        REJECTED_SEEDS,
        KP_CANDIDATES,
        RAW_ANNOTATIONS,
        REJECTED_ANNOTATIONS,
        ANNOTATIONS,
        ALIASES,
        CLOSE_NAMES,
        KP_VERTICES,
        KP_DISCIPLINES,
        KP_EDGES,
        KP_SEED_INDEX,
        PRUNING_REPORT,
        KP_COMMUNITIES,
        QUOTAS,
        STEERING_PLAN,
        PATHS,
        QUOTA_SHORTFALLS,
        KP_VISITS,
        COVERAGE_CURVE,
        WRITTEN_QA,
        SOLVED_QA,
        SYNTHESISED_QA,
        UNCONFIRMED_QA,
        REJECTED_SYNTHESIS,
        RATER_CALIBRATION,
        REJECTED_CALIBRATION,
        RATED_QA,
        UNCONFIRMED_RATINGS,
        ENHANCED_QA,
        REJECTED_ENHANCEMENT,
        DIFFICULTY_MATRIX,
        DIFFICULTY_GAP,
        CHECKED_QA,
        DATASET,
        REJECTED_QA,
        TARGET_GAP,
        QUOTA_CORRECTION,
    )
}
