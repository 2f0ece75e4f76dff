"""Tokens for programs: a person makes one for a program that is to do some of what they may do themselves."""
