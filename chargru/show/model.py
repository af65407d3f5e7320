"""A model in a few lines: its network, how well it predicts, and what it was trained on."""

import math

from chargru import host, run_summary
from chargru.bundled import called
from chargru.model import Model
from chargru.show.key_values import lines
from chargru.show.view import View
from chargru.shown import counted, one_line


def render(model: Model, _: View | None = None) -> str:
    """The title and the facts, and the command that says the rest."""
    told = [title(model), *lines(facts(model))]
    if model.checkpoint is not None:
        told.append(f"The rest: chargru info {one_line(host.quoted(called(model.checkpoint)))}")
    return "\n".join(told)


def title(model: Model) -> str:
    """Its name, and its score."""
    name = "A model of no run" if model.checkpoint is None else one_line(called(model.checkpoint))
    bits = model.trained.get("val_bpc")
    return name if bits is None else f"{name}: {bits:.4f} bits per character"


def facts(model: Model) -> list[tuple[str, str]]:
    """Names and values, those that are known."""
    one = model.architecture
    rows = [
        ("network", f"GRU, {one.in_words}, {counted(one.parameters, 'parameter')}"),
        ("reset gate", f"acts {one.reset} the product"),
        ("vocabulary", counted(len(model.vocabulary), "character")),
    ]
    if model.forced:
        rows.append(("forced gates", ", ".join(model.forced)))
    rows += [(name, words) for name, words in _trained(model) if words]
    if model.held:
        rows.append(("note", f"figures are of the model without {', '.join(model.held)}"))
    return rows


def _trained(model: Model) -> list[tuple[str, str]]:
    """What training came to; "" where that is not known."""
    trained, figures = model.trained, run_summary.figures(model)
    text = trained.get("text", {})
    return [
        ("score", _score(trained.get("val_bpc"), len(model.vocabulary))),
        ("best", _best(figures)),
        ("trained for", _time(figures.get("seconds"), figures.get("chars_per_second"))),
        ("trained on", _text(text)),
        ("began from", _origin(trained.get("init_from"))),
    ]


def _score(bits: float | None, characters: int) -> str:
    if bits is None:
        return ""
    perplexity = f"{2**bits:.4g}" if bits < math.log2(1e6) else "above a million"
    odds = math.log2(characters)
    return f"{bits:.4f} bits per character on the validation split (a blind guess: {odds:.2f}); perplexity {perplexity}"


def _best(figures: dict[str, float | None]) -> str:
    best, updates, epochs = (figures.get(name) for name in ("best_update", "updates", "epochs"))
    if best is None or updates is None:
        return ""
    return f"at update {best:,} of {updates:,}" + ("" if epochs is None else f" ({epochs:,.3g} epochs)")


def _time(seconds: float | None, speed: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    pace = "" if speed is None else f", {speed:,.0f} characters a second"
    return f"{minutes:,}:{rest:02d} minutes{pace}"


def _text(text: dict[str, object]) -> str:
    paths, characters = text.get("paths"), text.get("characters")
    names = paths if isinstance(paths, str) else ", ".join(map(str, paths)) if isinstance(paths, list) else ""
    return f"{names}, {counted(characters, 'character')}" if isinstance(characters, int) else names


def _origin(origin: dict[str, object] | None) -> str:
    return "" if origin is None else str(origin.get("checkpoint") or "a model of no run")


def settings(model: Model) -> list[tuple[str, str]]:
    """The settings of the run, those that are set."""
    found = model.trained.get("settings", {})
    return [(name, _value(value)) for name, value in found.items() if value not in (None, [])]


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
