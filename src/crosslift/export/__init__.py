"""Recordings out: a writer a file, each a settings class with `write(recording, path)`.

`write` takes a motion or a clip, writes the file whole or not at all, and gives back a sentence
for each thing that the format could not say. `suffix` is the ending that the format's files have.
"""
