"""Lifters: from keypoints to poses, a file each."""
