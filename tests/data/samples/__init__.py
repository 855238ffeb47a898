"""Small valid files in the true layout of each format, a module each."""
