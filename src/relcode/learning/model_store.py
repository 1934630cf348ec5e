"""The store: `models/<codebook>/<id>/`, and beside the models of a codebook which of them is promoted."""

from __future__ import annotations

from pathlib import Path

import msgspec

from relcode.errors import ModelError
from relcode.learning.model_folder import folder_hash, read_card
from relcode.learning.promotions import FILE, Promotion, Promotions

PROMOTED = "promoted"


class Entry(msgspec.Struct, frozen=True):
    """One model of the store. `standing`: "promoted", "promoted before", "kept aside", "new", or "refused" with the
    `reason`, where the model or the codebook's promotions are not as they were written."""

    codebook: str
    model: str
    standing: str
    reason: str
    kind: str = ""
    sessions: int = 0
    macro_f1: float | None = None
    macro_f1_low: float | None = None
    macro_f1_high: float | None = None


class ModelStore:
    """The models under a folder. A folder that is not there is an empty store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def promotions(self, codebook: str) -> Promotions:
        """The promotions of a codebook, by its id."""
        if Path(codebook).name != codebook:
            raise ModelError(f"{codebook!r} is no id of a codebook.")
        return Promotions(self.folder / codebook)

    @property
    def ids(self) -> list[str]:
        """The ids of all models that are there, sound or not."""
        return [name for book in self._codebooks() for name in _names(book)]

    def holds(self, folder: Path) -> bool:
        """Whether a folder is the place of one of the store's models."""
        return folder.resolve().parent.parent == self.folder.resolve() and folder.resolve().name in self.ids

    def find(self, model: str) -> Path:
        """The folder of a model, by its id.

        Raises
        ------
        ModelError
            There is none, or its card is not as it was written or names another model.
        """
        found = [book / model for book in self._codebooks() if model in _names(book)]
        if not found:
            known = self.ids
            listed = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")
            raise ModelError(
                f"There is no model {model} in {self.folder}" + (f"; there are {listed}." if known else ".")
            )
        if (named := read_card(found[0])["id"]) != model:
            raise ModelError(f"The model in {found[0]} is refused: it is {named} by its card.")
        return found[0]

    def only_codebook(self) -> str:
        """The one codebook that has promotions.

        Raises
        ------
        ModelError
            There is none, or several.
        """
        books = [book.name for book in self._codebooks() if (book / FILE).is_file()]
        if not books:
            raise ModelError(f"No model is promoted in {self.folder}; promote one with `relcode models promote`.")
        if len(books) > 1:
            choices = ", ".join(books)
            raise ModelError(f"Models of several codebooks are promoted in {self.folder}: say which of {choices}.")
        return books[0]

    def promoted(self, codebook: str | None = None) -> Path:
        """The folder of a codebook's promoted model; without a codebook, of the one codebook that has promotions.

        Raises
        ------
        ModelError
            None is promoted, several codebooks have promotions, or the model is not as it was when it was promoted.
        """
        codebook = self.only_codebook() if codebook is None else codebook
        present = self.promotions(codebook).present
        if present is None:
            raise ModelError(
                f"No model of {codebook} is promoted in {self.folder}; promote one with `relcode models promote`."
            )
        return self.checked(present, codebook)

    def checked(self, promotion: Promotion, codebook: str) -> Path:
        """The folder of a model that was promoted, if it is as it was then.

        Raises
        ------
        ModelError
            It is not.
        """
        folder = self.folder / codebook / promotion.model
        read_card(folder)
        if folder_hash(folder) != promotion.sums:
            raise ModelError(f"The model in {folder} is refused: it is not the one that was promoted. Restore a copy.")
        return folder

    def entries(self) -> list[Entry]:
        """All models, by codebook and id; what is refused is listed as such."""
        return [self._entry(book, name) for book in self._codebooks() for name in _names(book)]

    def _entry(self, book: Path, model: str) -> Entry:
        try:
            promotions = self.promotions(book.name)
            card = read_card(self.find(model))
            standing, reason = promotions.standing(model)
            if standing == PROMOTED and promotions.present is not None:
                self.checked(promotions.present, book.name)
        except ModelError as error:
            return Entry(book.name, model, "refused", error.message)
        turn = card["cross_validation"]["turn"]
        return Entry(
            codebook=book.name,
            model=model,
            standing=standing,
            reason=reason,
            kind=card["kind"],
            sessions=len(card["training"]["sessions"]),
            **{name: turn[name] for name in ("macro_f1", "macro_f1_low", "macro_f1_high")},
        )

    def _codebooks(self) -> list[Path]:
        """The folders of codebooks; a model folder of its own (`--out models/first`) is none."""
        if not self.folder.is_dir():
            return []
        return sorted(
            path
            for path in self.folder.iterdir()
            if path.is_dir() and path.name[0] != "." and (_names(path) or (path / FILE).is_file())
        )


def _names(codebook: Path) -> list[str]:
    """The models in a codebook's folder: what holds checksums, or is named as a model of the codebook is."""
    return sorted(
        path.name
        for path in codebook.iterdir()
        if path.is_dir() and ((path / "SHA256SUMS").is_file() or path.name.startswith(f"{codebook.name}-"))
    )
