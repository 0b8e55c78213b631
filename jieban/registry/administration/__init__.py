"""Administration: changes of accounts, units, categories, directory, shifts and call scripts."""
