"""What several tests need: real modules, stock tools, small IR."""

import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from planted import PROGRAM
from running import MARK, Running

from fastir_train.corpus import collect
from fastir_train.corpus.build import Configuration, build
from fastir_train.corpus.manifest import load_project
from fastir_train.learn.export import OPSETS, ModelMetadata
from fastir_train.runtime.toolchain import plugin_path

ROOT = Path(__file__).parents[2]
LEVELS = ("O1", "O2", "O3", "Os", "Oz")

# Real code for the oracles: C, C++ with the STL and exceptions.
REAL_PROJECTS = ("lua", "jsoncpp", "cmark")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FASTIR_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "main.c").write_text(PROGRAM)
    (folder / "Makefile").write_text("program: main.c\n\t$(CC) -O2 main.c -o program\n")
    return folder


@pytest.fixture(scope="session")
def real_modules() -> dict[str, list[Path]]:
    """Modules of real projects before optimisation, compiled for each level."""
    work = ROOT / ".cache"
    modules: dict[str, list[Path]] = {}
    for level in LEVELS:
        for name in REAL_PROJECTS:
            directory = work / "test-modules" / level / name
            if not (directory / "complete").is_file():
                _collect(name, level, directory, work)
            names = collect.read_collected(directory)["module"]
            modules.setdefault(level, []).extend(directory / f"{name}.bc" for name in names)
    return modules


def _collect(name: str, level: str, directory: Path, work: Path) -> None:
    project = load_project(ROOT / "corpus" / f"{name}.toml")
    configuration = Configuration(
        f"modules-{level}", (f"-{level}",), collect.environment(directory)
    )
    build(project, configuration, work, jobs=2)
    (directory / "complete").touch()


def in_parallel(function: Callable[[Path], str | None], paths: Sequence[Path]) -> list[str]:
    """What ``function`` complains of, over all paths; processes do the work, threads wait."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [complaint for complaint in pool.map(function, paths) if complaint]


def run_opt(*arguments: str | Path, plugin: bool = True) -> subprocess.CompletedProcess[str]:
    """Run stock opt, with or without the plugin."""
    load = [f"-load-pass-plugin={plugin_path()}"] if plugin else []
    command = ["opt-22", *load, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_linear_model(
    path: Path, weights: Mapping[str, float], *, bias: float = 0, domain: str = "minsize"
) -> Path:
    """Write a model that predicts a weighted sum of features and a bias, bytes."""
    columns = len(weights)
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [columns, 1], list(weights.values()))
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["sum"]),
            helper.make_node("Add", ["sum", "b"], ["y"]),
        ],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, columns])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])],
        [tensor, helper.make_tensor("b", TensorProto.FLOAT, [1], [bias])],
    )
    opsets = [helper.make_opsetid("", OPSETS[""])]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    metadata = ModelMetadata(tuple(weights), 0.0, "test", "bytes", domain, "0" * 64)
    helper.set_model_props(model, metadata.properties())
    onnx.save(model, path)
    return path


# Tests may be run under nohup, or in the background: what they start must not be.
HEEDS_SIGNALS = ("env", "--default-signal=INT,HUP")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*command: str) -> Running:
        mark, errors = uuid.uuid4().hex, tmp_path / f"errors{len(started)}"
        with errors.open("w") as stream:
            process = subprocess.Popen(
                [*HEEDS_SIGNALS, *command],
                cwd=tmp_path,
                env={**os.environ, MARK: mark},
                stdout=subprocess.DEVNULL,
                stderr=stream,
                text=True,
                start_new_session=True,
            )
        started.append(Running(process, mark, errors))
        return started[-1]

    yield start
    for running in started:
        for pid in running.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        running.process.wait()
