"""A provider simulator: speaks the providers' real protocols on local ports, and tells what it was sent.

For `hark dev`, the demo and the tests; never for production. A Web Push service, as RFC 8030, 8291 and 8292 describe
it, an Apple Push Notification service and a Firebase Cloud Messaging, as Apple's and Google's documentation do.
"""
