"""Actions at the end of a case: visit-back, closing, withdrawal, reopening, erasure, and the timers."""
