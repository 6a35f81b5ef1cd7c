"""The model card: what a model was made from, how it scored, and where it must not be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fastir_train.benchmark.statistics import Summary, by_language, change, working
from fastir_train.problem.figures import SIZES, names
from fastir_train.runtime.files import write_shared
from fastir_train.runtime.markdown import table


@dataclass(frozen=True)
class CardFacts:
    """What the card says beside the evaluations."""

    name: str
    bytes: int
    sha256: str
    command: str
    """What made the file."""
    code: str
    """Of which Fastir, and of which commit where that is known."""
    labels: Sequence[tuple[str, int, str]]
    """Files of labels that it was fitted on: name, rows, SHA-256."""
    engine: str
    """Version of the engine that measured them."""
    metadata: Mapping[str, str]
    recipe: Mapping[str, float | str]
    rows: Mapping[str, int]
    """Labels by kind."""
    projects: Mapping[str, Sequence[str]]
    """Names of projects by split."""
    held_out: Mapping[str, float]
    versions: Mapping[str, str]
    check_rows: int
    check_difference: float


def write_card(
    path: Path, facts: CardFacts, level: str, evaluations: Mapping[str, pl.DataFrame]
) -> None:
    """Write the card as Markdown.

    Parameters
    ----------
    evaluations
        By the name of what was built, what `fastir_train.benchmark.evaluate.evaluate` returned.
    """
    sections = [_evaluation(built, level, e) for built, e in evaluations.items()]
    parts = [_head(facts), *sections, _LIMITS.format(level=level)]
    write_shared(path, "\n\n".join(parts) + "\n")


def _head(facts: CardFacts) -> str:
    hidden = {"fastir.features"}
    metadata = [(key, value) for key, value in facts.metadata.items() if key not in hidden]
    names = facts.metadata["fastir.features"].split(",")
    objective, unit = (facts.metadata[f"fastir.{key}"] for key in ("objective", "unit"))
    return "\n\n".join(
        [
            f"# {facts.name}",
            f"Predicts how {objective} change if a call is inlined (unit: {unit}), and inlines "
            "where that is below the threshold. Gradient-boosted trees.",
            f"Made by `{facts.command}`, {facts.code}, from the labels, with the settings and the "
            "versions below.",
            f"{facts.bytes} bytes, {len(names)} features (listed in the file's metadata). SHA-256 "
            f"`{facts.sha256}`.",
            table(["metadata", "value"], metadata),
            "## Data",
            table(["split", "projects"], [(k, ", ".join(v)) for k, v in facts.projects.items()]),
            f"Labels, measured by version {facts.engine} of the engine:",
            table(["file", "rows", "SHA-256"], list(facts.labels)),
            "Of these were learned from, without what several rounds measured, and without callers "
            "that are in a held-out project, too:",
            table(["labels", "rows"], list(facts.rows.items())),
            "Every project is in one split. `docs/how-it-works.md` explains labels.",
            "## Fit",
            table(["setting", "value"], list(facts.recipe.items())),
            table(["package", "version"], list(facts.versions.items())),
            f"On labels of projects left out in turn ({unit} are means a decision):",
            table(["figure", "value"], [(k, f"{v:.3f}") for k, v in facts.held_out.items()]),
            f"ONNX Runtime and scikit-learn decide alike on all {facts.check_rows} rows; the "
            f"largest difference of (compressed) predictions is {facts.check_difference:.2g}.",
        ]
    )


def _evaluation(built: str, level: str, scores: pl.DataFrame) -> str:
    fine = working(scores)
    figures = names(SIZES)
    if Summary.of(fine, "instructions"):
        figures.append("instructions")
    rows = [
        (row["project"], row["language"], *(change(row, what) for what in figures), row["status"])
        for row in scores.iter_rows(named=True)
    ]
    summary = [_summary(name, part) for name, part in by_language(fine)]
    return "\n\n".join(
        [
            f"## Linked size, {built}",
            f"Against stock clang `-{level}`, built and linked with lld in the same way.",
            table(["project", "language", ".text", *figures[1:], "own tests"], rows),
            table(
                ["", "geomean .text", "geomean loadable", "95 %", "worst", "total loadable"],
                summary,
            ),
            *_instructions(Summary.of(fine, "instructions")),
        ]
    )


def _instructions(executed: Summary) -> list[str]:
    if not executed:
        return []
    return [
        f"Instructions executed by the {executed.scores.height} projects' workloads (callgrind): "
        f"geomean {executed.geomean()}, worst {executed.worst()}."
    ]


def _summary(name: str, scores: pl.DataFrame) -> tuple[str, ...]:
    text, loadable = Summary.of(scores, "text"), Summary.of(scores, "loadable")
    return (
        name,
        text.geomean(),
        loadable.geomean(),
        loadable.interval(),
        loadable.worst(),
        loadable.total(),
    )


_LIMITS = """## Limits

Trained on x86-64 Linux at `-{level}`, position-independent code. It acts on the functions that
its domain names and leaves the others to LLVM. Some programs grow: see the worst above."""
