"""The desks: dispatcher, supervisor, leader, caller, and the page of a case."""
