"""What surrounds every page: middleware, navigation, error pages, warm-up."""
