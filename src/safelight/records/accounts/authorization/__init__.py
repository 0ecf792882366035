"""What a person approves at one moment: asked, answered, used once."""
