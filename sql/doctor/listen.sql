-- A channel of this look alone.
listen :"channel"
