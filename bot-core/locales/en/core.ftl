# What the core says, in English: complete, and what every other language falls back to.
