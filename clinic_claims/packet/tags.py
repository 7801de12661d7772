"""Keep the tags of the pages that we print: a bound letter is read aloud in the same order as alone.

Only our own press's tags are met here, where every element but the outermost names its page. What lies in exhibits is
an artifact: of a scan nothing can be read aloud, and the stamp under it says what it is.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf


def carry(whole: Pdf, source: Pdf, pages: Iterable[Page]) -> None:
    """Bring the tags of a file into the one that holds its pages already, under numbers that are free there.

    Pages whose tags are not as our press writes them go without.
    """
    numbered = list(_numbered(pages))
    if "/Nums" not in source.Root.get("/StructTreeRoot", {}).get("/ParentTree", {}):
        for holder, key in numbered:
            del holder[key]
        return
    root = _root(whole)
    copied, free = whole.copy_foreign(source.Root.StructTreeRoot), int(root.ParentTreeNextKey)
    for holder, key in numbered:
        holder[key] = int(holder[key]) + free
    numbers = [(int(number) + free, found) for number, found in _pairs(copied)]
    root.ParentTree.Nums = Array([*root.ParentTree.Nums, *(item for pair in numbers for item in pair)])
    root.ParentTreeNextKey = max((number for number, _ in numbers), default=free) + 1
    _adopt(root, _kids(copied))


def keep(part: Pdf, whole: Pdf) -> None:
    """Give a file that holds some pages of another the tags of those pages; a page left out takes its own along."""
    if "/StructTreeRoot" not in whole.Root:
        return
    root, copied = _root(part), part.copy_foreign(whole.Root.StructTreeRoot)
    here = {int(holder[key]) for holder, key in _numbered(part.pages)}
    root.ParentTree.Nums = Array([item for pair in _pairs(copied) if int(pair[0]) in here for item in pair])
    root.ParentTreeNextKey = copied.ParentTreeNextKey
    for document in _kids(copied):
        document.K = Array([kid for kid in _kids(document) if "/Pg" in kid])
    _adopt(root, [document for document in _kids(copied) if len(document.K)])
    part.Root.MarkInfo = Dictionary(Marked=True)


def _root(file: Pdf) -> Object:
    if "/StructTreeRoot" not in file.Root:
        tree = file.make_indirect(Dictionary(Nums=Array()))
        root = Dictionary(Type=Name.StructTreeRoot, K=Array(), ParentTree=tree, ParentTreeNextKey=0)
        file.Root.StructTreeRoot = file.make_indirect(root)
    return file.Root.StructTreeRoot


def _adopt(root: Object, kids: Iterable[Object]) -> None:
    for kid in kids:
        kid.P = root
        root.K.append(kid)


def _kids(element: Object) -> list[Any]:
    found = element.get("/K", [])
    return [*found] if isinstance(found, pikepdf.Array) else [found]


def _pairs(root: Object) -> list[tuple[Any, Any]]:
    numbers = list(root.ParentTree.Nums)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _numbered(pages: Iterable[Page]) -> Iterator[tuple[Object, str]]:
    """Give what a page holds that the tags call by number: itself, and its links."""
    for page in pages:
        if "/StructParents" in page.obj:
            yield page.obj, "/StructParents"
        yield from ((mark, "/StructParent") for mark in page.obj.get("/Annots", []) if "/StructParent" in mark)
