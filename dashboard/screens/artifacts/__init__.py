"""The page Artifacts: which there are, their versions, files, makers and users."""
