"""Definitions as frozen structs, and the immutable Catalog that is made of them."""
