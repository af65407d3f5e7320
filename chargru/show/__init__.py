"""How facts look: terminal, Markdown, LaTeX, HTML, JSON, CSV and NPZ."""
