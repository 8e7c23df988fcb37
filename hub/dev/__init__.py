"""`hark dev`: everything Hark needs in one terminal, for somebody who has only Python, pip and make.

Starts a Postgres and a Valkey out of wheels, the provider simulator, the worker and the hub as children, and
keeps them running. Knows Hark only from outside: its commands, environment and HTTP. Not for production.
"""
