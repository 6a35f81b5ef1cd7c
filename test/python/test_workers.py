"""Worker processes that crash, fail and go on."""

import os
import signal
import time

from fastir_train.workers import run_tasks


def _work(task: int) -> int:
    if task == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == 5:
        raise ValueError("five")
    time.sleep(0.01)
    return task * task


def test_a_crash_costs_the_task_it_happened_in() -> None:
    outcomes = {outcome.task: outcome for outcome in run_tasks(_work, range(12), workers=2)}
    assert sorted(outcomes) == list(range(12))
    assert outcomes[3].failure == f"worker ended with status {-signal.SIGSEGV}"
    assert outcomes[5].failure == "ValueError: five"
    fine = [task for task in outcomes if task not in (3, 5)]
    assert [outcomes[task].result for task in fine] == [task * task for task in fine]
