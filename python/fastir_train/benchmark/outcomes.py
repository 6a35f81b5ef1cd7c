"""How measuring one project in one configuration can fail, and the word for it in the results."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastir_train.runtime.errors import (
    BuildError,
    FastirError,
    PluginNotUsedError,
    SourceUnavailableError,
)

FAILED = {
    "no source": "its archive cannot be had, or is not the one that was pinned",
    "build failed": "its first build failed, or the one that logs decisions",
    "plugin not used": "its build compiled nothing with the plugin",
    "decisions not read": "the log of its decisions cannot be read",
    "sizes not read": "what it linked cannot be read",
    "tests failed": "its own tests failed",
    "count failed": "its workload failed, or was not counted, under callgrind",
    "run failed": "its workload, or its tests, failed when their time was taken",
    "rebuild failed": "it built once, and not again when the build's time was taken",
}
"""What each status of a failure means; the row's ``log`` says what was seen."""
FAILURES = tuple(FAILED)


class StepFailedError(Exception):
    """A step failed: the row's status, and its log."""

    def __init__(self, status: str, log: str) -> None:
        super().__init__(log)
        self.status = status


@contextmanager
def step(status: str, *, build: str | None = None) -> Iterator[None]:
    """Whatever goes wrong in the block raises `StepFailedError`.

    Parameters
    ----------
    status
        The row's, unless the error is of a kind that has one.
    build
        The row's if a build fails, where that is another.
    """
    try:
        yield
    except SourceUnavailableError as error:
        raise StepFailedError("no source", str(error)) from error
    except PluginNotUsedError as error:
        raise StepFailedError("plugin not used", str(error)) from error
    except BuildError as error:
        raise StepFailedError(build or status, str(error)) from error
    except FastirError as error:
        raise StepFailedError(status, str(error)) from error
    except Exception as error:
        # A disk that is full, a log that is no text: the other rows are worth having all the same.
        raise StepFailedError(status, f"{type(error).__name__}: {error}") from error
