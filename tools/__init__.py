"""Makers of the maps, weights and correlations in rollout_lab/models: `python -m tools.NAME`, in a clone."""
