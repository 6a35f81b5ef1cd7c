"""Labels of different features, LLVMs or engines: none gets among the others."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl
import pytest

import llvm_tools
from fastir_train.cli.pipeline import Workspace, label_files
from fastir_train.label.labels import Rollout, baselines, label
from fastir_train.label.origin import ENGINE_VERSION, Origin, present_origin, write_labels
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.workers import local_runner
from llvm_tools.engine import Level

# Two calls of one function, which LLVM inlines nowhere, and one of another, which it inlines.
PROBE = """
target triple = "x86_64-pc-linux-gnu"
declare void @use(i32)
define internal i32 @wide(i32 %x) minsize optsize nounwind {
  call void @use(i32 %x)
  %y = mul i32 %x, 12345
  call void @use(i32 %y)
  %z = sdiv i32 %y, 77
  call void @use(i32 %z)
  ret i32 %z
}
define internal i32 @small(i32 %x) minsize optsize nounwind {
  %y = add i32 %x, 1
  ret i32 %y
}
define i32 @f(i32 %x) minsize optsize nounwind {
  %a = call i32 @wide(i32 %x)
  %b = call i32 @wide(i32 %a)
  %c = call i32 @small(i32 %b)
  ret i32 %c
}
"""
# Digests of what is measured of the probe, by origin. That the measurements are right is for
# test_labels.py; here they are to be the same as long as the origin is.
MEASURED = {"31868e0e-22.1.8-1": "3fafe3c75c76e20f"}


def _label(work: Path) -> pl.DataFrame:
    modules = pl.DataFrame({"project": "p", "module": "m", "content": [PROBE.encode()]})
    around, run, console = Rollout("probe", "llvm", "Oz"), local_runner(1), Console()
    decisions = baselines(modules, around, work, run, console)
    return label(modules, decisions, around, work, labels=10, seed=1, run=run, console=console)


def test_what_is_measured_changes_with_the_origin_only(tmp_path: Path) -> None:
    site = ["kind", "decision"]
    values = _label(tmp_path).sort(site)
    table = values.select(*site, "delta_text", "delta_loadable", *llvm_tools.FEATURE_NAMES)
    digest = hashlib.sha256(table.write_csv().encode()).hexdigest()[:16]
    measured = {present_origin().key(): digest}
    # A new feature makes another origin by itself.
    assert measured == MEASURED, "if only the digest is new, raise ENGINE_VERSION; record this"


def _written(path: Path, **changed: str) -> Path:
    """A file of labels whose origin differs from the present one as given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    origin = json.dumps(asdict(replace(present_origin(), **changed)))
    pl.DataFrame({"project": ["p"]}).write_parquet(path, metadata={"fastir": origin})
    return path


def _refused(space: Workspace, level: Level) -> str:
    with pytest.raises(FastirError) as refusal:
        label_files(space, level)
    message = str(refusal.value)
    assert "\n" not in message
    return message


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace([], tmp_path, 1, Console())


@pytest.mark.parametrize("what", ["features", "llvm", "engine"])
def test_a_mixture_is_refused_by_name(space: Workspace, what: str) -> None:
    _written(space.work / "labels" / "Oz-a.parquet")
    odd = _written(space.work / "labels" / "Oz-b.parquet", **{what: "0"})
    expected = getattr(present_origin(), what)
    assert f"{odd} was measured with {what} 0 instead of {expected}" in _refused(space, "Oz")
    odd.unlink()
    assert [path.name for path in label_files(space, "Oz")] == ["Oz-a.parquet"]


def test_labels_of_one_older_engine_are_of_use_alone(space: Workspace) -> None:
    paths = [_written(space.work / "labels" / f"Oz-{name}.parquet", engine="0") for name in "ab"]
    assert label_files(space, "Oz") == paths
    for path in paths:
        _written(path, llvm="21.1.0")
    assert "llvm 21.1.0 instead of" in _refused(space, "Oz")


def test_labels_that_do_not_say_what_made_them_are_refused(space: Workspace) -> None:
    path = space.work / "labels" / "Oz-a.parquet"
    path.parent.mkdir()
    pl.DataFrame({"project": ["p"]}).write_parquet(path)
    assert f"{path} does not say what measured it" in _refused(space, "Oz")
    path.write_text("no Parquet")
    assert f"cannot read labels {path}" in _refused(space, "Oz")


def test_measurements_of_an_interrupted_run_are_kept_by_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _label(tmp_path)
    other = Origin("f", "0", "0")
    monkeypatch.setattr("fastir_train.label.labels.present_origin", lambda: other)
    _label(tmp_path)
    assert len(list((tmp_path / "labels").glob("*/p-*"))) == 2


def test_what_is_written_names_its_origin(space: Workspace) -> None:
    path = space.work / "labels" / "Oz-a.parquet"
    write_labels(pl.DataFrame({"project": ["p"]}), path)
    origin = json.loads(pl.read_parquet_metadata(path)["fastir"])
    assert origin["llvm"] == llvm_tools.LLVM_VERSION
    assert origin["engine"] == str(ENGINE_VERSION)
