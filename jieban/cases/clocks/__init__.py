"""Clocks: deadlines of a case, and the hours in which requesters are called."""
