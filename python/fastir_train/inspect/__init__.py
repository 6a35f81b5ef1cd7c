"""Why a compile was decided as it was, and what is installed."""
