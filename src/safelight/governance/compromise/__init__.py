"""What happens when somebody says that it was not they?"""
