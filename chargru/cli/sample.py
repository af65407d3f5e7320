"""`chargru sample`."""

import secrets
import sys
from typing import Annotated, Any

import typer

from chargru import sampling
from chargru.cli import inputs, options, output, terminal
from chargru.sampling import DEFAULTS, Samples, SampleSettings
from chargru.show import samples
from chargru.shown import readable


def sample(
    prime: Annotated[
        str,
        typer.Option(
            metavar="STRING",
            help="Text to begin with and go on from.",
            show_default="none: at the start of a line or sentence",
        ),
    ] = "",
    length: Annotated[int, typer.Option("--length", "-n", help="Characters to make, at most.")] = DEFAULTS.length,
    count: Annotated[int, typer.Option(help="Samples to make, side by side.")] = 1,
    until: Annotated[
        str | None, typer.Option(metavar="STRING", help="Stop after this has been made.", show_default="never")
    ] = DEFAULTS.until,
    temperature: Annotated[
        float, typer.Option(help="Below 1 more careful, above 1 bolder, 0 always the likeliest character.")
    ] = DEFAULTS.temperature,
    top_k: Annotated[
        int | None, typer.Option(help="Draw among the K likeliest characters only.", show_default="all")
    ] = DEFAULTS.top_k,
    top_p: Annotated[
        float | None,
        typer.Option(help="Draw among the fewest characters whose probabilities sum to P.", show_default="all"),
    ] = DEFAULTS.top_p,
    seed: Annotated[
        int | None, typer.Option(help="Number that fixes the text.", show_default="a fresh one, named on stderr")
    ] = None,
    checkpoint: options.Checkpoint = None,
    given: options.Run = None,
    force: options.Force = None,
    format: Annotated[  # noqa: A002 -- the option's name
        str, output.format_option("Samples", "Plain text as it is made, or a document when all is done.")
    ] = "text",
) -> None:
    """Write text with a trained model, character by character, as it is made.

    The same seed gives the same text. Several samples are made at once and printed one after another. With --force,
    the text that the same seed gives without held gates follows.

    Example: chargru sample --prime "The cat" --length 300 --temperature 0.7 --seed 1
    """
    settings = SampleSettings(length=length, temperature=temperature, top_k=top_k, top_p=top_p, until=until)
    original = inputs.model(checkpoint, given, text="prime")
    models = [original.force(*force), original] if force else [original]
    used = secrets.randbits(32) if seed is None else seed
    made = [sampling.pieces(model, settings, prime=prime, seed=used, count=count) for model in models]
    if seed is None and temperature > 0:
        terminal.note(f"seed {used}")
    if format != "text":
        texts, *others = (sampling.whole(one, count) for one in made)
        held: dict[str, Any] = {"forced": models[0].forced, "original": others[0]} if force else {}
        output.write(Samples(original.checkpoint, used, prime, texts, **held), format)
        return
    terminal.doing("writing", "")
    for number, one in enumerate(made):
        if force:
            _print(samples.ORIGINAL if number else samples.held(models[0].forced))
        for piece in samples.live(one, prime, count):
            _print(piece)


def _print(text: str) -> None:
    """To stdout, at once."""
    sys.stdout.write(readable(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()
