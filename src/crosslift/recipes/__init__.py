"""Recipes: a published training, or one of ours, as parts put together."""
