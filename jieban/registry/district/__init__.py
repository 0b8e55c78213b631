"""The district: location index, place search, and the dispatch directory."""
