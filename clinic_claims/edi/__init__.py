"""Readers of the files clinics exchange with payers: X12 835, 837, 277CA, 277, 278, 999, and spreadsheets.

Each reader takes the bytes of one file and gives back frozen records with money as `Decimal`, dates as `date`, and the
number of the segment each record came from. A reader knows its format and nothing of our claims.
"""
