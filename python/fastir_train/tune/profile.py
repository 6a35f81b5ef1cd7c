"""Profiles: the tuned decisions of a program, as a project keeps them and the plugin reads them.

The format is described in ``plugin/decision/Profile.h``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from fastir_train.label.replay import escaped, unescaped
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import write_shared
from fastir_train.runtime.toolchain import LLVM_MAJOR

FORMAT = 2
_HEADER = ("fastir-profile", "llvm", "objective", "level", "target", "model")
_END = "end"
Base = Literal["model", "llvm"]
"""Who decides where a profile says nothing."""


@dataclass(frozen=True)
class Header:
    """What a profile is for."""

    llvm: int
    objective: str
    level: str
    target: str
    model: str
    """SHA-256 of the model that decides where the profile says nothing."""


@dataclass(frozen=True)
class Tuned:
    """The decisions on calls in one function."""

    body_hash: int
    """Of the function before optimisation, as in `llvm_tools.function_features`."""
    calls: Mapping[tuple[str, int], bool]
    """By callee and occurrence, whether it is inlined."""


@dataclass(frozen=True)
class TunedModule:
    """What a profile says of one module."""

    base: Base
    functions: Mapping[str, Tuned] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many decisions it holds."""
        return sum(len(tuned.calls) for tuned in self.functions.values())


ModuleKey = tuple[str, str]
"""Path relative to the project's root, and phase of the build."""


@dataclass(frozen=True)
class Profile:
    """Tuned decisions of a program."""

    header: Header
    modules: Mapping[ModuleKey, TunedModule]

    @property
    def count(self) -> int:
        """How many decisions it holds."""
        return sum(module.count for module in self.modules.values())


def stable_name(name: str) -> str:
    """A function's name without what LLVM adds where other modules import it.

    As ``llvm::get_stable_name`` has it.
    """
    content = name.rpartition(".content.")
    if content[1] and content[2]:
        return content[2]
    for added in (".llvm.", ".__uniq."):
        before, found, _ = name.rpartition(added)
        name = before if found else name
    return name


def write_profile(profile: Profile, path: Path) -> None:
    """Write a profile, sorted, so that two of them differ where decisions do."""
    write_shared(path, "".join(f"{line}\n" for line in _lines(profile)))


def _lines(profile: Profile) -> Iterator[str]:
    header = profile.header
    yield f"{_HEADER[0]}\t{FORMAT}"
    for name in _HEADER[1:]:
        yield f"{name}\t{getattr(header, name)}"
    for (path, phase), module in sorted(profile.modules.items()):
        yield f"module\t{escaped(path)}\t{phase}\t{module.base}"
        for caller, tuned in sorted(module.functions.items()):
            yield f"function\t{escaped(caller)}\t{tuned.body_hash % 2**64:016x}"
            for (callee, occurrence), inline in sorted(tuned.calls.items()):
                yield f"{'inline' if inline else 'leave'}\t{escaped(callee)}\t{occurrence}"
    yield _END


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises
    ------
    FastirError
        If the file cannot be read or is no profile; names the line.
    """
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise FastirError(f"cannot read profile '{path}': {reason}") from None
    lines = text.split("\n")
    try:
        return _parse(lines)
    except _WrongLineError as error:
        where = f"line {error.number}: " if error.number else ""
        raise FastirError(f"cannot use profile '{path}': {where}{error}") from None


class _WrongLineError(Exception):
    def __init__(self, number: int, what: str) -> None:
        super().__init__(what)
        self.number = number


def _parse(lines: list[str]) -> Profile:
    if not lines[0].startswith(_HEADER[0]):
        raise _WrongLineError(0, "it is no profile of Fastir")
    if lines[-2:] != [_END, ""]:
        raise _WrongLineError(0, "its end is missing")
    values = {}
    for number, name in enumerate(_HEADER, start=1):
        found, _, values[name] = lines[number - 1].partition("\t")
        if found != name:
            raise _WrongLineError(number, f"it should begin with '{name}'")
    if values["fastir-profile"] != str(FORMAT):
        raise _WrongLineError(
            1, f"its format is '{values['fastir-profile']}', and this Fastir reads {FORMAT}"
        )
    if values["llvm"] != str(LLVM_MAJOR):
        raise _WrongLineError(
            2, f"it was made with LLVM {values['llvm']}, and this is LLVM {LLVM_MAJOR}"
        )
    header = Header(
        LLVM_MAJOR,
        values["objective"],
        values["level"],
        values["target"],
        values["model"],
    )
    body = enumerate(lines[len(_HEADER) : -2], start=len(_HEADER) + 1)
    return Profile(header, dict(_modules(body)))


def _modules(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[ModuleKey, TunedModule]]:
    functions: dict[str, Tuned] | None = None
    calls: dict[tuple[str, int], bool] | None = None
    seen: set[ModuleKey] = set()
    for number, line in lines:
        if line.startswith(("<<<<<<< ", ">>>>>>> ")) or line == "=======":
            raise _WrongLineError(number, "a merge left a conflict here")
        fields = line.split("\t")
        try:
            match fields:
                case ["module", path, phase, ("model" | "llvm") as base]:
                    key = (unescaped(path), phase)
                    if key in seen:
                        raise _WrongLineError(number, "the module is there twice")
                    seen.add(key)
                    functions, calls = {}, None
                    yield key, TunedModule(cast(Base, base), functions)
                    continue
                case ["function", caller, digits] if functions is not None and _is_hash(digits):
                    hashed = int(digits, 16)
                    signed = hashed - 2**64 if hashed >= 2**63 else hashed
                    calls = {}
                    functions[unescaped(caller)] = Tuned(signed, calls)
                    continue
                case [("inline" | "leave") as what, callee, digits] if (
                    calls is not None and _is_occurrence(digits)
                ):
                    calls[unescaped(callee), int(digits)] = what == "inline"
                    continue
        except ValueError:
            pass
        raise _WrongLineError(
            number,
            "it is neither a module, nor a function with its hash, nor a callee with its "
            "occurrence",
        )


def _is_hash(digits: str) -> bool:
    return re.fullmatch("[0-9a-fA-F]{16}", digits) is not None


def _is_occurrence(digits: str) -> bool:
    return re.fullmatch("[0-9]{1,8}", digits) is not None and int(digits) <= 10_000_000
