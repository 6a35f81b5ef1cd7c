"""From manifests to a model: the steps of ``make train``, each of which keeps what it did."""

import importlib.metadata
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from fastir_train.benchmark.evaluate import (
    Level,
    evaluate,
    model_configuration,
)
from fastir_train.benchmark.link_model import compare_with_links, predict_linked
from fastir_train.corpus import store as corpus
from fastir_train.corpus.build import Lto, check_counter
from fastir_train.corpus.manifest import LANGUAGES, SPLITS, Language, Project, Split
from fastir_train.corpus.overlap import without_held_out
from fastir_train.label import labels
from fastir_train.label.labels import Rollout, rollout
from fastir_train.label.origin import common_origin, read_origin, write_labels
from fastir_train.learn import baselines, export
from fastir_train.learn import fit as train
from fastir_train.learn.dataset import Dataset, make_dataset
from fastir_train.learn.recipes import SHIPPED
from fastir_train.problem.inlining import INLINING, PHASES, Place
from fastir_train.report.card import CardFacts, write_card
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.models import file_digest, made_model
from fastir_train.runtime.workers import Runner
from llvm_tools import FEATURE_NAMES
from llvm_tools.engine import Phase


@dataclass(frozen=True)
class Workspace:
    """Where everything that is made is kept, and with how many processes it is made."""

    projects: list[Project]
    work: Path
    jobs: int
    console: Console

    def of(self, *splits: Split) -> list[Project]:
        """The projects of the given splits."""
        return [project for project in self.projects if project.split in splits]


def build_corpus(space: Workspace, splits: Sequence[Split], phase: Phase = "compile") -> None:
    """Fetch, build and collect projects: those of the train split are what labels are made of."""
    corpus.build_corpus(space.of(*splits), space.work, space.jobs, space.console, phase)


def label(
    space: Workspace,
    around: Rollout,
    count: int,
    seed: int,
    run: Runner,
    languages: Sequence[Language] = LANGUAGES,
) -> Path:
    """Label the train split around a policy's decisions; returns the Parquet file."""
    projects = [project for project in space.of("train") if project.language in languages]
    modules = corpus.load_corpus(space.work, projects, around.phase)
    decisions = labels.baselines(modules, around, space.work, run, space.console)
    measured = labels.label(
        modules,
        decisions,
        around,
        space.work,
        labels=count,
        seed=seed,
        run=run,
        console=space.console,
    )
    path = around.labels_file(space.work)
    write_labels(measured, path)
    space.console.say(f"{measured.height} rows in {path}")
    return path


def label_files(space: Workspace, level: Level, place: Place = "compile") -> list[Path]:
    """The files of labels of all rounds at a level, all of one origin.

    Raises
    ------
    FastirError
        If there are none, or they were not made by the same features, LLVM and engine.
    """
    folders = [corpus.phase_folder(space.work / "labels", phase) for phase in PHASES[place]]
    paths = [path for folder in folders for path in sorted(folder.glob(f"{level}-*.parquet"))]
    if not paths:
        raise FastirError(f"no labels in {folders[0]}; 'fastir label' makes them")
    common_origin({path: read_origin(path) for path in paths})
    return paths


def load_labels(space: Workspace, level: Level, place: Place = "compile") -> pl.DataFrame:
    """The labels of all rounds at a level; one of each that several rounds measured."""
    every = pl.concat([pl.read_parquet(path) for path in label_files(space, level, place)])
    same = ["project", "module", "kind", "decision", *FEATURE_NAMES]
    return every.unique(same, keep="first", maintain_order=True)


def train_model(
    space: Workspace,
    recipe: train.Recipe,
    level: Level,
    output: Path,
    place: Place = "compile",
) -> CardFacts:
    """Fit, export and check a model; returns what its card will say of it."""
    every = load_labels(space, level, place)
    measured = without_held_out(every, space.projects, space.work)
    alike = every.height - measured.height
    space.console.say(f"{alike} of {every.height} rows left out: their callers are held out too")
    data = make_dataset(measured, recipe.features, recipe.objective)
    held_out = train.cross_validate(data, recipe)
    regressor = train.fit(data, recipe)
    metadata = export.ModelMetadata(
        features=recipe.features,
        threshold=recipe.threshold,
        objective=recipe.objective.title,
        unit=recipe.objective.unit,
        domain=INLINING.domains[level],
        data_hash=data.hash,
        margin=recipe.margin,
        rules=recipe.rules,
        phases=recipe.phases,
    )
    with replacing(output) as temporary:
        export.save(export.to_onnx(regressor, metadata), temporary)
        difference = export.check(temporary, regressor, metadata, data.features)
    space.console.say(f"{output}: {output.stat().st_size} bytes, checked on {len(data.cost)} rows")
    files = label_files(space, level, place)
    command = _command(recipe, level, output, place)
    return _facts(
        space, recipe, command, files, output, metadata, held_out, measured, difference, data
    )


def _facts(
    space: Workspace,
    recipe: train.Recipe,
    command: str,
    files: Sequence[Path],
    output: Path,
    metadata: export.ModelMetadata,
    held_out: train.HeldOutScore,
    measured: pl.DataFrame,
    difference: float,
    data: Dataset,
) -> CardFacts:
    rounds = measured.group_by("rollout", "kind").len().sort("rollout", "kind")
    used = set(np.unique(data.projects))
    names = {split: [project.name for project in space.of(split)] for split in SPLITS}
    names["train"] = [name for name in names["train"] if name in used]
    packages = ["scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy", "polars"]
    settings = asdict(recipe)
    for in_metadata in ("features", "phases", "unasked"):
        del settings[in_metadata]
    for part in ("trees", "inlined_trees", "objective", "margin", "guards"):
        nested = settings.pop(part) or {}
        settings |= {f"{part}: {name}": value for name, value in nested.items()}
    return CardFacts(
        name=output.name,
        bytes=output.stat().st_size,
        sha256=file_digest(output),
        command=command,
        code=_code(),
        labels=[
            (path.name, pl.scan_parquet(path).select(pl.len()).collect().item(), file_digest(path))
            for path in files
        ],
        engine=read_origin(files[0]).engine,
        metadata=metadata.properties(),
        recipe={name: value for name, value in settings.items() if value is not None},
        rows={f"{rollout}, {kind}": count for rollout, kind, count in rounds.iter_rows()},
        projects=names,
        held_out=asdict(held_out),
        versions={name: importlib.metadata.version(name) for name in packages},
        check_rows=len(data.cost),
        check_difference=difference,
    )


def _command(recipe: train.Recipe, level: Level, output: Path, place: Place) -> str:
    """What makes the model again: the command, or the function where the recipe is another."""
    if recipe != SHIPPED.get((level, place)):
        return f"fastir_train.cli.pipeline.train_model, {level}, a recipe of its own"
    named = "" if output == made_model(level, place) else f" --output {output.name}"
    at = "" if place == "compile" else f" --at {place}"
    return f"fastir train --level {level}{at}{named}"


def _code() -> str:
    """Of which Fastir this is, and of which commit where it runs in a checkout."""
    found = f"Fastir {importlib.metadata.version('fastir')}"
    checkout = Path(__file__).parents[3]
    if not (checkout / ".git").exists():
        return found
    git = ["git", "-C", str(checkout)]
    commit = subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False
    )
    # What training itself writes is no other code.
    others = ["diff", "--quiet", "HEAD", "--", ".", ":!models"]
    changed = subprocess.run([*git, *others], check=False).returncode
    if commit.returncode:
        return found
    return f"{found} at commit {commit.stdout.strip()}{'-dirty' if changed else ''}"


def evaluate_model(
    space: Workspace, model: Path, level: Level, split: Split, lto: Lto | None = None
) -> pl.DataFrame:
    """Build and test the split's projects with the model; keeps the scores."""
    if not model.is_file():
        raise FastirError(f"there is no model {model}")
    scores = evaluate(
        space.of(split),
        model_configuration(model, level, lto=lto),
        level,
        space.work,
        space.jobs,
        space.console,
        with_instructions=level in INLINING.timed_levels,
    )
    built = f"{split}-{lto}" if lto else split
    with replacing(space.work / "scores" / f"{model.stem}-{built}.parquet") as temporary:
        scores.write_parquet(temporary)
    return scores


@dataclass(frozen=True)
class Evaluation:
    """A split's projects, built with a model."""

    split: Split
    lto: Lto | None
    scores: pl.DataFrame

    @property
    def title(self) -> str:
        """What was built, for people."""
        how = {None: "", "thin": ", ThinLTO", "full": ", full LTO"}[self.lto]
        return f"{self.split} split{how}"


def evaluations_of(space: Workspace, model: Path, level: Level, split: Split) -> list[Evaluation]:
    """The split's projects, built in each way in which the model decides anything."""
    phases = export.read_phases(model)
    ways: dict[Lto | None, str] = {None: "compile", "thin": "thin-", "full": "full-"}
    return [
        Evaluation(split, lto, evaluate_model(space, model, level, split, lto))
        for lto, prefix in ways.items()
        if any(phase.startswith(prefix) for phase in phases)
    ]


def train_and_evaluate(
    space: Workspace,
    level: Level,
    output: Path,
    splits: list[Split],
    place: Place = "compile",
) -> list[Evaluation]:
    """Train a model as it is shipped, evaluate it on whole projects, write its card beside it."""
    if level in INLINING.timed_levels:
        check_counter(space.of(*splits))
    if (level, place) not in SHIPPED:
        raise FastirError(f"there is no recipe for -{level} at the {place}")
    facts = train_model(space, SHIPPED[level, place], level, output, place)
    evaluations = [
        evaluation for split in splits for evaluation in evaluations_of(space, output, level, split)
    ]
    write_card(
        output.with_suffix(".md"),
        facts,
        level,
        {evaluation.title: evaluation.scores for evaluation in evaluations},
    )
    return evaluations


def train_baselines(space: Workspace, level: Level, folder: Path) -> None:
    """Fit the models that are baselines, on the decisions of the train split, into ``folder``."""
    decisions = load_labels(space, level).unique(["project", "module", "decision"], keep="first")
    ordered = decisions.sort("project", "module", "decision")
    name = level.lower()
    baselines.fit_imitation(ordered, INLINING.domains[level], folder / f"imitation-{name}.onnx")
    baselines.fit_inlineml(ordered, INLINING.domains[level], folder / f"inlineml-{name}.onnx")


def evaluate_all(
    space: Workspace, model: Path, level: Level, split: Split, folder: Path
) -> pl.DataFrame:
    """The split's projects under the model and under every baseline.

    Parameters
    ----------
    folder
        Where the models that are baselines lie.

    Returns
    -------
    polars.DataFrame
        The rows of `fastir_train.benchmark.evaluate.evaluate`, with the column ``policy``.
    """
    projects = space.of(split)
    # Tests were run with the model; other policies are held to their sizes alone.
    untested = [replace(project, test=()) for project in projects]
    tried = [("fastir", model_configuration(model, level), projects)]
    for policy, configuration in baselines.configurations(level, folder).items():
        tried.append((policy, configuration, untested))
    parts = []
    for policy, configuration, chosen in tried:
        scores = evaluate(chosen, configuration, level, space.work, space.jobs, space.console)
        parts.append(scores.with_columns(policy=pl.lit(policy)))
    compared = pl.concat(parts)
    with replacing(space.work / "scores" / f"policies-{level}-{split}.parquet") as temporary:
        compared.write_parquet(temporary)
    return compared


def predict(space: Workspace, model: Path, level: Level, split: Split, run: Runner) -> pl.DataFrame:
    """The split's projects under a model: changes predicted from modules, and those of lld."""
    scores = evaluate_model(space, model, level, split)
    modules = corpus.load_corpus(space.work, space.of(split))
    stock, changed = (
        predict_linked(modules, rollout(level, path), run, space.console) for path in (None, model)
    )
    return compare_with_links(scores, stock, changed)
