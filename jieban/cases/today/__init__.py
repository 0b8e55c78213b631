"""Today: counters of the day, and what is late and why."""
