"""An idea is proposed: the form, saved as it is typed, and the check before it is submitted."""
