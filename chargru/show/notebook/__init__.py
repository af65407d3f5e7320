"""How values show themselves in a notebook: fragments of HTML without scripts, in the notebook's own colours."""
