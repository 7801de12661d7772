"""The rules of claims work. Standard library only: no Flask, no database, no clock.

Read in this order: lifecycle, business_days, deadlines, denials, facts, arguments, letters.
"""
