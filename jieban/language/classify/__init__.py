"""Classifiers: category, nature, urgency, difficulty, each with its confidence."""
