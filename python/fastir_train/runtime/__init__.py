"""What everything else runs on: errors, files, processes, compilers, progress."""
