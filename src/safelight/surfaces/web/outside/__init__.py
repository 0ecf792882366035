"""The pages of upload requests: of whoever asks for images, and of the outsider who sends them."""
