"""Hark beside its peers and beside the least that a server can do, in one sitting: `python -m bench`.

Every server gets one processor core, the load client and whatever database or broker a server uses get the other. It
runs on Linux, on this machine alone: the load client refuses every address that is not loopback.
"""
