"""Firebase Cloud Messaging: what its requests say and its answers mean, and the provider. Needs `hark[fcm]`."""
