"""Routes: the shortest chain of pairs from one language to another."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def shortest(
    edges: Iterable[tuple[Node, Node]],
    start: Node,
    goals: Sequence[Node],
    first: Sequence[Node] = (),
) -> list[Node]:
    """Return the shortest path from `start` to the nearest goal, as nodes; [] where there is none.

    Ties between goals go to the one named first; ties between paths to those through `first`,
    then to the one that sorts first, so that the answer does not depend on the order of `edges`.
    """

    def rank(node: Node) -> tuple[int, str]:
        return (first.index(node) if node in first else len(first), str(node))

    nexts: dict[Node, set[Node]] = {}
    for one, other in edges:
        nexts.setdefault(one, set()).add(other)
    ways: dict[Node, list[Node]] = {start: [start]}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in sorted(nexts.get(node, ()), key=rank):
            if other not in ways:
                ways[other] = [*ways[node], other]
                queue.append(other)
    found = [ways[goal] for goal in goals if goal in ways]
    return min(found, key=len, default=[])
