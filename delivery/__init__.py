"""How a message leaves by another road than our own socket: values, rules and one file a provider.

Knows nothing of the hub, sessions, Redis, arq or the database; reads no environment; does nothing at import.
"""
