"""Results → tables: batches against their specification, stability studies over time. Judged when they are shown."""

from dossiers.evidence.batches import results
from dossiers.evidence.studies import stability

__all__ = ["results", "stability"]
