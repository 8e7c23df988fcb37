"""The `hark` command: one file for each word that has words of its own, and what they share."""
