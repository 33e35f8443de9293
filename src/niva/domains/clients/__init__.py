"""Clients and their goals: whom the work is for, and what all of it must end in."""
