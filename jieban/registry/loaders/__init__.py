"""One module for each group of files; `jieban.registry.loaders.registry_loader` says in which order they come."""
