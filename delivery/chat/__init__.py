"""Chat services, by apprise: how an address becomes a URL of an operator's service, what apprise says, the provider."""
