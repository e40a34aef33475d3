"""What leans on parts of Streamlit that no document promises: one adapter for each, and nothing of it elsewhere.

Each adapter checks that what it needs is there, says once in the log when it is not, and leaves the pages as Streamlit
alone would draw them. They were written for, and are tested with, the version in `inside.WRITTEN_FOR`.
"""
