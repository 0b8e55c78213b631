"""Reads: lists, queues, counters, maps and tables of cases."""
