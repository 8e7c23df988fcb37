"""A provider simulator: speaks the providers' real protocols on one local port, and tells what it was sent.

For `hark dev`, the demo and the tests; never for production. So far a Web Push service, as RFC 8030, 8291
and 8292 describe it.
"""
