"""Examples: the tests usually expected in a specification, taken over as rows that a person confirms one by one."""
