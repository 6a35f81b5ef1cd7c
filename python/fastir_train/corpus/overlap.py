"""What the corpus holds, and which functions of the train split are in a held-out split too."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

import llvm_tools
from fastir_train.corpus.manifest import Project
from fastir_train.corpus.store import load_modules
from fastir_train.runtime.files import replacing

TINY = 8
"""Instructions below which functions of unrelated programs are alike by chance."""


def function_hashes(modules: pl.DataFrame, work: Path) -> pl.DataFrame:
    """The structural hash of every function that a project's modules define; kept in ``work``.

    Returns
    -------
    polars.DataFrame
        ``project``, ``module``, ``function``, ``structural_hash``, ``instructions``.
    """
    digest = hashlib.sha256("".join(sorted(modules["module"])).encode()).hexdigest()[:12]
    project = modules["project"][0]
    path = work / "hashes" / f"{project}-{digest}-{llvm_tools.LLVM_VERSION}.parquet"
    if not path.is_file():
        sources = dict(modules.select("module", "content").iter_rows())
        functions = llvm_tools.function_features(sources).frame
        hashes = functions.select(
            pl.lit(project).alias("project"),
            "module",
            "function",
            "structural_hash",
            instructions="TotalInstructionCount",
        )
        with replacing(path) as temporary:
            hashes.write_parquet(temporary)
    return pl.read_parquet(path)


def held_out_hashes(projects: Sequence[Project], work: Path) -> pl.Series:
    """Structural hashes of the functions of the valid and test splits.

    Functions of so few instructions that two can hardly differ are left out: see `TINY`.
    """
    held_out = [project for project in projects if project.split != "train"]
    frames = [function_hashes(modules, work) for modules in load_modules(work, held_out)]
    if not frames:
        return pl.Series("structural_hash", [], dtype=pl.Int64)
    functions = pl.concat(frames).filter(pl.col("instructions") >= TINY)
    return functions["structural_hash"].unique().sort()


def _held_out(known: pl.Series) -> pl.Expr:
    """Which of some functions have one of the hashes ``known`` to be held out."""
    return (pl.col("instructions") >= TINY) & pl.col("structural_hash").is_in(known.implode())


def corpus_stats(projects: Sequence[Project], work: Path) -> pl.DataFrame:
    """A row a project whose modules are there.

    Returns
    -------
    polars.DataFrame
        ``project``, ``split``, ``language``, ``modules``, ``megabytes`` (of bitcode),
        ``functions`` (definitions), ``held_out`` (of them, those whose structural hash a function
        of the valid or test split has too, of `TINY` instructions or more; 0 outside of train).
    """
    known = held_out_hashes(projects, work)
    rows = []
    for modules in load_modules(work, projects):
        project = next(p for p in projects if p.name == modules["project"][0])
        functions = function_hashes(modules, work)
        alike = functions.filter(_held_out(known))
        rows.append(
            {
                "project": project.name,
                "split": project.split,
                "language": project.language,
                "modules": modules.height,
                "megabytes": float(modules["content"].bin.size().sum()) / 1e6,
                "functions": functions.height,
                "held_out": alike.height if project.split == "train" else 0,
            }
        )
    return pl.DataFrame(rows).sort("split", "project")


def without_held_out(labels: pl.DataFrame, projects: Sequence[Project], work: Path) -> pl.DataFrame:
    """Labels but for those of callers that are in the valid or test split too."""
    known = held_out_hashes(projects, work)
    used = set(labels["project"].unique())
    train = [project for project in projects if project.name in used]
    functions = pl.concat([function_hashes(modules, work) for modules in load_modules(work, train)])
    alike = functions.filter(_held_out(known)).select("project", "module", caller="function")
    return labels.join(alike, on=["project", "module", "caller"], how="anti")
