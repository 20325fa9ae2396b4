"""Checks: a linter for dossiers of advanced therapies. What an assessor would ask, found before submission.

Importing this package fills the catalogue `RULES`.
"""

from dossiers.checks import specification
from dossiers.checks.findings import Finding, Severity, State
from dossiers.checks.rules import RULES, SUBJECTS, Rule, chosen, find
from dossiers.checks.running import Question, Results, check, recheck
from dossiers.checks.seen import changed, edited
from dossiers.checks.settings import SettingFault, Settings, settings

SUBJECT_MODULES = (specification,)
"""Where the rules are declared, by subject."""

__all__ = [
    "RULES",
    "SUBJECTS",
    "SUBJECT_MODULES",
    "Finding",
    "Question",
    "Results",
    "Rule",
    "SettingFault",
    "Settings",
    "Severity",
    "State",
    "changed",
    "check",
    "chosen",
    "edited",
    "find",
    "recheck",
    "settings",
]
