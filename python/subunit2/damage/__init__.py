"""Damage: which corrupt regions are damage, and how they are reported."""
