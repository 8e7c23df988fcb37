"""The web process and the one home of the data: REST API, live sockets, send pipeline, store, command line."""
