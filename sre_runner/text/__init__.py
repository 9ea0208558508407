"""Text made safe and clear: what is shown, masked, cut and named, and JSON read strictly. It knows of no runs."""
