"""A process that has loaded the command, and forks for each run of it.

A Python that starts and imports all of it takes half a second of a processor; a fork takes ten
milliseconds, and is a process as any other: with its own folder, environment, streams, exit code,
and caches that hold nothing of another run. `helpers.Sample.run` says where it differs.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import socket
import sys

from pipeline import workflow
from pipeline.cli import main
from pipeline.drafting.draft import draft
from pipeline.engines.pseudo import PseudoEngine
from pipeline.formats.read import READERS, read
from pipeline.model import Catalog
from pipeline.publish.render import to_html
from pipeline.terminology import glossary_file
from pipeline.terminology.glossary import Glossary
from pipeline.text import lemmas

TEXT = "The Ferry Must Stay\n\nOn March 3, 2025 it stayed, with 4.5 crowns at https://a.example.\n"


def warm() -> None:
    """Read, draft and build a text, so that what this loads is there: code, dictionaries, dates.

    Nothing here keeps anything of a project, or would do so from one run to the next.
    """
    lemmas.in_dictionary("ferry", "en")
    glossary_file.parse("terms: []", "glossary.yaml")
    for suffix in READERS:
        article = read(TEXT, suffix, "warm", "en")
        for locale in ("es", "ar"):
            empty = workflow.update(article, Catalog(locale), Glossary())
            drafted = draft(empty.messages, PseudoEngine(), "en", locale, Glossary())
            catalog = Catalog(locale, tuple(drafted))
            to_html(workflow.build(article, catalog, Glossary()))
    gc.collect()
    gc.freeze()


def serve(orders: socket.socket) -> list[str]:
    """Fork at each order, and tell the child's exit code; return in the child, with arguments.

    An order comes as four open files: what to run, and the child's three streams.
    """
    while True:
        _, files, _, _ = socket.recv_fds(orders, 1, 4)
        if not files:
            os._exit(0)
        child = os.fork()
        if not child:
            break
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        orders.send(bytes([os.waitstatus_to_exitcode(status) % 256]))
    orders.close()
    for place, file in enumerate(files[1:]):
        os.dup2(file, place)
        os.close(file)
    with open(files[0], encoding="ascii") as text:  # noqa: PTH123 - it has no name
        order = json.load(text)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[0] = order["folder"]  # as -m does
    return list(order["arguments"])


if __name__ == "__main__":
    warm()
    try:
        main(serve(socket.socket(fileno=int(sys.argv[1]))), prog_name="pipeline")
    except SystemExit as end:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(int(end.code or 0))  # taking all that was loaded down takes as long again
