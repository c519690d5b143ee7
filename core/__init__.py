"""The ground floor: domain signals, the clock, identifiers, quick inserts and brief memories.

It knows neither tenants nor cars and imports Django only. Whatever needs a model belongs further up.
"""
