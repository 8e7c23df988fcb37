"""HTTP and the socket handshake, one file a resource; everything that knows Starlette beside `hub.app`."""
