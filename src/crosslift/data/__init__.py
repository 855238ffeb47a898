"""Data in and data out: the store, readers and writers, a file each."""
