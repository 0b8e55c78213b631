"""The one door through which a case changes, and what every change also does."""
