"""What becomes of damaged model files: one line of error, or the prediction that is right.

Mutants of the shipped models are evaluated by the plugin and, where it does not refuse them, by
ONNX Runtime. A process that dies, an error of several lines, an answer that takes seconds or 64 MB,
and a prediction other than ONNX Runtime's are faults, and end the command with status 1.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import onnx

import llvm_tools
from fastir_train.runtime.console import Console
from fastir_train.runtime.toolchain import default_model_paths, runtime_path
from llvm_tools.prediction import Runtime

BATCH = 200
"""Mutants a process: it keeps what it has opened."""
SLOW = 5.0
"""Seconds."""
LARGE = 64 * 1024
"""KiB that one mutant may add to the peak of resident memory, by the plugin's own code."""


def mutate(content: bytes, random: np.random.Generator) -> bytes:
    """One or two changes: bits, bytes, claims of size, cuts, copies."""
    data = bytearray(content)
    for _ in range(random.integers(1, 3)):
        # Half of the changes are near the ends, where the graph is and not the lists.
        near = bool(random.integers(2))
        place = int(random.choice([random.integers(4000), len(data) - 1 - random.integers(4000)]))
        at = place if near else int(random.integers(len(data)))
        at = min(max(at, 0), len(data) - 1)
        kind = int(random.integers(6))
        if kind == 0:
            data[at] ^= 1 << int(random.integers(8))
        elif kind == 1:
            data[at] = int(random.integers(256))
        elif kind == 2:
            data[at : at + 5] = b"\xff\xff\xff\xff\x07"  # 2 GiB less 1, as a varint
        elif kind == 3:
            del data[at : at + int(random.integers(1, 9))]
        elif kind == 4:
            data[at:at] = data[at : at + int(random.integers(1, 9))]
        elif random.integers(4) == 0:
            del data[at:]
    return bytes(data)


def _predict(path: Path, rows: np.ndarray, runtime: Runtime) -> np.ndarray | str:
    """The predictions' bits, or the error."""
    try:
        found = llvm_tools.predict(path, rows, runtime=runtime, onnxruntime=runtime_path())
    except llvm_tools.EngineError as error:
        return str(error)
    return found.values.view(np.uint32)


def _try(path: Path, rows: np.ndarray) -> tuple[str, str]:
    """What became of a mutant, and what is at fault; empty if nothing is."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    native = _predict(path, rows, "native")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if isinstance(native, str) and "the native runtime cannot evaluate it" not in native:
        outcome, right = "refuses it", native
    else:
        outcome = "does not understand it" if isinstance(native, str) else "predicts"
        right = _predict(path, rows, "onnxruntime")
        outcome += ", ONNX Runtime " + ("refuses it" if isinstance(right, str) else "predicts")
    seconds = time.monotonic() - start
    fault = ""
    if any(isinstance(answer, str) and "\n" in answer for answer in (native, right)):
        fault = "an error of several lines"
    elif not isinstance(native, str) and not isinstance(right, str) and (native != right).any():
        fault = "another prediction than ONNX Runtime's"
    elif grown > LARGE or seconds > SLOW:
        fault = f"{grown} KiB, {seconds:.1f} s"
    return outcome, fault


def _work(model: Path, seeds: range, folder: Path, answers: Connection) -> None:
    content = model.read_bytes()
    shape = onnx.load(model).graph.input[0].type.tensor_type.shape
    random = np.random.default_rng(0)
    rows = random.integers(-2, 200, (20, shape.dim[1].dim_value)).astype(np.float32)
    for seed in seeds:
        path = folder / f"{seed}.onnx"
        path.write_bytes(mutate(content, np.random.default_rng(seed)))
        answers.send((seed, *_try(path, rows)))
        path.unlink()


def _run(model: Path, count: int, console: Console) -> tuple[Counter[str], list[str]]:
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        next_seed = 0
        while next_seed < count:
            seeds = range(next_seed, min(next_seed + BATCH, count))
            ours, theirs = multiprocessing.Pipe(duplex=False)
            work = multiprocessing.get_context("spawn").Process(
                target=_work, args=(model, seeds, Path(scratch), theirs)
            )
            work.start()
            theirs.close()
            try:
                while next_seed < seeds.stop:
                    seed, outcome, fault = ours.recv()
                    outcomes[outcome] += 1
                    if fault:
                        faults.append(f"{model.name}, mutant {seed}: {fault}")
                    next_seed = seed + 1
                    console.step(model.name, next_seed, count)
            except EOFError:
                work.join()
                faults.append(f"{model.name}, mutant {next_seed}: died with {work.exitcode}")
                next_seed += 1
            work.join()
    return outcomes, faults


def main() -> None:
    """Mutate, try, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="mutants a model")
    options = parser.parse_args()
    faults: list[str] = []
    with Console() as console:
        for model in default_model_paths():
            outcomes, found = _run(model, options.count, console)
            faults += found
            for outcome, times in outcomes.most_common():
                print(f"{model.name}: {times} of {options.count}: the plugin {outcome}")
    print("\n".join(faults) if faults else "nothing at fault")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
