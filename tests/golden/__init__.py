"""Golden files of the published models, and what rebuilds them with our code."""
