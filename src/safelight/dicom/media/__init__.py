"""What is on a disc, in a folder or in an archive?"""
