-- A channel that nobody else knows.
listen :"channel"
