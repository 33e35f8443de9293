"""What changes leads: taking them in, moving them on, the client's word, erasing, the doors."""
