"""Networks: tensors in, tensors out, under the names of the published state dicts."""
