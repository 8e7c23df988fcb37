"""E-mail: how a message becomes one, what a mail server's replies mean, and the provider."""
