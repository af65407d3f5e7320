"""The large grammar: people, animals and things of a village; 930 words in a million characters."""
