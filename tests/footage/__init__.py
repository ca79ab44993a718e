"""Tests of what is made of recorders' bytes."""
