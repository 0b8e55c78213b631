"""Loaders, one module for each group of files; `jieban.registry.loaders.registry_loader` has their order."""
