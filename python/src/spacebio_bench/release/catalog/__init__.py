"""The metadata catalog: tasks, sources, published baselines and traps, no matrix."""
