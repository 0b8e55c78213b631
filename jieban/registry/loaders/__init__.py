"""One module for each group of files; `jieban.registry.loading` says in which order they come."""
