"""Characters become numbers: reading files, the vocabulary, lanes and windows."""
