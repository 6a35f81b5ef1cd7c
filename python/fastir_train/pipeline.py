"""From manifests to a model: the steps of ``make train``, each of which keeps what it did."""

import importlib.metadata
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fastir_train import corpus, export, labels, train
from fastir_train.card import CardFacts, write_card
from fastir_train.console import Console
from fastir_train.dataset import Dataset, make_dataset
from fastir_train.errors import FastirError
from fastir_train.evaluate import evaluate, model_configuration
from fastir_train.files import replacing
from fastir_train.labels import Rollout
from fastir_train.manifest import SPLITS, Project, Split
from llvm_tools import FEATURE_NAMES

ROLLOUT = Rollout("llvm", "llvm")


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


def build_corpus(space: Workspace) -> None:
    """Fetch, build and collect the projects that labels are made of."""
    corpus.build_corpus(space.of("train"), space.work, space.jobs, space.console)


def label(space: Workspace, seconds: float, seed: int) -> Path:
    """Label the train split; returns the Parquet file."""
    modules = corpus.load_corpus(space.work, space.of("train"))
    decisions = labels.baselines(modules, ROLLOUT, space.work, space.jobs, space.console)
    measured = labels.label(
        modules,
        decisions,
        ROLLOUT,
        space.work,
        seconds=seconds,
        seed=seed,
        jobs=space.jobs,
        console=space.console,
    )
    path = labels_path(space.work)
    with replacing(path) as temporary:
        measured.write_parquet(temporary)
    space.console.say(f"{measured.height} labels in {path}")
    return path


def labels_path(work: Path) -> Path:
    """Where `label` leaves its labels."""
    return work / "labels.parquet"


def train_model(space: Workspace, recipe: train.Recipe, output: Path) -> CardFacts:
    """Fit, export and check a model; returns what its card will say of it."""
    path = labels_path(space.work)
    if not path.is_file():
        raise FastirError(f"no labels in {path}; 'fastir label' makes them")
    measured = pl.read_parquet(path)
    data = make_dataset(measured, recipe.text_share)
    held_out = train.cross_validate(data, recipe)
    regressor = train.fit(data, recipe)
    metadata = export.ModelMetadata(
        features=FEATURE_NAMES,
        threshold=recipe.threshold,
        objective=f"loadable bytes, {recipe.text_share:.0%} of the weight on code alone",
        unit="bytes",
        domain="minsize",
        data_hash=data.hash,
    )
    with replacing(output) as temporary:
        export.save(export.to_onnx(regressor, metadata), temporary)
        difference = export.check(temporary, regressor, recipe.threshold, data.features)
    space.console.say(f"{output}: {output.stat().st_size} bytes, checked on {len(data.cost)} rows")
    return _facts(space, recipe, output, metadata, held_out, measured, difference, data)


def _facts(
    space: Workspace,
    recipe: train.Recipe,
    output: Path,
    metadata: export.ModelMetadata,
    held_out: train.HeldOutScore,
    measured: pl.DataFrame,
    difference: float,
    data: Dataset,
) -> CardFacts:
    kinds = measured.group_by("kind").len().sort("kind")
    used = set(np.unique(data.projects))
    names = {split: [project.name for project in space.of(split)] for split in SPLITS}
    names["train"] = [name for name in names["train"] if name in used]
    packages = ["scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy", "polars"]
    return CardFacts(
        name=output.name,
        bytes=output.stat().st_size,
        metadata=metadata.properties(),
        recipe=asdict(recipe),
        rows=dict(kinds.iter_rows()),
        projects=names,
        held_out=asdict(held_out),
        versions={name: importlib.metadata.version(name) for name in packages},
        check_rows=measured.height,
        check_difference=difference,
    )


def evaluate_model(space: Workspace, model: Path, split: Split) -> pl.DataFrame:
    """Build and test the split's projects with the model; keeps the scores."""
    if not model.is_file():
        raise FastirError(f"there is no model {model}")
    scores = evaluate(
        space.of(split), model_configuration(model), space.work, space.jobs, space.console
    )
    with replacing(space.work / "scores" / f"{model.stem}-{split}.parquet") as temporary:
        scores.write_parquet(temporary)
    return scores


def train_and_evaluate(
    space: Workspace, recipe: train.Recipe, output: Path, splits: list[Split]
) -> dict[Split, pl.DataFrame]:
    """Train a model, evaluate it on whole projects, and write its card beside it."""
    facts = train_model(space, recipe, output)
    evaluations: dict[Split, pl.DataFrame] = {
        split: evaluate_model(space, output, split) for split in splits
    }
    write_card(output.with_suffix(".md"), facts, evaluations)
    return evaluations
