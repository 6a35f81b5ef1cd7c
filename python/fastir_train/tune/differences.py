"""Which decisions have to be named for all of them to come about."""

from collections.abc import Callable, Mapping

from fastir_train.label.replay import Site

_CAREFUL_COMPILES = 4
"""Before all that is still decided otherwise is named at once."""


def differences(
    wanted: Mapping[Site, bool], decide: Callable[[Mapping[Site, bool]], Mapping[Site, bool]]
) -> dict[Site, bool]:
    """Those of a module's decisions that bring about all of them, the policy taking the rest.

    Parameters
    ----------
    wanted
        All decisions.
    decide
        Compiles the module with some of them named, and returns what is decided then.
    """
    named: dict[Site, bool] = {}
    compiles = 0
    while wrong := {
        site: wanted[site]
        for site, inlines in decide(named).items()
        if wanted.get(site, inlines) != inlines
    }:
        compiles += 1
        if compiles > _CAREFUL_COMPILES:
            named.update(wrong)
        else:
            # The first of each caller: what comes after it may follow from it.
            first: dict[str, Site] = {}
            for site in wrong:
                first.setdefault(site[0], site)
            named.update({site: wrong[site] for site in first.values()})
    return named
