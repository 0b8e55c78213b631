"""The frame around every page: middleware, navigation, error pages, warm-up."""
