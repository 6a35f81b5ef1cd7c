"""A tuned program beside the stock compiler's and the model's: built anew, tested, compared."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fastir_train.benchmark.measure import Measurement, measure
from fastir_train.corpus.build import Configuration, discard
from fastir_train.corpus.manifest import Project
from fastir_train.problem.objective import Objective
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.tune.profile import ModuleKey, Profile, TunedModule, write_profile

_TRIED = "tried.profile"


@dataclass(frozen=True)
class Verified:
    """What came of a tuning."""

    profile: Profile
    """The one that won, which may be empty."""
    rows: Sequence[Measurement]
    """Stock, the model where it decides, and the program tuned as the profile says."""
    configurations: Sequence[Configuration]
    """How they were built."""
    culprits: Sequence[ModuleKey] = ()
    """Modules whose tuned decisions made the program's tests fail, and are left out."""


@dataclass(frozen=True)
class Builder:
    """Builds and tests a program in one configuration after another."""

    project: Project
    stock: Configuration
    model: Configuration
    tuned: Callable[[Path], Configuration]
    """With the profile in a file."""
    work: Path
    jobs: int
    console: Console
    objective: Objective
    instructions: bool = False
    """Whether what the workload executes is counted."""

    @property
    def configurations(self) -> Sequence[Configuration]:
        """All of them, each once."""
        tuned = self.tuned(self.work / _TRIED)
        return [*{each.name: each for each in (self.stock, self.model)}.values(), tuned]

    def measure(self, configuration: Configuration) -> Measurement:
        """Build, test and count."""
        self.console.say(f"building and testing: {configuration.name}")
        row, built = measure(
            self.project, configuration, self.work, self.jobs, instructions=self.instructions
        )
        if built:
            discard(built)
        return replace(row, baseline=self.stock.name if configuration != self.stock else None)

    def measure_tuned(self, profile: Profile) -> Measurement:
        """The program as a profile says."""
        path = self.work / _TRIED
        write_profile(profile, path)
        return self.measure(self.tuned(path))

    def cost(self, row: Measurement) -> float:
        """Of a program, in the objective's unit; worse than any where it failed."""
        if row.failed or row.text is None or row.loadable is None:
            return float("inf")
        return self.objective.cost(row.text, row.loadable)


def verify(builder: Builder, profile: Profile, keys: Collection[ModuleKey]) -> Verified:
    """Keep of a profile what makes the linked program better than stock and than the model.

    Parameters
    ----------
    keys
        All modules of the program.

    Raises
    ------
    FastirError
        If the program fails without Fastir, or fails with the model and the profile needs it.
    """
    stock, model = builder.measure(builder.stock), builder.measure(builder.model)
    if stock.failed:
        raise FastirError(f"without Fastir, {stock.status}: {stock.log}")
    llvms = {key for key, module in profile.modules.items() if module.base == "llvm"}
    if model.failed and llvms != set(keys):
        raise FastirError(
            f"with the model, {model.status}: {model.log}; --start llvm does without it"
        )
    profile, tuned, culprits = _without_culprits(builder, profile)
    if builder.cost(tuned) > min(builder.cost(stock), builder.cost(model)):
        # Modules got smaller, and what they link to did not.
        llvm_is_better = builder.cost(stock) < builder.cost(model)
        modules = {key: TunedModule("llvm") for key in keys} if llvm_is_better else {}
        profile = replace(profile, modules=modules)
        better = stock if llvm_is_better else model
        tuned = replace(better, configuration=tuned.configuration, baseline=stock.configuration)
    return Verified(profile, [stock, model, tuned], builder.configurations, culprits)


def verify_instructions(builder: Builder, profile: Profile) -> Verified:
    """Keep a profile if the linked program executes less with it, and has no more code.

    Raises
    ------
    FastirError
        If the program fails without Fastir.
    """
    stock = builder.measure(builder.stock)
    if stock.failed:
        raise FastirError(f"without Fastir, {stock.status}: {stock.log}")
    profile, tuned, culprits = _without_culprits(builder, profile)
    if not _executes_less(tuned, stock):
        profile = replace(profile, modules={})
        tuned = replace(stock, configuration=tuned.configuration, baseline=stock.configuration)
    return Verified(profile, [stock, tuned], builder.configurations, culprits)


def _executes_less(tuned: Measurement, stock: Measurement) -> bool:
    if tuned.failed or tuned.text is None or stock.text is None:
        return False
    if tuned.instructions is None or stock.instructions is None:
        return False
    return tuned.instructions < stock.instructions and tuned.text <= stock.text


def _without_culprits(
    builder: Builder, profile: Profile
) -> tuple[Profile, Measurement, list[ModuleKey]]:
    """The profile without the modules that make the program fail, how it is then, and these."""
    culprits: list[ModuleKey] = []
    tuned = builder.measure_tuned(profile)
    while tuned.failed and profile.count:
        culprit = _culprit(builder, profile)
        culprits.append(culprit)
        profile = _tuned_alone(profile, profile.modules.keys() - {culprit})
        tuned = builder.measure_tuned(profile)
    return profile, tuned, culprits


def _culprit(builder: Builder, profile: Profile) -> ModuleKey:
    """The first module, in the profile's order, with whose tuned decisions the program fails."""
    keys = sorted(key for key, module in profile.modules.items() if module.functions)
    low, high = 0, len(keys)
    while high - low > 1:
        middle = (low + high) // 2
        if builder.measure_tuned(_tuned_alone(profile, keys[:middle])).failed:
            high = middle
        else:
            low = middle
    return keys[low]


def _tuned_alone(profile: Profile, keys: Collection[ModuleKey]) -> Profile:
    """The profile with the tuned decisions of these modules; their bases decide in all others."""
    modules = {
        key: module if key in keys else TunedModule(module.base)
        for key, module in profile.modules.items()
    }
    return replace(profile, modules=modules)
