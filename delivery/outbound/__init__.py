"""The way out to addresses that somebody gave us: what may be called, and the one client that calls it."""
