//! Stories through the real border: sandbox, real libraries, real databases
