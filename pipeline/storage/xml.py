"""Reader of XML from other tools: well-formed, one root, and no entities of its own."""

from __future__ import annotations

import re
from xml.parsers import expat

from pipeline.errors import PipelineError

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even as references (section 2.2)."""


class Reader:
    """Follows the elements of a file; a subclass interprets them.

    No DTD is loaded and no entity is expanded, so a small file cannot become a large one, and
    nothing outside it is read.
    """

    kind = "XML"
    """Name of the expected format, for errors."""
    roots: frozenset[str] = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name
        self._rooted = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.SkippedEntityHandler = self._entity
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self.end
        self._parser.CharacterDataHandler = self.characters

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        raise NotImplementedError

    def characters(self, data: str) -> None:
        raise NotImplementedError

    @property
    def line(self) -> int:
        return max(1, self._parser.CurrentLineNumber)

    def read(self, data: bytes) -> None:
        """Read the whole file.

        Raises:
            PipelineError: it is not well-formed, has another root, or declares entities; with the
                line.

        """
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise self.bad(f"not well-formed XML: {expat.ErrorString(error.code)}") from None
        except (LookupError, ValueError) as error:
            raise self.bad(f"{error}; save it as UTF-8") from None

    def bad(self, problem: str) -> PipelineError:
        return PipelineError(f"{self.name}:{self.line}: {problem}; nothing was imported from it")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if not self._rooted and name not in self.roots:
            raise self.bad(f"this is no {self.kind} file; it begins with <{name}>")
        self._rooted = True
        self.start(name, attributes)

    def _doctype(self, name: str, system: str | None, public: str | None, inner: bool) -> None:
        if inner:  # where entities are declared; the file of the DTD itself is never read
            raise self.bad(
                f"the DOCTYPE holds declarations; a {self.kind} file needs none, remove them"
            )

    def _entity(self, name: str, *_: object) -> None:
        raise self.bad(f"the entity {name!r} is not one of XML; write the character itself")
