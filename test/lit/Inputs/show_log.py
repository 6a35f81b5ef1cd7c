"""Print each decision of a log: context, prediction, advice, LLVM's decision, runtime."""

import sys
from pathlib import Path

from fastir_train.label.decision_log import read_log, read_logs

path = Path(sys.argv[1])
for row in (read_logs if path.is_dir() else read_log)(path).iter_rows(named=True):
    runtime = f" runtime={row['runtime']}" if row["runtime"] else ""
    print(
        f"{row['context']} size={row['callee_instruction_count']} "
        f"prediction={row['prediction']:g} advice={row['inlining_decision']} "
        f"llvm={row['inlining_default']}{runtime}"
    )
