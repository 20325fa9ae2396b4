"""Facts about advanced therapies in, documents out: no web, no session, no clock."""
