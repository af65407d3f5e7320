"""The grammar that writes the bundled text, and what is known of it exactly."""
