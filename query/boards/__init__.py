"""Leaderboards: their definitions, scores, ranks and records."""
