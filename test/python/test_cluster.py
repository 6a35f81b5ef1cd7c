"""Tasks and labels on a Ray cluster of two local nodes, one of which is killed midway."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import ray
from ray.cluster_utils import Cluster

from fastir_train.label.labels import Rollout, baselines, label
from fastir_train.runtime.cluster import ray_runner
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.workers import local_runner

ROLLOUT = Rollout("test", "llvm", "Oz")
SOURCE = """
extern int a, b, c;
static int callee%d(int x) { a = x; b = x * 3; c = x ^ b; return x / %d; }
int caller%d(int x) { return callee%d(x) + callee%d(x + 1); }
"""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def _modules(folder: Path, count: int) -> pl.DataFrame:
    contents = []
    for n in range(1, count + 1):
        (folder / "m.c").write_text(SOURCE % (n, n, n, n, n))
        command = ["clang-22", "-Oz", "-fPIC", "-Xclang", "-disable-llvm-passes", "-emit-llvm"]
        output = folder / "m.bc"
        subprocess.run([*command, "-c", str(folder / "m.c"), "-o", str(output)], check=True)
        contents.append(output.read_bytes())
    names = [f"m{n}" for n in range(1, count + 1)]
    return pl.DataFrame({"project": "p", "module": names, "content": contents})


def test_a_node_that_dies_costs_no_task_and_doubles_none(cluster: Cluster) -> None:
    # A closure travels by value: Ray's processes cannot import this file.
    def slow_square(number: int) -> int:
        time.sleep(0.3)
        if number < 0:
            raise ValueError("negative")
        return number * number

    second = cluster.add_node(num_cpus=2)
    run = ray_runner(str(cluster.address))
    numbers = [*range(20), -1]
    outcomes = []
    for outcome in run(slow_square, numbers):
        outcomes.append(outcome)
        if len(outcomes) == 4:
            cluster.remove_node(second, allow_graceful=False)
    assert sorted(outcome.task for outcome in outcomes) == sorted(numbers)
    results = {outcome.task: outcome.result for outcome in outcomes if outcome.failure is None}
    assert results == {number: number * number for number in range(20)}
    assert [o.failure for o in outcomes if o.task == -1] == ["ValueError: negative"]


def test_labels_are_those_of_one_machine_though_a_node_dies(
    cluster: Cluster, tmp_path: Path
) -> None:
    modules = _modules(tmp_path, 8)
    second = cluster.add_node(num_cpus=2)
    spread = ray_runner(str(cluster.address))

    def dying(function, tasks):
        for position, outcome in enumerate(spread(function, tasks)):
            if position == 1 and second in cluster.list_all_nodes():
                cluster.remove_node(second, allow_graceful=False)
            yield outcome

    found = []
    for name, run in (("ray", dying), ("local", local_runner(2))):
        work = tmp_path / name
        decisions = baselines(modules, ROLLOUT, work, run, Console())
        options = {"labels": 100, "seed": 1, "run": run, "console": Console()}
        found.append(label(modules, decisions, ROLLOUT, work, **options))
    assert found[0].equals(found[1])
    assert set(found[0]["module"]) == set(modules["module"])
    assert found[0].filter(kind="single").select("module", "decision").is_unique().all()


def test_a_cluster_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(FastirError, match="cannot reach a Ray cluster at 'localhost:1'"):
        ray_runner("localhost:1")


def test_ray_is_not_imported_unless_it_is_asked_for() -> None:
    code = "from fastir_train.cli import main, pipeline; import sys; sys.exit('ray' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
