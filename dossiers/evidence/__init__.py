"""Tables of what is asked and what was found: specifications, batch analyses, stability. Judged as they are shown."""

from dossiers.evidence.batches import results
from dossiers.evidence.burden import burden
from dossiers.evidence.specifications import specification
from dossiers.evidence.studies import stability

__all__ = ["burden", "results", "specification", "stability"]
