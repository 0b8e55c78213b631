"""Timers: the sweep over due cases."""
