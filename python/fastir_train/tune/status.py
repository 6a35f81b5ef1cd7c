"""How much of a profile still applies to a program."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastir_train.tune.profile import ModuleKey, Profile
from fastir_train.tune.program import Found, sites_that_apply


@dataclass(frozen=True)
class ModuleStatus:
    """What of a profile applies to one module."""

    key: ModuleKey
    decisions: int
    """How many the profile has."""
    apply: int
    """How many are on calls in functions that have not changed since."""
    is_there: bool
    """Whether the program still has the module."""


def status_of(profile: Profile, modules: Sequence[Found]) -> list[ModuleStatus]:
    """What of a profile applies to a program's modules, a row each that it names, in order."""
    by_key = {found.key: found for found in modules}
    rows = []
    for key, tuned in sorted(profile.modules.items()):
        found = by_key.get(key)
        apply = len(sites_that_apply(found, tuned)) if found else 0
        rows.append(ModuleStatus(key, tuned.count, apply, found is not None))
    return rows
