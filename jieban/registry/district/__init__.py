"""The district: places on the map and by name, and the dispatch directory."""
