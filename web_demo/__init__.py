"""The demo page and what it needs; it talks to Hark over the public API, as a customer would."""
