// Drop zones.
