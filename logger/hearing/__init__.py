"""The streams of this process, heard while a run keeps what is printed."""
