"""What if a patient signs on paper? Two people of the institution record it, then it opens."""
