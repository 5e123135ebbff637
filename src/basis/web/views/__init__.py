"""Shaping a view in the browser: from what was posted to a view and back."""
