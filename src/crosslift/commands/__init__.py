"""One file for each command; the first line of its docstring is its line of help."""
