"""The public surface: what other programs may call. All else may change without notice."""

from pipeline.catalog.po import dump as dump_po
from pipeline.catalog.po import new as new_catalog
from pipeline.catalog.po import parse as parse_po
from pipeline.engines.base import Engine
from pipeline.engines.registry import load as load_engine
from pipeline.errors import PipelineError
from pipeline.formats.read import read as read_article
from pipeline.model import Article, Catalog, Message
from pipeline.project.build_run import build_all
from pipeline.project.draft_run import draft_all
from pipeline.project.session import open_session
from pipeline.terminology.glossary import Glossary
from pipeline.text.segmentation import segment
from pipeline.workflow import build, pretranslate

__all__ = [
    "Article",
    "Catalog",
    "Engine",
    "Glossary",
    "Message",
    "PipelineError",
    "build",
    "build_all",
    "draft_all",
    "dump_po",
    "load_engine",
    "new_catalog",
    "open_session",
    "parse_po",
    "pretranslate",
    "read_article",
    "segment",
]
