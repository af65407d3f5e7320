"""What was written of a corpus, as plain lines."""

from chargru.cats.written import WrittenCorpus
from chargru.show.key_values import lines
from chargru.show.view import View


def render(found: WrittenCorpus, _: View | None = None) -> str:
    """Where it is, its size, and how many bits it takes."""
    rows = [
        ("written", found.out),
        ("size", f"{found.characters:,} characters in {found.paragraphs:,} paragraphs"),
        ("entropy rate", f"{found.entropy_rate:.4f} bits per character: the grammar's, on average"),
        ("-log2 p", f"{found.bits:.1f} bits: this text's"),
        ("", f"{found.bits_per_character:.4f} bits per character: the floor of a score on it"),
    ]
    return "\n".join(lines(rows))
