"""Which decisions have to be named for all of them to come about."""

from collections.abc import Callable, Mapping

from fastir_train.label.replay import Site


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
    while True:
        wrong = {
            site: wanted[site]
            for site, inlines in decide(named).items()
            if wanted.get(site, inlines) != inlines
        }
        if not wrong:
            return named
        # The first of each caller: what comes after it may follow from it.
        first: dict[str, Site] = {}
        for site in wrong:
            first.setdefault(site[0], site)
        named.update({site: wrong[site] for site in first.values()})
