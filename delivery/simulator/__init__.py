"""A provider simulator: speaks the providers' real protocols on local ports, and tells what it was sent.

For `hark dev`, the demo and the tests; never for production. A Web Push service, as RFC 8030, 8291 and 8292 describe
it, an Apple Push Notification service, a Firebase Cloud Messaging and Twilio's texts, as their makers' documentation
does, and a mail server by RFC 5321.
"""
