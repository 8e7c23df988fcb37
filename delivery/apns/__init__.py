"""Apple Push Notification service: what its requests say and its answers mean, and the provider."""
