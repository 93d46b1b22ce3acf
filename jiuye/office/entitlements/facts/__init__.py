"""What our records say of a subject on a day, in the pack's words: one set of SQL expressions for one and for everyone.

A pack's facts.yaml binds each fact to a name here (`binding: person.birth_date`); the expression behind the name is used
both for the nightly columns and for re-deciding one person, so that the two can never read differently.
"""
