"""Where a run's text came from, so that it can be found again and known to be the same."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargru import bundled, documents
from chargru.errors import ChargruError, DamagedRunError, SettingError, TextError, named
from chargru.shown import in_short
from chargru.text.corpus import Corpus, read_corpus, require_encoding
from chargru.text.files import EARLIER_SUFFIXES, STDIN, chosen_suffixes
from chargru.text.reading import OnBytes

PUT_BACK = f"put it back, or name the same text as {named('files')}"
ANEW = "or start a new run on this one"


@dataclass(frozen=True)
class Source:
    """Where a text is, and what it was: encoding, fingerprint, length, split.

    Paths are absolute or, for a text that is kept in the run, relative to it; "cats" is the bundled text. `suffixes`
    are those that directories among them were searched for.
    """

    paths: tuple[str, ...] | str
    encoding: str
    sha256: str
    characters: int
    split: int
    """How many characters train; the rest validates."""
    suffixes: tuple[str, ...] | None = None

    def to_document(self) -> dict[str, Any]:
        """As JSON."""
        document = {name: value for name, value in vars(self).items() if value is not None}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in document.items()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Source":
        """From JSON. Raises DamagedRunError if an entry is missing or of another kind."""
        try:
            documents.check(document, documents.Text, "text", whole=True)
            paths, characters, split = document["paths"], document["characters"], document["split"]
            if not 0 < split <= characters:
                raise DamagedRunError(f"a split after {split} of {characters} characters")
            return cls(
                paths=paths if isinstance(paths, str) else tuple(paths),
                encoding=document["encoding"],
                sha256=document["sha256"],
                characters=characters,
                split=split,
                suffixes=None if document.get("suffixes") is None else chosen_suffixes(document["suffixes"]),
            )
        except ChargruError as error:
            said = in_short(str(error), documents.LONGEST_LINE)
            message = f"the run does not say which text it was trained on ({said})"
            raise DamagedRunError(message, "use another run, or a backup of this one") from error

    def read(
        self,
        elsewhere: Sequence[str] = (),
        *,
        home: Path = Path(),
        hint: str = PUT_BACK,
        anew: str = ANEW,
        called: str = "",
        on_more: OnBytes = None,
        on_bytes: OnBytes = None,
    ) -> Corpus:
        """Read the text again, from where it was or from `elsewhere`; a relative path is inside the run at `home`.

        Raises TextError if it is gone, cannot be read, is no longer the same text, or if the run names as its text what
        is neither a file nor a directory, which could keep one waiting; `hint` says what to do about one that is gone,
        `anew` what else one can do about one that has changed; `called` names the run in the message.
        `on_more` and `on_bytes` are those of `read_corpus`.
        """
        paths = list(elsewhere) or self._own(home)
        for path in paths:
            if (why := _not_there(path, given=bool(elsewhere))) is not None:
                raise TextError(f"the run's text {in_short(path, documents.LONGEST_LINE)} {why}", hint)
        corpus = read_corpus(
            paths,
            encoding=self.encoding,
            suffixes=self.suffixes or EARLIER_SUFFIXES,
            on_more=on_more,
            on_bytes=on_bytes,
        )
        if corpus.sha256 != self.sha256:
            hint = f"put back the text with the SHA-256 {self.sha256[:12]}..., {anew}"
            if elsewhere and called:
                raise TextError(f"{', '.join(paths)} is not the text of {called}: it is another, or has changed", hint)
            raise TextError(f"{', '.join(paths)} is not the text that this run was trained on: it has changed", hint)
        return corpus

    def _own(self, home: Path) -> list[str]:
        """The paths that the run names; "-" stays."""
        if isinstance(self.paths, str):
            return [str(bundled.text_path())]
        return [path if path == STDIN else str(home / path) for path in self.paths]


def _not_there(path: str, *, given: bool) -> str | None:
    """Why there is no text at this path; None if there may be. A path that is not `given` by the user may not wait."""
    if path == STDIN:
        return None if given else "was standard input, which cannot be read again"
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # also a name that is too long or impossible, or a directory that is closed to us
        return "is gone"
    return None if given or stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "is neither a file nor a directory"


def read_source(
    paths: Sequence[str],
    encoding: str,
    suffixes: Sequence[str] = (),
    *,
    on_more: OnBytes = None,
    on_bytes: OnBytes = None,
) -> tuple[Corpus, tuple[str, ...] | str]:
    """Read the user's files, or the bundled text if there are none; and how a run should name them.

    Raises what `read_corpus` does; an encoding that is none is refused even where it decodes nothing.
    """
    require_encoding(encoding)
    if not paths:
        suffixes_of(paths, suffixes)
        return read_corpus([str(bundled.text_path())], encoding="utf-8"), bundled.CATS
    searched = suffixes_of(paths, suffixes) or ()
    corpus = read_corpus(paths, encoding=encoding, suffixes=searched, on_more=on_more, on_bytes=on_bytes)
    return corpus, tuple(p if p == "-" else str(Path(p).resolve()) for p in paths)


def suffixes_of(paths: Sequence[str], given: Sequence[str] = ()) -> tuple[str, ...] | None:
    """The suffixes that directories among the paths are searched for; None if there is no directory.

    Raises SettingError if suffixes are `given` in vain.
    """
    if any(Path(path).is_dir() for path in paths):
        return chosen_suffixes(given)
    if given:
        message = f"{named('suffix')} chooses among the files of a directory, and no directory is given"
        raise SettingError(message, f"leave {named('suffix')} out, or give a directory")
    return None
