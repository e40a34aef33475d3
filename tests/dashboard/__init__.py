"""Tests of what a browser shows: plain values by equality, pages by what changes when somebody acts."""
