"""The project of the tests of records."""

from tests.portal.records.conftest import made

__all__ = ["made"]
