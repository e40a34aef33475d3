"""What pages know of the lake. The only place of the dashboard that caches."""
