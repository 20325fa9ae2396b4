"""The board: projects in the columns of their stages, how long they have been there, and what they wait for."""
