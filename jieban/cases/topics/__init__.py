"""Hot topics of the district."""
