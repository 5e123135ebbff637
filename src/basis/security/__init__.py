"""Who somebody is and what they may do: users, roles, sessions, and rights as SQL conditions."""
