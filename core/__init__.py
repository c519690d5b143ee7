"""The ground floor: domain signals, the clock, identifiers and the request's language of errors.

It knows neither tenants nor cars and imports Django only. Whatever needs a model belongs further up.
"""
