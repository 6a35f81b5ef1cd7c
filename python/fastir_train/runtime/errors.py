"""The exceptions of fastir_train, in one hierarchy."""


class FastirError(Exception):
    """Anything that goes wrong on purpose: one line that says what and why."""


class SourceUnavailableError(FastirError):
    """A project's source cannot be had from its registry, or is not what was pinned."""


class PluginNotUsedError(FastirError):
    """Nothing was compiled with the plugin."""


class BuildError(FastirError):
    """A project's own build or tests failed; the message names the log."""
