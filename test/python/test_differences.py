"""What has to be named of decisions: against policies that are written down here."""

from collections.abc import Mapping

from fastir_train.label.replay import Site
from fastir_train.tune.differences import differences

F, G, H = ("f", "a", 0), ("f", "b", 0), ("f", "c", 0)


def test_what_follows_from_another_decision_is_not_named() -> None:
    def decide(named: Mapping[Site, bool]) -> dict[Site, bool]:
        first = named.get(F, False)
        # With `a` in it, `f` has no room for `c`.
        return {F: first, G: named.get(G, True), H: named.get(H, not first)}

    assert differences({F: True, G: True, H: False}, decide) == {F: True}
    assert differences({F: False, G: True, H: True}, decide) == {}


def test_what_naming_another_decision_undoes_is_named() -> None:
    def decide(named: Mapping[Site, bool]) -> dict[Site, bool]:
        first = named.get(F, True)
        return {F: first, G: named.get(G, first)}

    # The policy alone inlines `b`; with `a` left, it does not.
    assert differences({F: False, G: True}, decide) == {F: False, G: True}


def test_a_function_of_many_decisions_takes_few_compiles() -> None:
    wanted = {("f", f"callee{n}", 0): n % 3 == 0 for n in range(300)}
    compiles = 0

    def decide(named: Mapping[Site, bool]) -> dict[Site, bool]:
        nonlocal compiles
        compiles += 1
        return {site: named.get(site, False) for site in wanted}

    named = differences(wanted, decide)
    assert named == {site: True for site, inlines in wanted.items() if inlines}
    assert compiles < 10
