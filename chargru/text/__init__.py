"""Characters become numbers: reading files, the vocabulary, lanes and windows, the grammar of cats.txt."""
