"""The benches of the delivery engine: a network on loopback, a field of data, the scenes."""
