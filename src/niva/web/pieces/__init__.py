"""The page of a piece: what is asked, who has it, remarks, history."""
