"""All kinds of record, and the register of them in the order of the editor's menu."""
from dossiers.records.base import Record
import importlib, pkgutil
RECORDS: dict[str, type[Record]] = {}
for _m in ("product","dossier","regulatory","proposal","sites","substance","donors","materials","process","development","quality","results","formulation","stability","nonclinical","clinical"):
    try: _mod = importlib.import_module(f"dossiers.records.{_m}")
    except ModuleNotFoundError: continue
    for _c in list(vars(_mod).values()):
        if isinstance(_c, type) and issubclass(_c, Record) and _c is not Record and _c.__module__==_mod.__name__: RECORDS[_c.kind()] = _c
