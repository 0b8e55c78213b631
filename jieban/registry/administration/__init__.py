"""What administrators change: accounts, units, categories, directory, shifts, call scripts."""
