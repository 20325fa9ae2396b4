"""The verb of an act on several projects: all that was shown as possible happens, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from portal.bulk.acts import Wanted
from portal.bulk.queries import Case, Preview, locked, preview
from portal.db import Refused
from portal.rights import Asker
from portal.trail import Unit


class Moved(Exception):
    """The projects are not as they were shown any more, so nothing was done. `preview`: as they are, changes marked."""

    def __init__(self, preview: Preview):
        super().__init__("Some of it changed since it was shown, so nothing was done. Read it again, then confirm.")
        self.preview = preview


def confirm(session: Unit, who: Asker, wanted: Wanted, seen: Mapping[str, str]) -> Preview:
    """What was done: the act on every line that is possible, exactly as it was `seen` (key → seal of the line).

    Raises `Moved` if a line is another now (so that a form sent twice does nothing twice), `Refused` if none is
    possible or the form lacks something.
    """
    found = preview(session, Case(who, wanted, locked(session, who, seen)), seen)
    if found.seen != dict(seen):
        raise Moved(found.beside(seen))
    if not found.possible:
        raise Refused("Nothing of it can be done; choose other projects.")
    for line in found.possible:
        found.deed.do(session, who, line.project)
    return found
