"""Gate meetings: the days on which gates are judged, the agenda with its gate packs, and the minutes, in Word."""
