"""Operations on clients: the client itself, its goals, the rows of facts and costs."""
