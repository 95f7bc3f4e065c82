"""A plug-in of each kind, as small as can be: an engine, a reader, a check, a target."""

from pipeline.checks.base import check
from pipeline.engines import Hypothesis
from pipeline.model import Severity


class Shout:
    """Translates by raising its voice."""

    name = "shout"
    reads = ()

    def __init__(self, options):
        self.mark = str(options.get("mark", "!"))

    def signature(self, source, target):
        return f"shout 1 {self.mark}"

    def serves(self, source, target):
        return True

    def translate(self, segments, source, target):
        return [(Hypothesis(one.text.upper() + self.mark),) for one in segments]


def read_log(source, language, verdicts):
    """Read a ship's log as Markdown."""
    from pipeline.formats.markdown import read

    return read(source, language, verdicts)


@check(translation=Severity.ERROR)
def no_anchors(subject):
    """Anchors stay on board."""
    if "⚓" in subject.target:
        yield "an anchor is ashore"


def to_text(article):
    """Write the body alone."""
    return article.body
