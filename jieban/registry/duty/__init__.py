"""The duty roster and its hand-over."""
