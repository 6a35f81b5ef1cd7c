"""What long-running commands show: lines, and one bar a task that moves."""

from collections.abc import Iterable
from types import TracebackType

from rich.console import Console as RichConsole
from rich.console import RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class _Display(Progress):
    """Bars, with something below them, of which as much is shown as fits."""

    below: RenderableType | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.below is not None:
            yield self.below


class Console:
    """Progress on standard error; a plain line now and then where that is no terminal."""

    def __init__(self) -> None:
        self._rich = RichConsole(stderr=True, highlight=False)
        self._progress = _Display(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._rich,
            # What is shown must not take time from what is measured.
            refresh_per_second=1,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "Console":
        if self._rich.is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._rich.is_terminal:
            self._progress.below = None
            self._progress.stop()

    def say(self, text: str) -> None:
        """Print one line."""
        self._rich.print(text, markup=False, soft_wrap=True)

    def show(self, what: RenderableType) -> None:
        """Show something below the bars until the next is shown, or all is done.

        Nothing where standard error is no terminal.
        """
        self._progress.below = what

    def step(self, task: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps of a task are done."""
        if not self._rich.is_terminal:
            if done == total or done % max(1, total // 10) == 0:
                self.say(f"{task}: {done} of {total}")
            return
        if task not in self._bars:
            self._bars[task] = self._progress.add_task(task, total=total)
        self._progress.update(self._bars[task], completed=done)
