"""Is everything there that a run needs? Looked at in seconds, before anything is started."""
