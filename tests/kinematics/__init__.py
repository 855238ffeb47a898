"""The kinematic body, held against plain forms of the same."""
