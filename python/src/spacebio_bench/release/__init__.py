"""A release: fold packages, facts and claims, cards, manifest, gates and publication."""
