"""Tests of readers, writers and the store."""
