"""What people do with posts: one file a verb, keyword-only functions, the actor first."""
