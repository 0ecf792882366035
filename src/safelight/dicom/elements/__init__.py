"""What is one data element, and what does its value say? (PS3.5)"""
