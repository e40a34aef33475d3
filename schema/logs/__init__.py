"""What the lake keeps of what runs printed."""
