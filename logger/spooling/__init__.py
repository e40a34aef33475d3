"""Where a writer notes its points before they are uploaded: files, their descriptors, and one lock for all runs."""
