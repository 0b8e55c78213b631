"""Jieban (接办): the platform on which a city district hears its residents and settles what they ask for."""
