"""Endings: visit-back, closing, withdrawal, reopening, erasure, and the timers."""
