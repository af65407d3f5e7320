"""A character-level GRU: train it, sample from it, and see what its gates do in numbers.

    model = chargru.load()
    print(chargru.trace(model, "The cat sat", steps=[10, 11]))

Importing chargru costs nothing; each name of `__init__.pyi` is loaded when it is first used.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    from importlib import import_module

    # By the loader, which also reads from a zip file.
    listed: bytes = __spec__.loader.get_data(__file__.removesuffix("c") + "i")  # type: ignore[union-attr]
    lines = (line.split() for line in listed.decode().splitlines())
    homes = {words[-1]: (words[1], words[3]) for words in lines if words[:1] == ["from"]}
    if name == "__all__":
        return list(homes)
    if name not in homes:
        raise AttributeError(f"module 'chargru' has no attribute {name!r}")
    module, attribute = homes[name]
    # A package of that name (show) is then here already, and stays.
    return globals().setdefault(name, getattr(import_module(module), attribute))


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
