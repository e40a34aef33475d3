"""Other trackers' own verbs, writing to a lake: for scripts that stay as they are but for one import."""
