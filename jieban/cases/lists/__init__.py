"""Queries of cases: lists, queues, case detail, map clusters, exports."""
