//! A Bot API server double: a library for tests, a program with a chat page for people
