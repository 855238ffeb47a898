"""Augmenters: other training examples of given ones, a file each."""
