"""What belongs to an idea beside its form: who carries it, its class, what was attached, what follows from a move."""
