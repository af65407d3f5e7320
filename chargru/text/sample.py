"""The text that a model made, which remembers its prime."""

from chargru.shown import html


class Sample(str):
    """The text of one sample, a `str` in every respect; a notebook shows it after its `prime`."""

    prime: str

    def __new__(cls, text: str, prime: str = "") -> "Sample":
        """The text, and the prime that was read before it."""
        made = super().__new__(cls, text)
        made.prime = prime
        return made

    def _repr_html_(self) -> str:
        return html(self)
