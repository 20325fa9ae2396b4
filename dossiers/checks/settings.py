"""Thresholds, lists and tables that rules go by: data with source and date, which a house may overlay with its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import yaml

from dossiers.paths import folder

KNOWN = {"value", "unit", "means", "source", "as_of", "read"}


@dataclass(frozen=True)
class Setting:
    """One setting: its value (a number as text, a list of words, or a table), unit, meaning, source and its date."""

    name: str
    value: Any
    unit: str
    means: str
    source: str
    as_of: date
    read: str


class SettingFault(Exception):
    """A file of settings is wrong; the message names the file, the setting and the remedy."""


@dataclass(frozen=True)
class Settings:
    """All settings by name."""

    by_name: Mapping[str, Setting]

    def number(self, name: str) -> Decimal:
        """The number of that name, exact, in the setting's unit."""
        return Decimal(str(self.by_name[name].value))

    def words(self, name: str) -> frozenset[str]:
        """The list of that name, as a set."""
        return frozenset(map(str, self.by_name[name].value))

    def table(self, name: str) -> Mapping[str, Any]:
        """The table of that name."""
        table: Mapping[str, Any] = self.by_name[name].value
        return table

    def overlaid(self, text: str, where: str) -> Settings:
        """These settings with those in the YAML `text` in their place. Raises `SettingFault`."""
        own = _read(text, where)
        if strange := sorted(set(own) - set(self.by_name)):
            raise SettingFault(
                f"{where}: no rule goes by {', '.join(strange)}; `dossiers explain --settings` lists all."
            )
        for name, setting in own.items():
            if type(setting.value) is not type(self.by_name[name].value):
                raise SettingFault(f"{where}: {name} must be of the same kind as {self.by_name[name].value!r}.")
        return Settings({**self.by_name, **own})


@cache
def settings() -> Settings:
    """The settings that travel with the product: every file of `seeds/checks`."""
    found: dict[str, Setting] = {}
    for path in sorted((folder("seeds") / "checks").glob("*.yaml")):
        for name, setting in _read(path.read_text("utf-8"), path.name).items():
            if name in found:
                raise SettingFault(f"{path.name}: the setting {name} stands in two files.")
            found[name] = setting
    return Settings(found)


def _read(text: str, where: str) -> dict[str, Setting]:
    try:
        said = yaml.safe_load(text) or {}
    except yaml.YAMLError as why:
        raise SettingFault(f"{where}: this is no YAML: {why}") from None
    if not isinstance(said, dict):
        raise SettingFault(f"{where}: settings are a group: name → value, unit, means, source, as_of.")
    return {str(name): _setting(str(name), entry, where) for name, entry in said.items()}


def _setting(name: str, entry: Any, where: str) -> Setting:
    if not isinstance(entry, dict) or set(entry) - KNOWN or not {"value", "means", "source", "as_of"} <= set(entry):
        raise SettingFault(f"{where}: {name} says value, means, source and as_of, and may say unit and read.")
    value, as_of = entry["value"], entry["as_of"]
    if isinstance(value, float):
        value = str(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            value = str(Decimal(str(value)))
        except InvalidOperation:
            raise SettingFault(f"{where}: {name} must be a number, a list or a table; “{value}” is none.") from None
    if not isinstance(value, str | list | dict) or not isinstance(as_of, date):
        raise SettingFault(f"{where}: {name} needs a number, a list or a table, and the day it was taken (as_of).")
    return Setting(
        name, value, str(entry.get("unit", "")), entry["means"], entry["source"], as_of, entry.get("read", "verify")
    )
