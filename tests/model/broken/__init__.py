"""Broken parts: each class is a real part with one mistake in it."""
