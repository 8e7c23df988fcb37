"""What happened to notifications, told to the sender's own back end (Standard Webhooks 1.0)."""
