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
