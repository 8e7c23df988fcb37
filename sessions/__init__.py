"""Who can be reached: device sessions, push subscriptions, user tokens. It knows no HTTP, Redis, queue or provider."""
