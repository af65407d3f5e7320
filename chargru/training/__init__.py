"""Training: settings, schedule, trainer, metrics, progress."""
