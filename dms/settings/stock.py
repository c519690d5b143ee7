"""What the trade counts with; a group's accountant knows better, so each is the environment's to say."""

from . import env

# What a vehicle costs for each day in the yard: interest, place, washing, loss of value. Cents, without tax.
STOCK_HOLDING_COST_PER_DAY_CENTS = env.number("STOCK_HOLDING_COST_PER_DAY_CENTS", 12_00)

# VAT in hundredths of a percent, by ISO 3166-1 country; elsewhere prices are shown before tax, as in Canada.
STOCK_VAT = {"FR": 20_00}
