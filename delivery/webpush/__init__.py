"""Web Push (RFC 8030, 8291, 8292): the provider for browsers, and the pure rules it is made of."""
