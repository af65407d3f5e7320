"""The stops of the guided tour: each a view of the page, with a title and two sentences."""

from typing import Any

from chargru.insight.exploration import Exploration


def stops(_: Exploration) -> list[dict[str, Any]]:
    """The stops for a page; none where there is nothing to be shown by them."""
    return []
