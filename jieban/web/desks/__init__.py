"""Desks of the dispatcher, supervisor, leader and caller; boards; and the page of a case."""
