"""When: the calendar, profiles and representative periods."""
