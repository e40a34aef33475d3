"""Artifacts of a run: what to store, and the uploads that go on beside the training."""
