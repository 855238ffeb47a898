"""Tests of anatomical joint angles."""
