"""What a sweep says: effects with intervals, how many seeds are enough, what matters, where policies fail, what is robust."""
