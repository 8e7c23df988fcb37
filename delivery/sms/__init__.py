"""SMS over Twilio: how a message becomes a text, what Twilio's answers mean, and the provider."""
