"""The worker process: entries that are due go up their ladder. It knows no HTTP."""
