"""Results → tables: batches against their specification, stability studies over time. Judged when they are shown."""

from dossiers.analyses.batches import results
from dossiers.analyses.studies import stability

__all__ = ["results", "stability"]
