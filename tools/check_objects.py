"""Whether a module becomes the same object whatever surrounds its compile.

Modules of the corpus are compiled at -Oz and -Os with the plugin: alone, with a log, with remarks,
with collection, and with a replay of the log's own decisions. All objects must be the same. The
digests of objects and decisions are written to a file, by which two states of the plugin can be
compared: ``--against``. What is done is kept: an interrupted run goes on.
"""

import argparse
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from relevel import relevel

from fastir_train.corpus.manifest import load_projects
from fastir_train.corpus.store import load_corpus
from fastir_train.label.decision_log import call_sites, read_log
from fastir_train.label.replay import sites_of, write_replay
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import default_model_paths, flags, plugin_path, tool

LEVELS = ("Oz", "Os")
VERIFIED = 200_000
"""In modules of at most so many bytes the plugin compares its facts with a count from scratch."""
KEPT_EVERY = 20


@dataclass(frozen=True)
class Result:
    """What became of one module at one level."""

    object: str
    """Digest of the object."""
    decisions: str
    """Digest of the log; empty where there was nothing to decide."""
    fault: str
    """Which way gave another object or failed; empty where none did."""


def main() -> None:
    """Compile, compare, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--projects", nargs="*", help="default: all that the corpus holds")
    parser.add_argument("--out", type=Path, default=Path(".cache/objects.json"))
    parser.add_argument("--against", type=Path, help="an earlier --out to compare with")
    options = parser.parse_args()
    projects = [
        project
        for project in load_projects(options.corpus)
        if not options.projects or project.name in options.projects
    ]
    done = _load(options.out, _state())
    modules = load_corpus(options.work, projects)
    with Console() as console, ThreadPoolExecutor(options.jobs) as pool:
        missing = [
            (f"{row['project']}/{row['module']} -{level}", row["content"], level)
            for row in modules.iter_rows(named=True)
            for level in LEVELS
            if f"{row['project']}/{row['module']} -{level}" not in done
        ]
        results = pool.map(lambda one: _check(one[1], one[2]), missing)
        for number, ((name, _, _), result) in enumerate(
            zip(missing, results, strict=True), start=1
        ):
            done[name] = result
            if number % KEPT_EVERY == 0 or number == len(missing):
                _keep(done, options.out)
            console.step("modules", number, len(missing))
    faults = [f"{name}: {result.fault}" for name, result in done.items() if result.fault]
    print(f"{modules.height} modules, {len(done)} compiles checked, {len(faults)} at fault")
    if options.against:
        faults += list(_differences(done, _load(options.against)))
    print("\n".join(faults))
    raise SystemExit(1 if faults else 0)


def _state() -> str:
    """Digest of the plugin and the models."""
    parts = [plugin_path().read_bytes(), *(path.read_bytes() for path in default_model_paths())]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _load(path: Path, state: str | None = None) -> dict[str, Result]:
    """The results in a file; none if ``state`` is given and they are another's."""
    if not path.is_file():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    if state not in (None, kept["state"]):
        return {}
    return {name: Result(**result) for name, result in kept["results"].items()}


def _keep(done: dict[str, Result], path: Path) -> None:
    results = {name: asdict(result) for name, result in sorted(done.items())}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps({"state": _state(), "results": results}, indent=1))


def _differences(now: dict[str, Result], then: dict[str, Result]) -> Iterable[str]:
    common = sorted(now.keys() & then.keys())
    print(f"{len(common)} compiles in both files")
    for name in common:
        if now[name].object != then[name].object:
            yield f"{name}: another object than before"
        elif now[name].decisions != then[name].decisions:
            yield f"{name}: the same object, other decisions than before"


def _check(content: bytes, level: str) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        module = folder / "module.bc"
        module.write_bytes(content)
        try:
            return _compare(module, level, folder)
        except (FastirError, subprocess.CalledProcessError) as error:
            output = getattr(error, "stderr", None) or error
            return Result("", "", f"{output}"[-2000:])


def _compare(module: Path, level: str, folder: Path) -> Result:
    relevel(module, level)
    collected, logs, replays = (folder / name for name in ("collected", "logs", "replays"))
    for made in (collected, logs, replays):
        made.mkdir()
    verify = ["-fastir-verify-facts"] if module.stat().st_size <= VERIFIED else []
    plain = _object(module, level, [])
    ways = {"verified": _object(module, level, verify)} if verify else {}
    ways["log"] = _object(module, level, [f"-fastir-log={logs}", *verify])
    ways["collect"] = _object(module, level, [f"-fastir-collect={collected}"])
    ways["remarks"] = _object(module, level, verify, "-Rpass=inline", "-Rpass-missed=inline")
    log = next(logs.glob("*.fastirlog"), None)
    if log:
        taken = read_log(log)
        sites = dict(zip(sites_of(call_sites(taken)), taken["inlining_decision"] > 0, strict=True))
        name = next(collected.glob("*.bc")).stem
        write_replay(sites, replays, name)
    ways["replay"] = _object(module, level, [f"-fastir-replay={replays}"])
    fault = ", ".join(way for way, content in ways.items() if content != plain)
    return Result(_digest(plain), _digest(log.read_bytes()) if log else "", fault)


def _object(module: Path, level: str, extra: list[str], *added: str) -> bytes:
    output = module.with_suffix(".o")
    output.unlink(missing_ok=True)
    command = [tool("clang"), f"-{level}", "-x", "ir", *flags("clang", extra=extra), *added]
    # The log names the module as the command does, which must not depend on the folder.
    subprocess.run(
        [*command, "-c", module.name, "-o", output.name],
        cwd=module.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    return output.read_bytes()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main()
